"""The portal as a Django application; it has no tables."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Pages in four languages."""

    name = "datacoop.portal"
    label = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        from datacoop.jobs import actions as jobs
        from datacoop.portal import entrance

        jobs.register(entrance.JOB, entrance.send_link)
