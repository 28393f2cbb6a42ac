"""The sources room, as Django knows it."""

from django.apps import AppConfig


class SourcesConfig(AppConfig):
    """Tables of holders, their lists and contributions."""

    name = "datacoop.sources"
    label = "sources"

    def ready(self) -> None:
        """Register what is erased in time."""
        from datacoop.jobs.actions import register, schedule  # noqa: PLC0415 -- models must be loaded
        from datacoop.sources.keeping import keep_in_time  # noqa: PLC0415

        register("sources.keep_in_time", keep_in_time)
        schedule("sources.keep_in_time", every_seconds=3600)
