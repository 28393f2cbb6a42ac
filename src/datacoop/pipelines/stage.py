"""Rows of a contribution on their way into the records: compared with what is known, staged, linked, accepted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from datacoop.consent.reviewing import await_review
from datacoop.disclosure.counting import Visibility
from datacoop.kinds.definition import kind as kind_named
from datacoop.linking.actions import LINKED, Linker
from datacoop.linking.offering import Offered
from datacoop.linking.planning import Joining
from datacoop.pipelines.intake import Report
from datacoop.pipelines.persons import digest_of, not_erased, officers, stage_officers
from datacoop.pipelines.predicting import Prediction
from datacoop.pipelines.preparing import Prepared, Preparing
from datacoop.pipelines.rowkeys import RowKeys, digest_of_key
from datacoop.pipelines.sharing import Sharing
from datacoop.pipelines.staged import Put, Taken, Waiting, in_order, staged_by
from datacoop.records.actions.revising import Draft
from datacoop.records.actions.staging import (
    StagedRow,
    abandon,
    accept,
    open_staging,
    stage,
    stage_merge,
    stage_vanished,
    unspoken,
)
from datacoop.records.actions.tracing import drop_subtree, grow_contribution
from datacoop.records.actions.unsaying import ended_by
from datacoop.records.actions.withholding import unite, withheld_among, withhold
from datacoop.records.envelopes import sweep
from datacoop.records.rules import is_natural
from datacoop.records.suppressing import erased_among
from datacoop.records.turns import Turn
from datacoop.sources.actions import RowBook, SupersededError, hold
from datacoop.sources.places import Gazetteer
from datacoop.sources.queries import (
    Opened,
    keys_of,
    known_rows,
    lists_beside,
    present_records,
    uids,
)
from datacoop.sources.rows import MappedRow

#: Rows written without a look at who waits: decisions taken meanwhile wait no longer than these take.
AT_ONCE = 100

#: Rows looked at together for what is withheld of them.
LOOKED_AT = 1000

NEW, CHANGED, UNCHANGED = "new", "changed", "unchanged"


class _Fresh(NamedTuple):
    """A row that says something new: its record, whether it was known before, whether it says that it is a refuge."""

    record_id: int
    known: bool
    withheld: bool


class Stage:
    """An open contribution: offer rows, flush them in batches, then accept or abandon."""

    def __init__(
        self,
        opened: Opened,
        kind: str,
        *,
        now: datetime,
        report: Report,
        gazetteer: Gazetteer,
        publishes: bool,
        links: bool = True,
    ) -> None:
        """Open it, clearing away what an interrupted one left. `publishes`: the holder attests that it does.

        Without `links` its records are compared with nobody's.
        """
        self._opened = opened
        self.kind = kind_named(kind)
        self._report = report
        self._links = links and kind in LINKED
        staged = staged_by(opened)
        self._check = partial(hold, opened)
        self._staging = open_staging(source_id=opened.source_id, now=now, check=self._check)
        sweep(staged)
        self.source = self._staging.source
        self.newly_published = publishes and not self.source.published
        self._published = publishes or self.source.published
        self._book = RowBook(opened.source_id, opened.number)
        self._book.clear(self._check)
        self._linker = Linker(source_id=opened.source_id, number=opened.number, kind=kind, now=now, check=self._check)
        self._preparing = Preparing(self.kind, lists_beside(opened.source_id), gazetteer=gazetteer, now=now)
        present = present_records(opened.source_id, accepted=opened.number - 1)
        self._present = present.pop(kind, set())
        self._people = set().union(*present.values())
        self._seen: set[int] = set()
        self._keys = RowKeys()
        self._waiting: list[Waiting] = []
        self._kept: list[bytes] = []
        self._unfit: list[bytes] = []
        self._merges: dict[int, int] = {}
        #: Merged records about which nothing new is said: nothing else would compile them.
        self._silent: set[int] = set()
        self._changes = 0
        self._vanished = 0
        self._unchanged: list[int] = []
        self._sharing = Sharing(opened)
        self._to_withhold: set[int] = set()
        self._to_unite: set[int] = set()
        self._fresh: list[_Fresh] = []
        self._prediction: Prediction | None = None

    def predict(self) -> None:
        """Count from now on what the public would see, for a dry run."""
        self._prediction = Prediction(self.kind, published=self._published)

    def offer(self, mapped: MappedRow) -> Taken | None:
        """Take one row; None where it repeats a row of this contribution exactly."""
        prepared = self._preparing.prepare(mapped)
        named = officers(mapped.persons)
        content = prepared.content + digest_of(named)
        key = self._keys.take(mapped.key, content)
        if key is None:
            return None
        self._waiting.append(Waiting(key, content, prepared, named, self._uid_of(mapped.key)))
        return Taken(key, prepared.problems)

    def _uid_of(self, key: str) -> UUID | None:
        """What the record of a new row is to be called: its key, in a list whose keys are uids."""
        return UUID(key) if self.source.origin else None

    def keep(self, mapped: MappedRow) -> None:
        """A row that cannot be taken has not vanished: what is known of it stays, unless a feed says so no more."""
        (self._unfit if self.source.origin else self._kept).append(digest_of_key(mapped.key))

    def flush(self) -> None:
        """Stage the rows offered since the last flush, rows and book together in short transactions, then links."""
        waiting, self._waiting = self._waiting, []
        kept, self._kept = self._kept, []
        number = self._opened.number - 1
        self._seen.update(r.record_id for r in known_rows(self._opened.source_id, kept, accepted=number).values())
        rows = [(w.key, w.content, StagedRow(None, w.prepared.said, w.prepared.subject_id, w.uid)) for w in waiting]
        put = self._put(self.kind.name, rows)
        fresh = []
        erased = erased_among([each.record_id for each in put])
        for each, w in zip(put, waiting, strict=True):
            self._report.counts[each.how] += 1
            if each.how == UNCHANGED and not self.newly_published:
                self._unchanged.append(each.record_id)
            elif self._prediction:
                self._prediction.note(each.record_id, w.prepared)
            if each.how != UNCHANGED and each.record_id not in erased:
                fresh.append((each, w.prepared))
        self._offer([(each.record_id, prepared) for each, prepared in fresh])
        self._fresh += [_Fresh(each.record_id, each.known, bool(w.withheld)) for each, w in fresh]
        named = [
            (w.key, each.record_id, o)
            for each, w in zip(put, waiting, strict=True)
            if each.record_id not in erased
            for o in w.officers
        ]
        if named:
            called = {each.record_id: w.prepared.names(self.kind) for each, w in zip(put, waiting, strict=True)}
            named = not_erased(named, called)
            stage_officers(named, lambda kind, people: [p.record_id for p in self._put(kind, people)], uids)

    def vanished(self) -> tuple[list[int], int]:
        """Return the records that were in the list and are not in this file, and how many were in the list."""
        return sorted(self._present - self._seen), len(self._present)

    def named(self, keys: Collection[str]) -> list[int]:
        """Return the records of rows that are in the list under these keys, and not in this file as what is taken."""
        digests = [*map(digest_of_key, keys), *self._unfit]
        known = known_rows(self._opened.source_id, digests, accepted=self._opened.number - 1)
        return sorted({each.record_id for each in known.values() if each.content} - self._seen)

    def retire(self, records: Sequence[int]) -> None:
        """Stage the end of what the list said about vanished rows, and about persons it no longer names."""
        self.end([*records, *sorted(self._people - self._seen)])

    def end(self, gone: Sequence[int]) -> None:
        """Stage the end of what the list said about records."""
        for start in range(0, len(gone), AT_ONCE):
            part = gone[start : start + AT_ONCE]
            with transaction.atomic():
                hold(self._opened)
                stage_vanished(self._staging, record_ids=part)
                keys = keys_of(self._opened.source_id, part)
                if not self._prediction:
                    self._book.note([(keys[r], r, b"") for r in part if r in keys])
            self._linker.withdraw(part)
        self._vanished = len(gone)

    def is_empty(self) -> bool:
        """Return whether the file changes nothing."""
        return not self._changes and not self._vanished

    def present(self) -> list[int]:
        """Return the records of the list after this contribution."""
        return sorted(self._seen - self._people)

    def share(self) -> None:
        """Link; mark contacts that serve several: staged ones now, standing ones with the acceptance."""
        self._link()
        self._sharing.mark(self._merges)
        self._silent = unspoken(self._staging, self._merges)

    def seal(self) -> None:
        """Make the digests for the ledger's entry and the log of withdrawals: before `accept`, without its lock."""
        self._check()
        self._unsaid = ended_by(self._opened.source_id, self._opened.number)
        self._concerned = grow_contribution(self._opened.source_id, self._opened.number)

    def accept(self, draft: Draft) -> None:
        """Make it all true, in the revision given."""
        hold(self._opened)
        accept(draft, self._staging)
        draft.withdraw(*self._unsaid)
        self._sharing.accept(draft)
        withhold(draft, record_ids=self._to_withhold)
        unite(draft, record_ids=self._to_unite)
        await_review(draft, record_ids=self._linker.awaiting)
        draft.touch(*self._silent, *(self._merges[record_id] for record_id in self._silent))
        draft.enter(
            "contribution.accepted",
            subtree=self._concerned,
            source=self._opened.source_id,
            number=self._opened.number,
            rows=len(self._seen),
            changed=self._changes,
            vanished=self._vanished,
        )

    def settle(self, now: datetime) -> None:
        """After the acceptance: let who is one be what all that stands now says."""
        if self._links:
            settled = self._linker.finish(now=now)
            if not self._linker.takes_offers:
                self._report.counts.update(matched=settled.merged, to_review=settled.asked)

    def abandon(self) -> None:
        """Leave nothing behind; where another import of the list takes over meanwhile, what is left is that one's."""
        staged = staged_by(self._opened)
        with suppress(SupersededError):
            abandon(self._staging, check=self._check)
            drop_subtree(self._opened.source_id, self._opened.number)
            sweep(staged)
            self._book.clear(self._check)
            self._linker.abandon()

    def predicted(self) -> Visibility:
        """Return what the public would see; only after `predict`."""
        assert self._prediction is not None
        return self._prediction.count(self._unchanged, self._sharing.shared, self._linker.awaiting)

    def _put(self, kind: str, rows: Iterable[tuple[bytes, bytes, StagedRow]]) -> list[Put]:
        """Stage the rows that say something new, and return all of them in their order."""
        rows = list(rows)
        number = self._opened.number - 1
        known = known_rows(self._opened.source_id, [key for key, _, _ in rows], accepted=number)
        waiting = []
        for key, content, row in rows:
            fact = known.get(key)
            if fact is None or fact.content != content:
                record_id, uid = (fact.record_id, None) if fact else (None, row.uid)
                waiting.append((key, content, row._replace(record_id=record_id, uid=uid)))
        ids = self._staged(kind, waiting)
        put = []
        for key, _, _ in rows:
            fact = known.get(key)
            how = UNCHANGED if key not in ids else CHANGED if fact and fact.content else NEW
            put.append(Put(ids[key] if key in ids else known[key].record_id, how, fact is not None))
        self._seen.update(each.record_id for each in put)
        self._changes += len(waiting)
        return put

    def _staged(self, kind: str, waiting: Sequence[tuple[bytes, bytes, StagedRow]]) -> dict[bytes, int]:
        numbers: dict[bytes, int] = {}
        natural = is_natural(kind_named(kind))
        ordered = in_order(waiting)
        start = 0
        while start < len(ordered):
            turn = Turn()
            with transaction.atomic():
                hold(self._opened)
                while turn.goes_on() and (part := ordered[start : start + AT_ONCE]):
                    start += len(part)
                    ids = stage(self._staging, kind=kind, rows=[row for _, _, row in part], quarantined=natural)
                    noted = [(key, i, content) for (key, content, _), i in zip(part, ids, strict=True)]
                    if not self._prediction:
                        self._book.note(noted)
                    numbers.update((key, i) for key, i, _ in noted)
        return numbers

    def _offer(self, rows: Sequence[tuple[int, Prepared]]) -> None:
        if self._links and self._linker.takes_offers:
            self._linker.offer([Offered(i, p.values(), p.personal(), self._published) for i, p in rows])

    def _link(self) -> None:
        """Merge what is one, once every row is there: which came first has no say."""
        for joining in self._linker.settle() if self._links else ():
            self._merge(joining)
        if self._links:
            self._report.counts["to_review"] = self._linker.to_review
        for start in range(0, len(self._fresh), LOOKED_AT):
            self._note_withheld(self._fresh[start : start + LOOKED_AT])

    def _merge(self, joining: Joining) -> None:
        codes = ",".join(joining.codes)[:200]
        loser, survivor = joining.loser, joining.survivor
        stage_merge(self._staging, loser_id=loser, survivor_id=survivor, actor="linking", reason=codes)
        self._merges[loser] = survivor
        self._report.counts["matched"] += 1

    def _note_withheld(self, rows: Sequence[_Fresh]) -> None:
        """Where one list says that an organisation is a refuge, what others say of its place is withheld too."""
        joined = {self._merges.get(r.record_id, r.record_id) for r in rows if r.known or r.record_id in self._merges}
        if not joined:
            return
        # Contacts of rows staged now are compared by `share`; those of a row known before stand already.
        self._to_unite |= {self._merges[r.record_id] for r in rows if r.known and r.record_id in self._merges}
        withheld = withheld_among(joined)
        withheld |= {self._merges.get(r.record_id, r.record_id) for r in rows if r.withheld}
        self._to_withhold |= withheld & joined
