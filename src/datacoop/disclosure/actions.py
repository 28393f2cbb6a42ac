"""Settle what is due, and finish the views of accepted contributions."""

from __future__ import annotations

from datetime import datetime

from datacoop.disclosure.compile.compiling import compile_records
from datacoop.disclosure.due import list_due, set_clock
from datacoop.disclosure.models import Pending
from datacoop.records.actions.restating import parted_from
from datacoop.records.actions.revising import revision
from datacoop.records.actions.staging import touched_by
from datacoop.records.turns import Turn, in_background

#: Records compiled without a look at who waits: a decision taken meanwhile waits no longer than these take.
BATCH = 100


def settle(now: datetime) -> int:
    """Compile everything due by `now` and every narrowing under way; return how many records were compiled.

    Readers that find something due call this before they answer. Each batch is one short revision.
    """
    settled = 0
    while Pending.objects.filter(narrowing=True).exists():
        settled += compile_pending(now=now, narrowing=True)
    while due := list_due(now, BATCH):
        with revision(actor="clock", now=now, why="due") as draft:
            draft.touch(*due)
        settled += len(due)
    return settled


def finish_contributions(now: datetime) -> int:
    """Compile all views of accepted contributions that are still missing; return how many records."""
    done = settle(now)
    with in_background():
        while Pending.objects.exists():
            done += compile_pending(now=now, narrowing=False)
    return done


def compile_pending(*, now: datetime, narrowing: bool) -> int:
    """Compile records of one accepted contribution for one turn; resumable: they and the progress commit together."""
    compiled = 0
    with revision(actor="contribution", now=now, why="views of a contribution") as draft:
        pending = Pending.objects.order_by("-narrowing", "id").first()
        if pending is None or (narrowing and not pending.narrowing):
            return 0
        turn, ids = Turn(), [0]
        while ids and turn.goes_on():
            ids = touched_by(
                pending.source_id, pending.number, ended=pending.narrowing, after=pending.after, limit=BATCH
            )
            compile_records({*ids, *parted_from(pending.source_id, pending.number, ids)}, now=now)
            _advance(pending, ids)
            compiled += len(ids)
        draft.enter("records.revised", records=compiled)
        set_clock()
    return compiled


def recompile_source(source_id: int, *, narrowing: bool = False) -> None:
    """Note that everything a source ever spoke of must be compiled again: it is published now, or no longer.

    While it is `narrowing`, readers settle it before they are answered.
    """
    made, is_new = Pending.objects.get_or_create(source_id=source_id, number=0, defaults={"narrowing": narrowing})
    if not is_new and (narrowing or not made.narrowing):
        made.narrowing, made.after = narrowing or made.narrowing, -1
        made.save(update_fields=["narrowing", "after"])


def pending_contributions() -> int:
    """Return how many accepted contributions still have views to compile."""
    return Pending.objects.count()


def _advance(pending: Pending, ids: list[int]) -> None:
    if ids:
        pending.after = ids[-1]
        pending.save(update_fields=["after"])
    elif pending.narrowing:
        pending.narrowing, pending.after = False, -1
        pending.save(update_fields=["narrowing", "after"])
    else:
        pending.delete()
