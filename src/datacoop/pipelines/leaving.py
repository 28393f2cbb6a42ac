"""A holder leaves in one step: its agreement ends, its lists are taken back with tombstones, its own columns erased.

What persons and organisations said of themselves is theirs and stays. Each list goes by one more contribution, all or
nothing like any other (law 7), and a job goes on where a process was stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction

from datacoop.accounts.holding import end_key
from datacoop.jobs.actions import enqueue
from datacoop.ledger.actions import append
from datacoop.lib.sheets import Sheet
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.coverage.passing import passed_rows
from datacoop.pipelines.coverage.taking_away import whole_list
from datacoop.pipelines.intake import Intake
from datacoop.pipelines.pulling import drop
from datacoop.pipelines.unpublishing import note_unpublished
from datacoop.records.actions.publishing import end_attestation
from datacoop.records.actions.revising import take_writers_lock
from datacoop.rights.actions.agreeing import leave as end_agreement
from datacoop.sources.forgetting import erase_kept
from datacoop.sources.owning import HolderFacts, OwnList, find_holder, list_own
from datacoop.sources.pulls import stop_pulling
from datacoop.sources.queries import count_rows
from datacoop.sources.spoken import lists_of

FINISH = "pipelines.finish_leaving"
#: A job looks after so long whether a process was stopped in the middle.
_LOOK_AFTER = timedelta(minutes=15)

Clock = Callable[[], datetime]


class NothingToLeave(LookupError):
    """There is no such holder, or it has left and nothing of its lists stands."""


@dataclass(frozen=True)
class Standing:
    """One list of a holder: how many rows it has, and how many of them those they are about corrected for it."""

    holder: HolderFacts
    own: OwnList
    rows: int
    corrected: int

    def sheet(self, *, language: str) -> Sheet:
        """Return what the holder takes along of it; `language` of words that we chose."""
        return whole_list(self.holder, self.own, language=language)


@dataclass(frozen=True)
class Left:
    """What was taken back: rows by list."""

    holder: str
    rows: dict[str, int]


def look(holder: HolderFacts) -> list[Standing]:
    """Return what stands of a holder's lists. Nothing is changed."""
    owned = list_own(holder.uid)
    counts = count_rows([each.source_id for each in owned])
    standing = [each for each in owned if counts[each.source_id]]
    return [Standing(holder, e, counts[e.source_id], len(passed_rows(holder, e))) for e in standing]


def leave(*, holder: UUID, actor: str, clock: Clock = lambda: datetime.now(UTC)) -> Left:
    """End what a holder signed, its key too, and take back all its lists; return when nothing of them is told any more.

    First, and in one transaction, it is noted that the holder leaves: whatever stops this process then, the job goes
    on. Its lists are pulled no longer. Raises: NothingToLeave.
    """
    now, found = clock(), find_holder(holder)
    if found is None:
        raise NothingToLeave("There is no such holder.")
    with transaction.atomic():
        take_writers_lock()
        has_ended = end_agreement(holder=holder, actor=actor, now=now)
        owned = list_own(holder)
        if not has_ended and not any(count_rows([each.source_id for each in owned]).values()):
            raise NothingToLeave(f"“{found.name}” has left: nothing of its lists stands.")
        # Whoever comes back gets another one: this one may lie in a program that nobody looks after any more.
        end_key(holder=holder, now=now)
        append(at=now, kind="holder.leaving", payload={"holder": holder.hex, "actor": actor, "lists": len(owned)})
        enqueue(name=FINISH, payload={"holder": str(holder)}, due_at=now + _LOOK_AFTER, now=now)
        for number in lists_of(holder):
            stop_pulling(number)
    return Left(found.name, finish(holder=holder, actor=actor, clock=clock))


def finish_leaving(*, holder: str, now: datetime) -> int:
    """Go on with a leaving that was interrupted. A job; return how many rows were taken back."""
    return sum(finish(holder=UUID(holder), actor="leaving", clock=lambda: now).values())


def finish(*, holder: UUID, actor: str, clock: Clock) -> dict[str, int]:
    """Take back what still stands of a holder's lists, and erase what is kept for it alone. Repeatable."""
    found, taken = find_holder(holder), {}
    for own in list_own(holder):
        rows = count_rows([own.source_id])[own.source_id]
        if rows and found is not None:
            # A delivery without a file: every row has vanished, and that is meant.
            intake = Intake((), found.name, own.name, own.kind, accept_removals=True, accept_unlike=True)
            contribute(intake, actor=actor, clock=clock)
            taken[own.name] = rows
        if own.published:
            _unpublish(own.source_id, clock())
    for number in lists_of(holder):
        drop(number)
        erase_kept(number)
    return taken


def _unpublish(source_id: int, now: datetime) -> None:
    """Nothing is said by the list any more that would have to be compiled again."""
    with transaction.atomic():
        take_writers_lock()
        note_unpublished(source_id, at=now)
        end_attestation(source_id)
