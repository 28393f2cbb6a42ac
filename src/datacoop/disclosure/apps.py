"""The disclosure room, as Django knows it."""

from datetime import datetime

from django.apps import AppConfig

#: How often the worker looks for what is due. Readers never depend on it.
SETTLE_SECONDS = 15
#: How often the hours that are over are looked at; each gives one entry for each agreement.
_ENTER_SECONDS = 1200
#: How often SQLite's log is emptied; twice within the hour that law 8 gives.
_EMPTY_SECONDS = 1500

#: How often late clients are looked for.
_HOLD_SECONDS = 600
#: How often retractions that are too old are removed.
_SWEEP_SECONDS = 86_400
#: How often it is looked whether a month has begun, so that dates of recurring records come within two years.
_ROLL_SECONDS = 21_600


class DisclosureConfig(AppConfig):
    """Tables of views and index rows, and the listener that compiles them."""

    name = "datacoop.disclosure"
    label = "disclosure"

    def ready(self) -> None:
        """Listen to the records that change; without this, revisions refuse to commit."""
        from datacoop.disclosure import late, purging  # noqa: PLC0415
        from datacoop.disclosure.compile import retracting, rolling  # noqa: PLC0415
        from datacoop.disclosure.compile.listening import compile_change  # noqa: PLC0415 -- models must be loaded
        from datacoop.disclosure.delivered import enter_deliveries  # noqa: PLC0415
        from datacoop.jobs.actions import register, schedule  # noqa: PLC0415
        from datacoop.records import erasers  # noqa: PLC0415
        from datacoop.records.signals import records_changed  # noqa: PLC0415

        records_changed.connect(compile_change, dispatch_uid="disclosure.compile")
        register("disclosure.settle", _settle)
        schedule("disclosure.settle", SETTLE_SECONDS)
        register("disclosure.enter_deliveries", enter_deliveries)
        schedule("disclosure.enter_deliveries", _ENTER_SECONDS)
        register(purging.PURGE, purging.purge)
        register(purging.EMPTY_LOG, purging.empty_log)
        schedule(purging.EMPTY_LOG, _EMPTY_SECONDS)
        register(retracting.SWEEP, retracting.sweep_retractions)
        schedule(retracting.SWEEP, _SWEEP_SECONDS)
        register(rolling.ROLL, rolling.roll)
        schedule(rolling.ROLL, _ROLL_SECONDS)
        register(late.HOLD, late.hold_late)
        schedule(late.HOLD, _HOLD_SECONDS)
        erasers.register("disclosure", at_once=purging.purge_soon)


def _settle(*, now: datetime) -> None:
    """Do on time what readers would otherwise wait for, and go on with contributions a stopped process left."""
    from datacoop.disclosure.actions import finish_contributions  # noqa: PLC0415 -- models must be loaded

    finish_contributions(now)
