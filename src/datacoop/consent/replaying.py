"""What was withdrawn after a backup was made, withdrawn again from `withdrawals.log` (law 8, decision 0031).

Each line narrows as the word did that wrote it. What somebody showed again later is in no log: a restore may hide more
than was asked, never less. Everything here may be done twice: a restore that was stopped begins again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from datacoop.consent.actions import Wish, decide_many, note_objection, set_indexing
from datacoop.consent.audiences import ensure_audiences
from datacoop.consent.models import Decision
from datacoop.consent.queries import audience_keys
from datacoop.consent.restricting import stop_disclosing
from datacoop.consent.withholding import Withheld, withhold_again
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.sql import in_parts
from datacoop.records.actions.reerasing import erase_again
from datacoop.records.actions.revising import Draft, revision
from datacoop.records.actions.unsaying import unsay_again
from datacoop.records.resolving import Named, records_called, source_ids
from datacoop.records.tracing import About
from datacoop.records.withdrawals import (
    ENDED,
    ERASED,
    HIDDEN,
    OBJECTED,
    RESTRICTED,
    RETRACTED,
    UNINDEXED,
    UNSAID,
    WITHHELD,
    Line,
    what_digest,
)

ACTOR = "restore"
REASON = "withdrawals.log"
_AT_ONCE = 200
_Item = TypeVar("_Item")
_VERBS = frozenset({HIDDEN, RESTRICTED, OBJECTED, UNINDEXED, RETRACTED, ERASED, UNSAID, WITHHELD})
#: What is about no record, or finds a place for one that is not here.
_NEEDS_NO_RECORD = frozenset({ERASED, UNSAID})


class UnknownVerb(ValueError):
    """The log tells of something this version does not know: it must not be passed over."""


@dataclass
class Replayed:
    """How many lines were done by verb; those about records that are not here, by verb; words to clients not here.

    `unsaid` are (list, record) of which a list said something that it said no more.
    """

    done: dict[str, int] = field(default_factory=dict)
    of_missing_records: dict[str, int] = field(default_factory=dict)
    of_missing_audiences: int = 0
    unsaid: set[tuple[int, int]] = field(default_factory=set)


def replay(lines: Sequence[Line], *, now: datetime) -> Replayed:
    """Withdraw again what the lines say about records, in short revisions, and return what was done.

    Raises: UnknownVerb, before anything is changed.
    """
    lines = [line for line in lines if line.verb != ENDED]
    if strange := {line.verb for line in lines} - _VERBS:
        raise UnknownVerb(f"The log tells of “{min(strange)}”, which this version does not know: upgrade datacoop.")
    ensure_audiences()
    known = records_called({line.record for line in lines})
    outcome = Replayed()
    for line in lines:
        is_missing = line.record not in known and line.verb not in _NEEDS_NO_RECORD
        counts = outcome.of_missing_records if is_missing else outcome.done
        counts[line.verb] = counts.get(line.verb, 0) + (len(line.known_by) if line.verb == UNSAID else 1)
    here = [line for line in lines if line.record in known]
    outcome.unsaid = unsay_again([line for line in lines if line.verb == UNSAID], actor=ACTOR, now=now)
    _hide(here, known, now, outcome)
    _restrict([known[line.record].id for line in here if line.verb == RESTRICTED], now)
    _withhold([line for line in here if line.verb == WITHHELD], known, now)
    _object([line for line in here if line.verb == OBJECTED], known, now)
    for part in in_parts(sorted({known[line.record].id for line in here if line.verb == UNINDEXED}), _AT_ONCE):
        with revision(actor=ACTOR, now=now, why="restore") as draft:
            set_indexing(draft, record_ids=part, allowed=False)
    erase_again([line for line in lines if line.verb == ERASED], actor=ACTOR, now=now)
    return outcome


def audiences_decided(record_ids: Collection[int]) -> dict[int, set[int]]:
    """Return by record the audiences for which any word stands: a hidden one above does not bind them."""
    found: dict[int, set[int]] = {}
    for part in in_parts(sorted(record_ids), _AT_ONCE):
        rows = Decision.objects.filter(record_id__in=part, end_revision__isnull=True)
        for record_id, audience in rows.values_list("record_id", "audience_id").distinct():
            found.setdefault(record_id, set()).add(audience)
    return found


def _hide(lines: Sequence[Line], known: Mapping[bytes, Named], now: datetime, outcome: Replayed) -> None:
    """Hide what was hidden: first for good, then until a day, so that an end falls back on the lasting word."""
    keys = audience_keys()
    resolving = _Resolving(tuple(keys.values()))
    lasting: dict[tuple[int, str, str], None] = {}
    ending: dict[tuple[int, str, str], datetime] = {}
    for line in lines:
        if line.verb != HIDDEN or (line.until is not None and line.until <= now):
            continue
        record = known[line.record]
        words = resolving.words(record, line.what)
        if words is None:
            outcome.of_missing_audiences += 1
        elif line.until is None:
            lasting[record.id, *words] = None
        else:
            place = (record.id, *words)
            ending[place] = max(ending.get(place, line.until), line.until)
    for each in _retracted(lines, known, keys):
        lasting[each] = None
    _decide([(number, Wish(key, False, name or None)) for number, name, key in lasting], now)
    _decide([(number, Wish(key, False, name or None, until)) for (number, name, key), until in ending.items()], now)


def _decide(wishes: Sequence[tuple[int, Wish]], now: datetime) -> None:
    for part in in_parts(wishes, _AT_ONCE):
        with revision(actor=ACTOR, now=now, why="restore") as draft:
            decide_many(draft, wishes=part, reason=REASON)


class _Resolving:
    """Turns the digest of a property and an audience back into both, by trying all of a record's."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys
        self._known: dict[int, dict[bytes, tuple[str, str]]] = {}

    def words(self, record: Named, what: bytes | None) -> tuple[str, str] | None:
        """Return property (empty: all of it) and key of the audience; None where there is no such audience here."""
        if record.id not in self._known:
            names = ["", *(p.name for p in kind_named(record.kind).properties)]
            every = [(name, key) for name in names for key in self._keys]
            self._known[record.id] = {what_digest(record.uid, each): each for each in every}
        return self._known[record.id].get(what or b"")


