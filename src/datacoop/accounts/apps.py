"""Django's registration of the accounts room, and its daily sweep."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "datacoop.accounts"
    default_auto_field = "django.db.models.BigAutoField"
