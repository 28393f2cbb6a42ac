"""The directory as a Django application."""

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """Messages waiting to be passed on are its only table."""

    name = "datacoop.directory"
    label = "directory"
    verbose_name = "Directory"

    def ready(self) -> None:
        """Register what goes with somebody who is erased, what is told them, and who hands messages on."""
        from datacoop.directory import rules  # noqa: PLC0415 -- models must be loaded
        from datacoop.directory.actions import forget, forget_naming  # noqa: PLC0415
        from datacoop.directory.relaying import relay  # noqa: PLC0415
        from datacoop.directory.telling import tell  # noqa: PLC0415
        from datacoop.jobs.actions import register  # noqa: PLC0415
        from datacoop.records import erasers, tellers  # noqa: PLC0415

        register(rules.RELAY, relay, mails=True)
        tellers.register("directory", tell)
        erasers.register(
            "directory", at_once=lambda e: forget(record_uids=e.uids), before=lambda e: forget_naming(e.traits)
        )
