"""The linking room, as Django knows it."""

from django.apps import AppConfig

#: The folder of the data folder where models lie that this cooperative trained.
MODELS = "models"


class LinkingConfig(AppConfig):
    """Tables of profiles, their keys, look-alikes and judgements."""

    name = "datacoop.linking"
    label = "linking"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what goes with somebody who is erased, and what is told them."""
        from django.conf import settings  # noqa: PLC0415

        from datacoop.linking.actions import forget  # noqa: PLC0415 -- models must be loaded
        from datacoop.linking.rules.trained import use_own  # noqa: PLC0415
        from datacoop.linking.telling import tell  # noqa: PLC0415
        from datacoop.records import erasers, tellers  # noqa: PLC0415

        use_own(settings.DATACOOP_DATA_DIR / MODELS)
        tellers.register("linking", tell)
        erasers.register("linking", at_once=lambda e: forget(record_ids=list(e.record_ids)))
