"""Django's registration of the ledger; it does nothing else."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "datacoop.ledger"
    default_auto_field = "django.db.models.BigAutoField"
