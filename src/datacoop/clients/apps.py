"""Django's registration of the room of clients, and its jobs."""

from django.apps import AppConfig

_HOURLY, _WEEKLY = 3600, 7 * 24 * 3600


class ClientsConfig(AppConfig):
    name = "datacoop.clients"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say who reminds whom. Models cannot be imported before."""
        from datacoop.clients import actions, approving, joining  # noqa: PLC0415
        from datacoop.jobs.actions import register, schedule  # noqa: PLC0415

        register(actions.REMIND, actions.remind)
        schedule(actions.REMIND, _HOURLY)
        register(actions.MAIL, actions.mail_reminder, mails=True)
        register(approving.APPROVE, approving.approve_announced)
        schedule(approving.APPROVE, _HOURLY)
        register(approving.MAIL, approving.mail_decision, mails=True)
        register(joining.TELL, joining.tell_of_new)
        schedule(joining.TELL, _WEEKLY)
        register(joining.MAIL, joining.mail_of_new, mails=True)
        register(joining.JOIN, joining.join_due)
        schedule(joining.JOIN, _HOURLY)
