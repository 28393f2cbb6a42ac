"""The sources room, as Django knows it."""

from django.apps import AppConfig


class SourcesConfig(AppConfig):
    """Tables of holders, their lists and contributions."""

    name = "datacoop.sources"
    label = "sources"
