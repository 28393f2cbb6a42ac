"""The consent room, as Django knows it."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """Tables of audiences, agreements and decisions."""

    name = "datacoop.consent"
    label = "consent"

    def ready(self) -> None:
        """Register what goes with somebody who is erased."""
        from datacoop.consent.erasing import forget  # noqa: PLC0415 -- models must be loaded
        from datacoop.records import erasers  # noqa: PLC0415

        erasers.register("consent", at_once=forget)
