"""The records room, as Django knows it."""

from django.apps import AppConfig

#: A day, less what the worker may be late: at least one checkpoint falls on each.
_DAY_SECONDS = 24 * 3600 - 600


class RecordsConfig(AppConfig):
    """Tables of statements, records and revisions."""

    name = "datacoop.records"
    label = "records"

    def ready(self) -> None:
        """Say how the ledger's links to somebody erased are destroyed, and close its day."""
        from datacoop.jobs.actions import register as register_job  # noqa: PLC0415 -- models must be loaded
        from datacoop.jobs.actions import schedule  # noqa: PLC0415
        from datacoop.records.actions.closing import close_day  # noqa: PLC0415
        from datacoop.records.actions.tracing import forget_traces  # noqa: PLC0415
        from datacoop.records.erasers import register  # noqa: PLC0415

        register("records", at_once=lambda erasure: forget_traces(erasure.record_ids))
        register_job("ledger.checkpoint", close_day)
        schedule("ledger.checkpoint", _DAY_SECONDS)
