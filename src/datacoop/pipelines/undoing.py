"""Undo the last contribution of a list: a further contribution, built from the statements alone (decision 0016).

All or nothing like any other: staged invisibly, accepted in one revision, views in resumable batches. What people
decided since stays decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import cast

from django.db import transaction

from datacoop.disclosure.actions import finish_contributions, recompile_source
from datacoop.disclosure.counting import as_public
from datacoop.linking.actions import Linker, drop_look_alikes
from datacoop.linking.queries import merges_brought_by
from datacoop.linking.settling import settle_contribution
from datacoop.pipelines.intake import Report
from datacoop.pipelines.sharing import AT_ONCE, Sharing
from datacoop.pipelines.unpublishing import note_unpublished
from datacoop.records.actions.publishing import attest_as_before
from datacoop.records.actions.restating import part, restate, unmark
from datacoop.records.actions.revising import Draft, revision
from datacoop.records.actions.staging import abandon, accept, open_staging, touched_by
from datacoop.records.actions.tracing import drop_subtree, grow_contribution
from datacoop.records.actions.unsaying import ended_by
from datacoop.records.actions.withholding import give_back, unite, withheld_among, withhold
from datacoop.records.turns import in_background
from datacoop.sources.actions import (
    RowBefore,
    RowBook,
    SupersededError,
    close_contribution,
    drop_contribution,
    hold,
    is_under_way,
    mark_accepted,
    open_contribution,
    save_reading,
)
from datacoop.sources.forgetting import tidy
from datacoop.sources.history import ACCEPTED, Accepted, find_accepted, marked_by
from datacoop.sources.queries import ListFacts, Opened, TakenBack, get_list, present_records

Progress = Callable[[str, int], None]
Clock = Callable[[], datetime]


class UndoRefused(Exception):
    """Nothing was undone; the message says why and what to do."""


@dataclass(frozen=True)
class Undone:
    """What was undone: the number of the contribution, and what that changed."""

    holder: str
    source: str
    number: int
    counts: Counter[str]


def undoable(source_id: int) -> Accepted:
    """Return the contribution that undoing would take back.

    Raises:
        UndoRefused: there is none, or the last one is an undoing itself.
    """
    last = find_accepted(source_id)
    if last is None:
        raise UndoRefused("Nothing of this list was accepted: there is nothing to undo.")
    if last.undoes is not None:
        raise UndoRefused("The last contribution was undone already; import the file that shall hold.")
    return last


def undo_last(
    *,
    source_id: int,
    actor: str,
    clock: Clock = lambda: datetime.now(UTC),
    progress: Progress = lambda _stage, _records: None,
) -> Undone:
    """Take the last accepted contribution of a list back, and return when the views are compiled.

    Raises:
        UndoRefused: there is nothing to undo, or another import of the list began meanwhile.
    """
    last = undoable(source_id)
    listed = get_list(source_id)
    restored = find_accepted(source_id, number=last.number - 1)
    opened = open_contribution(
        source_id=source_id, names=[], sha256=restored.sha256 if restored else "", actor=actor, now=clock(),
        undoes=last.number,
    )  # fmt: skip
    with in_background():
        undoing: _Undoing | None = None
        try:
            undoing = _Undoing(_Asked(listed, last, restored, opened), progress, clock())
            undoing.stage()
            undoing.accept(actor, clock())
        except BaseException as error:
            if undoing is not None and is_under_way(opened):
                undoing.abandon()
            drop_contribution(opened)
            if isinstance(error, SupersededError):
                raise UndoRefused(str(error)) from error
            raise
        return undoing.finish(clock())


@dataclass(frozen=True)
class _Asked:
    """Which contribution of which list is undone (`last`), by which, and which one holds again, None: none."""

    listed: ListFacts
    last: Accepted
    restored: Accepted | None
    opened: Opened


def _how(row: RowBefore) -> str:
    """What the contribution brought vanishes, what it took away is new again."""
    if not row.content:
        return "vanished"
    return "changed" if row.is_in else "new"


class _Undoing:
    """The state of one run."""

    def __init__(self, asked: _Asked, progress: Progress, now: datetime) -> None:
        """Open it, clearing away what an interrupted contribution left."""
        self.asked, self.last, self.opened, self.progress = asked, asked.last, asked.opened, progress
        self.source_id, kind = asked.opened.source_id, asked.listed.kind
        self.counts: Counter[str] = Counter()
        self.touched = 0
        self.withheld: set[int] = set()
        self._check = partial(hold, self.opened)
        self.staging = open_staging(source_id=self.source_id, now=now, check=self._check)
        self.book = RowBook(self.source_id, self.opened.number)
        self.book.clear(self._check)
        self.linker = Linker(source_id=self.source_id, number=self.opened.number, kind=kind, now=now, check=self._check)
        self.sharing = Sharing(self.opened)
        self.marked = marked_by(self.source_id, self.last.number)
        self.merges = merges_brought_by(self.source_id, self.last.number)
        #: Records that were merged although the contribution said nothing new of them.
        self.unsaid = set(self.merges.others)

    def stage(self) -> None:
        """Stage everything, invisibly, in short transactions."""
        for records, ended in self._batches():
            with transaction.atomic():
                hold(self.opened)
                restate(self.staging, record_ids=records)
            self.linker.put_back(records)
            self.withheld |= withheld_among(ended)
            self.touched += len(records)
            self.unsaid -= set(records)
            self.progress("restated", self.touched)
        self._restore_rows()
        self.sharing.mark({}, TakenBack({m.statement_id: m for m in self.marked}, self.merges.others))
        self.concerned = grow_contribution(self.source_id, self.opened.number)
        self.no_longer_said = ended_by(self.source_id, self.opened.number)
        self.progress("shared", self.touched)

    def accept(self, actor: str, now: datetime) -> None:
        """Make it all true at once."""
        undone = self.last.number
        with revision(actor=actor, now=now, why="contribution undone") as draft:
            hold(self.opened)
            accept(draft, self.staging)
            draft.withdraw(*self.no_longer_said)
            draft.touch(*self.unsaid, *(self.merges.others[record] for record in self.unsaid))
            parted = part(draft, source_id=self.source_id, undone=undone, keep=self.merges.confirmed)
            self._unmark(draft, parted)
            drop_look_alikes(source_id=self.source_id, contribution=undone)
            self._read_as_before(now)
            draft.enter(
                "contribution.undone", subtree=self.concerned, source=self.source_id, number=self.opened.number,
                undone=undone, records=self.touched, parted=len(parted),
            )  # fmt: skip
            columns = self.asked.restored.columns if self.asked.restored else {}
            mark_accepted(self.opened, form="", now=now, columns=columns)
            self.progress("accepting", self.touched)

    def finish(self, now: datetime) -> Undone:
        """Compile the views, and tell."""
        finish_contributions(now)
        listed = self.asked.listed
        present = present_records(self.source_id, accepted=self.opened.number).get(listed.kind, set())
        parted = {*self.merges.others, *self.merges.others.values()}
        settle_contribution(source_id=self.source_id, number=self.opened.number, now=now, parted=parted)
        seen = as_public(sorted(present))
        before = self.asked.restored.counts if self.asked.restored else {}
        self.counts.update({name: before.get(name, 0) for name in Report.HOLDERS_COUNTS})
        self.counts.update(
            visible=seen.visible, with_contact=seen.with_contact, relay_only=seen.relay_only, hidden=seen.hidden
        )
        close_contribution(self.opened, state=ACCEPTED, report={"counts": dict(self.counts)})
        tidy(self.source_id)
        return Undone(listed.holder, listed.name, self.last.number, self.counts)

    def abandon(self) -> None:
        """Leave nothing behind."""
        with suppress(SupersededError):
            abandon(self.staging, check=self._check)
            drop_subtree(self.source_id, self.opened.number)
            self.book.clear(self._check)
            self.linker.abandon()

    def _batches(self) -> Iterator[tuple[list[int], list[int]]]:
        """Yield the records that the contribution touched, and those among them that it ended something of."""
        after = -1
        while True:
            begun, ended = (
                touched_by(self.source_id, self.last.number, ended=e, after=after, limit=AT_ONCE) for e in (False, True)
            )
            records = sorted({*begun, *ended})[:AT_ONCE]
            if not records:
                return
            after = records[-1]
            yield records, [r for r in ended if r <= after]

    def _restore_rows(self) -> None:
        """Let the row book say again what the file before said: the same file then changes nothing."""
        after = 0
        while rows := self.book.list_before(after=after, limit=AT_ONCE):
            after = rows[-1].pk
            with transaction.atomic():
                hold(self.opened)
                self.book.note([(row.key, row.record_id, row.content) for row in rows])
            self.counts.update(_how(row) for row in rows if row.kind == self.asked.listed.kind)
            self.progress("rows", after)

    def _unmark(self, draft: Draft, parted: Collection[int]) -> None:
        """Take back the marks the contribution and its merges set, unless something else asks for them too."""
        given_back = give_back(draft, parted)
        records, contacts = unmark(draft, staging=self.staging, marked=self.marked)
        self.sharing.accept(draft)
        self.sharing.decide_again(draft, contacts)
        unite(draft, record_ids=records | given_back)
        withhold(draft, record_ids=withheld_among(self.withheld))

    def _read_as_before(self, now: datetime) -> None:
        before = self.last.before
        if not before:
            return
        mapping = cast("dict[str, str | None]", before["mapping"])
        save_reading(self.source_id, mapping=mapping, country=cast("str", before["country"]))
        if not before["published"]:
            note_unpublished(self.source_id, at=now)
        is_withdrawn = attest_as_before(self.source_id, before)
        if is_withdrawn is not None:
            recompile_source(self.source_id, narrowing=is_withdrawn)
