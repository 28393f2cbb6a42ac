"""The consent room, as Django knows it."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """Tables of audiences, agreements and decisions."""

    name = "datacoop.consent"
    label = "consent"

    def ready(self) -> None:
        """Register what goes with somebody who is erased, and what is told somebody of what is kept."""
        from datacoop.consent.ending import register_endings  # noqa: PLC0415 -- models must be loaded
        from datacoop.consent.erasing import forget  # noqa: PLC0415
        from datacoop.consent.telling import tell  # noqa: PLC0415
        from datacoop.records import erasers, tellers  # noqa: PLC0415

        erasers.register("consent", at_once=forget)
        tellers.register("consent", tell)
        register_endings()
