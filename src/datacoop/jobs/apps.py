"""Django's registration of the jobs room; other rooms register their work in their own `ready()`."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "datacoop.jobs"
    default_auto_field = "django.db.models.BigAutoField"
