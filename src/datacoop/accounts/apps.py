"""Django's registration of the accounts room, and its daily sweep."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "datacoop.accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models cannot be imported before Django is ready.
        from datacoop.accounts import actions  # noqa: PLC0415
        from datacoop.jobs import actions as jobs  # noqa: PLC0415

        jobs.register("accounts.sweep", actions.sweep)
        jobs.schedule("accounts.sweep", every_seconds=24 * 3600)
