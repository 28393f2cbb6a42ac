"""The records room, as Django knows it."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """Tables of statements, records and revisions."""

    name = "datacoop.records"
    label = "records"

    def ready(self) -> None:
        """Say how the ledger's links to somebody erased are destroyed."""
        from datacoop.records.actions.tracing import forget_traces  # noqa: PLC0415 -- models must be loaded
        from datacoop.records.erasers import register  # noqa: PLC0415

        register("records", at_once=lambda erasure: forget_traces(erasure.record_ids))
