"""The linking room, as Django knows it."""

from django.apps import AppConfig


class LinkingConfig(AppConfig):
    """Tables of profiles, their keys, look-alikes and judgements."""

    name = "datacoop.linking"
    label = "linking"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what goes with somebody who is erased, and what is told them."""
        from datacoop.linking.actions import forget  # noqa: PLC0415 -- models must be loaded
        from datacoop.linking.telling import tell  # noqa: PLC0415
        from datacoop.records import erasers, tellers  # noqa: PLC0415

        tellers.register("linking", tell)
        erasers.register("linking", at_once=lambda e: forget(record_ids=list(e.record_ids)))
