"""The records room, as Django knows it."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """Tables of statements, records and revisions."""

    name = "datacoop.records"
    label = "records"
