"""Hear of every revision before it commits, and compile what it touched."""

from __future__ import annotations

from datacoop.disclosure.compile.compiling import compile_records
from datacoop.disclosure.due import set_clock
from datacoop.disclosure.models import Pending
from datacoop.records.actions.restating import parted_from
from datacoop.records.actions.staging import touched_by
from datacoop.records.rules import Change

#: A contribution that ends what fewer records say is compiled in the revision that accepts it.
AT_ONCE = 200


def compile_change(*, change: Change, **_: object) -> None:
    """Compile the records a revision touched; note an accepted contribution for the batches that follow.

    What a contribution takes away takes effect with its acceptance (law 7): compiled at once where it is little,
    else readers wait until the narrowing batches are through.
    """
    if change.contribution is not None:
        source, number = change.contribution
        ended = touched_by(source, number, ended=True, after=-1, limit=AT_ONCE + 1)
        at_once = len(ended) <= AT_ONCE
        Pending.objects.create(source_id=source, number=number, narrowing=not at_once)
        now = {*ended, *parted_from(source, number, ended)} if at_once else set()
        compile_records({*change.touched, *now}, now=change.at)
        set_clock()
    elif change.touched:
        compile_records(change.touched, now=change.at)
