"""Django's registration of the room of outgoing messages."""

from django.apps import AppConfig


class PostConfig(AppConfig):
    name = "datacoop.post"
    default_auto_field = "django.db.models.BigAutoField"
