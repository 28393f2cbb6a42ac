"""The portal as a Django application; it has no tables."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Pages in four languages."""

    name = "datacoop.portal"
    label = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        """Say who mails codes, who removes old files, and what browsers left here of somebody."""
        from datacoop.jobs.actions import register, schedule  # noqa: PLC0415 -- models must be loaded
        from datacoop.pipelines import uploads  # noqa: PLC0415
        from datacoop.portal import authenticators, entrance, reaching, remembering  # noqa: PLC0415
        from datacoop.records import erasers, tellers  # noqa: PLC0415

        authenticators.register_endings()
        erasers.register("portal", before=remembering.forget)
        tellers.register("portal", remembering.tell)
        register(entrance.JOB, entrance.send_code, mails=True)
        register(reaching.JOB, reaching.send_own_code, mails=True)
        register(uploads.SWEEP, uploads.sweep)
        schedule(uploads.SWEEP, uploads.SWEEP_SECONDS)