def _retracted(
    lines: Sequence[Line], known: Mapping[bytes, Named], keys: Mapping[int, str]
) -> Iterator[tuple[int, str, str]]:
    """Yield what hides from everybody the properties of which a word was taken back; all where it is not told which."""
    found = [line for line in lines if line.verb == RETRACTED]
    decided = audiences_decided({known[line.record].id for line in found})
    for line in found:
        record = known[line.record]
        names = [p.name for p in kind_named(record.kind).properties]
        told = [name for name in names if what_digest(record.uid, (name,)) == line.what]
        for name in told or ["", *names]:
            for audience in {min(keys), *decided.get(record.id, ())}:
                yield record.id, name, keys[audience]


def _restrict(record_ids: Sequence[int], now: datetime) -> None:
    for part in in_parts(sorted(set(record_ids)), _AT_ONCE):
        with revision(actor=ACTOR, now=now, why="restore") as draft:
            # Whether it was all of a subject's the log does not tell: more is hidden, never less.
            restrict_many(draft, part, ground="restriction", whole=True)


def _withhold(lines: Sequence[Line], known: Mapping[bytes, Named], now: datetime) -> None:
    sources = source_ids()
    for part in in_parts(lines, _AT_ONCE):
        with revision(actor=ACTOR, now=now, why="restore") as draft:
            for line in part:
                record = known[line.record]
                told = None if line.what is None else [n for n in sources if _is_list(record, n, line)]
                withhold_again(draft, Withheld([record.id], told), said_at=line.at)


def restrict_many(draft: Draft, record_ids: Collection[int], *, ground: str, whole: bool = False) -> None:
    """Stop every disclosure of records, unless it is stopped for that ground already."""
    missing = stop_disclosing(draft, record_ids=record_ids, ground=ground, whole=whole)
    draft.enter("consent.restricted", about=[About(each) for each in missing], ground=ground)


def _object(lines: Sequence[Line], known: Mapping[bytes, Named], now: datetime) -> None:
    sources = source_ids()
    for part in in_parts(lines, _AT_ONCE):
        with revision(actor=ACTOR, now=now, why="restore") as draft:
            for line in part:
                record = known[line.record]
                for source in sources:
                    if _is_list(record, source, line):
                        note_objection(draft, record_id=record.id, source_id=source, at=line.at)


def _is_list(record: Named, source: int, line: Line) -> bool:
    return what_digest(record.uid, (str(source),)) == line.what
