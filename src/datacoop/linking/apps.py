"""The linking room, as Django knows it."""

from django.apps import AppConfig


class LinkingConfig(AppConfig):
    """Tables of profiles, their keys, look-alikes and judgements."""

    name = "datacoop.linking"
    label = "linking"
    default_auto_field = "django.db.models.BigAutoField"
