"""The consent room, as Django knows it."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """Tables of audiences, agreements and decisions."""

    name = "datacoop.consent"
    label = "consent"
