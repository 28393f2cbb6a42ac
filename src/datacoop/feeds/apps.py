"""Django's registration of what leaves, and its jobs."""

from django.apps import AppConfig

#: How often it is looked whether clients have something to fetch.
_LOOK_SECONDS = 60


class FeedsConfig(AppConfig):
    name = "datacoop.feeds"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say who tells whom. Models cannot be imported before."""
        from datacoop.feeds import actions, notifying, unreached  # noqa: PLC0415
        from datacoop.jobs.actions import register, schedule  # noqa: PLC0415

        register(notifying.LOOK, notifying.look_for_news)
        schedule(notifying.LOOK, _LOOK_SECONDS)
        register(actions.SEND, notifying.send_message)
        register(unreached.MAIL, unreached.mail_of_failure, mails=True)
