"""Django's registration of the room of rights."""

from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "datacoop.rights"
    default_auto_field = "django.db.models.BigAutoField"
