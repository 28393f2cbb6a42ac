"""The pipelines as a Django application; they have no tables."""

from django.apps import AppConfig

SWEEP_TRIES = "pipelines.sweep_tries"
_SWEEP_SECONDS = 300


class PipelinesConfig(AppConfig):
    """Stories across rooms, and what they do on their own."""

    name = "datacoop.pipelines"
    label = "pipelines"
    verbose_name = "Pipelines"

    def ready(self) -> None:
        """Say what is done again and again."""
        from datacoop.jobs.actions import register, schedule  # noqa: PLC0415 -- models must be loaded
        from datacoop.pipelines.trying.held import sweep  # noqa: PLC0415

        register(SWEEP_TRIES, sweep)
        schedule(SWEEP_TRIES, _SWEEP_SECONDS)
