"""The sources room, as Django knows it."""

from django.apps import AppConfig


class SourcesConfig(AppConfig):
    """Tables of holders, their lists and contributions."""

    name = "datacoop.sources"
    label = "sources"

    def ready(self) -> None:
        """Register what is erased in time, and with somebody, and what is told them."""
        from datacoop.jobs.actions import register, schedule  # noqa: PLC0415 -- models must be loaded
        from datacoop.records import erasers, tellers  # noqa: PLC0415
        from datacoop.sources.forgetting import erase_naming, erase_own_of, keep_in_time  # noqa: PLC0415
        from datacoop.sources.telling import tell  # noqa: PLC0415

        tellers.register("sources", tell)
        register("sources.keep_in_time", keep_in_time)
        schedule("sources.keep_in_time", every_seconds=3600)
        erasers.register(
            "sources", at_once=lambda e: erase_own_of(e.record_ids), before=lambda e: erase_naming(e.traits)
        )
