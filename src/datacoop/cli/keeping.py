"""What `datacoop doctor` says of backups: when the last one was made, and where withdrawals are copied to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from datacoop.consent.holding_back import is_holding_back
from datacoop.jobs.queries import count_held
from datacoop.pipelines.keeping import unfinished
from datacoop.pipelines.keeping.backing_up import last_backup
from datacoop.records import withdrawals
from datacoop.records.endings import is_holding

#: An older backup is a problem; a daily one is advised.
OLDEST = timedelta(days=7)


def problems(now: datetime) -> Iterator[str]:
    """Yield what is wrong, one sentence each, with what to do."""
    if unfinished.is_unfinished():
        yield "A restore was interrupted and nothing is served: run `datacoop restore --resume`."
    last = last_backup()
    if last is not None and now - datetime.fromisoformat(str(last["at"])) > OLDEST:
        yield f"The last backup is of {_day(last)}: run `datacoop backup` every day."
    copy = withdrawals.copy_path()
    if copy is not None and not withdrawals.is_copied():
        yield f"The second copy of withdrawals.log ({copy}) is not up to date: can that place be written?"
    if copy is not None and copy.parent.resolve() == Path(settings.DATACOOP_DATA_DIR).resolve():
        yield "DATACOOP_WITHDRAWALS_COPY lies in the data folder: put it on another disk, or both are lost together."
    try:
        if is_holding_back() or is_holding():
            yield "A restore without withdrawals.log holds back values and rights: see `datacoop restore --confirm`."
        if held := count_held():
            yield f"A restore holds {held} mails: run `datacoop restore --send-mails`, or `--drop-mails` if they left."
    except DatabaseError:
        return  # told by the check of the database


def hints() -> Iterator[str]:
    """Yield how backups stand: nothing is wrong."""
    last = last_backup()
    if last is None:
        yield "No backup was ever made: set DATACOOP_BACKUP_PASSPHRASE and run `datacoop backup FILE` every day."
    else:
        yield f"The last backup was made on {_day(last)}: {last['file']}."
    copy = withdrawals.copy_path()
    if copy is None:
        yield (
            "withdrawals.log has no second place: set DATACOOP_WITHDRAWALS_COPY to another disk. Without the log, an "
            "old backup does not know what was withdrawn since."
        )
    elif withdrawals.is_copied():
        yield f"withdrawals.log is copied to {copy}; the copy is up to date."


def _day(last: dict[str, object]) -> str:
    return f"{datetime.fromisoformat(str(last['at'])):%Y-%m-%d %H:%M} UTC"
