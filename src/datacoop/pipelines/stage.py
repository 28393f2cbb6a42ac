"""Rows of a contribution on their way into the records: located, compared with what is known, staged, linked."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from datacoop.kinds.definition import kind as kind_named
from datacoop.linking.actions import Linker, Offered
from datacoop.pipelines.intake import Report, RowProblem
from datacoop.pipelines.preparing import Prepared, Preparing
from datacoop.records.actions.revising import Draft
from datacoop.records.actions.sharing import stage_shared
from datacoop.records.actions.staging import (
    StagedRow,
    Staging,
    abandon,
    accept,
    open_staging,
    stage,
    stage_merge,
    stage_vanished,
)
from datacoop.records.actions.stating import mark_personal
from datacoop.records.envelopes import digest
from datacoop.records.rules import MARK_CODES, Mark
from datacoop.sources.actions import RowBook
from datacoop.sources.places import Gazetteer
from datacoop.sources.queries import known_rows, lists_beside, present_records
from datacoop.sources.rows import MappedRow

#: The kind that is linked; others follow with settings of their own.
LINKED = "organisation"


@dataclass(frozen=True)
class _Waiting:
    key: bytes
    content: bytes
    prepared: Prepared


class Stage:
    """An open contribution: offer rows, flush them in batches, then accept or abandon."""

    def __init__(self, source_id: int, kind: str, now: datetime, report: Report, gazetteer: Gazetteer) -> None:
        """Open the contribution, clearing away what an interrupted one left."""
        self.source_id = source_id
        self.kind = kind_named(kind)
        self._report = report
        self._staging: Staging = open_staging(source_id=source_id, now=now)
        self.number = self._staging.number
        self.published = self._staging.source.published
        self._book = RowBook(source_id, self.number)
        self._book.clear()
        self._linker = Linker(source_id=source_id, number=self.number, kind=kind, now=now)
        self._linker.abandon()
        self._preparing = Preparing(self.kind, lists_beside(source_id), gazetteer)
        self._present = present_records(source_id, accepted=self.number - 1)
        self._seen: set[int] = set()
        self._fresh: set[int] = set()
        self._keys: Counter[bytes] = Counter()
        self._waiting: list[_Waiting] = []
        self._merges: dict[int, int] = {}
        self._shared: list[int] = []
        self._gone: list[int] = []
        self._changes = 0
        self._marks: Counter[str] = Counter()
        self._reachable = 0

    def offer(self, number: int, mapped: MappedRow) -> bool:
        """Take one row; False where it repeats a row of this file exactly."""
        prepared = self._preparing.prepare(mapped)
        for problem in prepared.problems:
            self._report.problem(RowProblem(number, problem.column, problem.code, problem.message))
        content = hashlib.blake2b(
            orjson.dumps(
                [(s.property, s.position, s.value, s.mark) for s in prepared.said], option=orjson.OPT_SORT_KEYS
            ),
            digest_size=16,
        ).digest()
        key = self._key(mapped.key, content)
        if key is None:
            self._report.problem(
                RowProblem(number, None, "duplicate-row", "This row stands twice in the file, word for word.")
            )
            return False
        self._waiting.append(_Waiting(key, content, prepared))
        self._note(prepared)
        return True

    def flush(self) -> None:
        """Stage the rows offered since the last flush, in one short transaction each for rows, book and links."""
        waiting, self._waiting = self._waiting, []
        known = known_rows(self.source_id, [w.key for w in waiting], accepted=self.number - 1)
        todo: list[tuple[_Waiting, int | None]] = []
        for w in waiting:
            row = known.get(w.key)
            if row is not None and row.content == w.content:
                self._seen.add(row.record_id)
                self._report.counts["unchanged"] += 1
                continue
            self._report.counts["changed" if row and row.content else "new"] += 1
            todo.append((w, row.record_id if row else None))
        if not todo:
            return
        rows = [StagedRow(record_id, w.prepared.said, w.prepared.subject_id) for w, record_id in todo]
        ids = stage(self._staging, kind=self.kind.name, rows=rows, quarantined=self._preparing.natural)
        self._book.note([(w.key, i, w.content) for (w, _), i in zip(todo, ids, strict=True)])
        self._seen.update(ids)
        self._changes += len(ids)
        self._fresh.update(i for (_, known_id), i in zip(todo, ids, strict=True) if known_id is None)
        self._link([(i, w.prepared) for (w, _), i in zip(todo, ids, strict=True)])

    def vanished(self) -> tuple[list[int], int]:
        """Return the records that were in the list and are not in this file, and how many were in the list."""
        return sorted(set(self._present) - self._seen), len(self._present)

    def retire(self, records: Sequence[int]) -> None:
        """Stage the end of what the list said about vanished rows."""
        stage_vanished(self._staging, record_ids=records)
        for start in range(0, len(records), 500):
            part = records[start : start + 500]
            self._book.note([(self._present[r], r, b"") for r in part])
        self._gone = list(records)

    def is_empty(self) -> bool:
        """Return whether the file changes nothing."""
        return not self._changes and not self._gone

    def present(self) -> list[int]:
        """Return the records of the list after this contribution."""
        return sorted(self._seen)

    def mark_shared(self) -> None:
        """Mark contacts that serve two organisations: staged ones now, standing ones with the acceptance."""
        self._shared = stage_shared(self._staging, self._merges)

    def accept(self, draft: Draft) -> None:
        """Make it all true, in the revision given."""
        accept(draft, self._staging)
        mark_personal(draft, statement_ids=self._shared, mark=Mark.SHARED)
        draft.enter(
            "contribution.accepted",
            source=self.source_id,
            number=self.number,
            rows=len(self._seen),
            changed=self._changes,
            vanished=len(self._gone),
        )

    def abandon(self) -> None:
        """Leave nothing behind."""
        abandon(self._staging)
        self._book.clear()
        self._linker.abandon()

    def predict(self, *, published: bool) -> None:
        """Say what the public would see, for a dry run: the default policy over these rows, decisions apart."""
        total = self._report.counts["accepted"] if published else 0
        reachable = self._reachable if published else 0
        hidden = self._report.counts["accepted"] - total
        self._report.counts.update(visible=total, with_contact=reachable, relay_only=total - reachable, hidden=hidden)
        self._report.hidden_because.update(self._marks)
        if hidden:
            self._report.hidden_because["unpublished-list"] = hidden

    def _key(self, key: str, content: bytes) -> bytes | None:
        """Return the digest a row is known under; the same key twice gets a number, the same row twice none."""
        plain = digest("row", key)
        self._keys[plain] += 1
        if self._keys[plain] == 1:
            self._keys[plain + content] += 1
            return plain
        if self._keys[plain + content]:
            return None
        self._keys[plain + content] += 1
        return digest("row", key, str(self._keys[plain]))

    def _note(self, prepared: Prepared) -> None:
        self._marks.update({MARK_CODES[s.mark] for s in prepared.said if s.mark})
        contacts = {"email", "phones", "website"}
        self._reachable += any(s.property in contacts and not s.mark for s in prepared.said)

    def _link(self, rows: Sequence[tuple[int, Prepared]]) -> None:
        if self.kind.name != LINKED:
            return
        offered = [Offered(i, p.values(), p.personal(), self.published) for i, p in rows]
        for match in self._linker.offer(offered):
            if match.survivor_id is None:
                self._report.counts["to_review"] += 1
            elif match.record_id in self._fresh and match.survivor_id != match.record_id:
                self._merge(match.record_id, match.survivor_id, match.reasons)

    def _merge(self, loser: int, survivor: int, reasons: object) -> None:
        codes = ",".join(str(getattr(r, "code", r)) for r in reasons) if isinstance(reasons, Sequence) else ""
        stage_merge(self._staging, loser_id=loser, survivor_id=survivor, actor="linking", reason=codes[:200])
        self._merges[loser] = survivor
        self._report.counts["matched"] += 1
