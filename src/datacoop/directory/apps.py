"""The directory as a Django application."""

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """Messages waiting to be passed on are its only table."""

    name = "datacoop.directory"
    label = "directory"
    verbose_name = "Directory"
