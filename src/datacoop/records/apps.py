"""The records room, as Django knows it."""

from django.apps import AppConfig

#: A day, less what the worker may be late: at least one checkpoint falls on each.
_DAY_SECONDS = 24 * 3600 - 600


class RecordsConfig(AppConfig):
    """Tables of statements, records and revisions."""

    name = "datacoop.records"
    label = "records"

    def ready(self) -> None:
        """Say how the ledger's links to somebody erased are destroyed, what is told of what is kept; close the day."""
        from datacoop.jobs.actions import register as register_job  # noqa: PLC0415 -- models must be loaded
        from datacoop.jobs.actions import schedule  # noqa: PLC0415
        from datacoop.records import tellers, telling  # noqa: PLC0415
        from datacoop.records.actions.closing import close_day  # noqa: PLC0415
        from datacoop.records.actions.tracing import forget_traces  # noqa: PLC0415
        from datacoop.records.erasers import register  # noqa: PLC0415

        _keep_endings()
        register("records", at_once=lambda erasure: forget_traces(erasure.record_ids))
        tellers.register("records", telling.tell)
        register_job("ledger.checkpoint", close_day)
        schedule("ledger.checkpoint", _DAY_SECONDS)


def _keep_endings() -> None:
    """Keep what ends in the rooms below, and say how it ends again."""
    from datacoop.accounts import closing, endings  # noqa: PLC0415 -- models must be loaded
    from datacoop.records.endings import Ending, note_ended, register  # noqa: PLC0415

    endings.note_with(note_ended)
    register(endings.MANDATE, Ending(closing.alive_mandates, closing.stop_mandates, closing.revive_mandates))
    register(endings.CLIENT, Ending(closing.alive_clients, closing.stop_clients, closing.revive_clients))
    register(endings.ACCOUNT, Ending(closing.alive_accounts, closing.stop_accounts, closing.revive_accounts))
