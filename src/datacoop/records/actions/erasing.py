"""Erase somebody: everything said of them, by anybody, at any time, and whatever else would tell of them (law 8).

What remains is an empty record under its random number, so that feeds can tell of the deletion, and keyed digests
that keep the next list from bringing them back. What lies in free pages of the database goes with the purge.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import orjson

from datacoop.accounts.erasing import forget_subjects
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.sql import execute, in_parts, placeholders, select
from datacoop.records.actions.forgetting import (
    forget_accounts,
    forget_links_in_revisions,
    forgotten_actor,
)
from datacoop.records.actions.revising import Draft, revision
from datacoop.records.envelopes import Envelopes
from datacoop.records.erasers import Erasure, destroy, look_through
from datacoop.records.mentions import find_mentions, mention_digests
from datacoop.records.models import Envelope, Merge, Record, Statement
from datacoop.records.queries import merges_of, referring
from datacoop.records.recognising import Told, Traits, recognised_by, traits_of
from datacoop.records.rules import is_natural
from datacoop.records.suppressing import digest_of, suppress
from datacoop.records.withdrawals import ERASED, Withdrawal

_AT_ONCE = 500


def erase_subjects(
    *, subject_ids: Collection[int], actor: str, now: datetime, why: str, returns: bool = False
) -> int | None:
    """Erase subjects for good and return the revision, None where there is nobody: what `erase` says, and texts.

    Every room looks through its texts first, in transactions of its own; the rest is one revision.
    """
    erasure = foresee(subject_ids=subject_ids, now=now)
    if not erasure.record_ids:
        return None
    look_through(erasure)
    with revision(actor=actor, now=now, why=why) as draft:
        erase(draft, subject_ids=subject_ids, returns=returns, foreseen=erasure)
    return draft.number


def next_remaining(*, limit: int) -> set[int]:
    """Return subjects of whom anything was ever said and is still there, of so many records at most."""
    sql = (
        "SELECT COALESCE(r.subject_id, r.id) FROM (SELECT DISTINCT record_id FROM records_statement ORDER BY record_id"
        " LIMIT %s) AS s JOIN records_record r ON r.id = s.record_id"
    )
    return {number for (number,) in select(sql, [limit])}


def count_remaining() -> int:
    """Return of how many records anything is still there."""
    return int(select("SELECT count(DISTINCT record_id) FROM records_statement")[0][0])


def foresee(*, subject_ids: Collection[int], now: datetime) -> Erasure:
    """Return what an erasure would reach. Changes nothing; holds names in memory: never log it."""
    erasure, told = _reached(subject_ids, now)
    found = find_mentions(_natural_traits(erasure, told), apart=erasure.record_ids)
    return replace(erasure, mentions=found.values, originals=found.originals)


def erase(
    draft: Draft, *, subject_ids: Collection[int], returns: bool = False, foreseen: Erasure | None = None
) -> frozenset[int]:
    """Erase subjects, with everything that was merged with them and that they decide about; return the records.

    Statements go whatever their state, envelopes with them; views, index and words in this same revision. Without
    `returns` they are suppressed: no list brings them back. With it (nobody was told in time) a list may name them
    again. `foreseen` adds what `foresee` found in what is said of others.

    Side effects: a line in `withdrawals.log`, a ledger entry without their ids, every room's own erasing.
    """
    erasure, told = _reached(subject_ids, draft.now)
    erasure = replace(erasure, for_good=not returns)
    if foreseen is not None:
        erasure = replace(erasure, mentions=foreseen.mentions, originals=foreseen.originals)
    if not erasure.record_ids:
        return frozenset()
    known = {} if returns else _known_by(erasure, told)
    if known:
        known[min(erasure.subjects or erasure.record_ids)] |= mention_digests(erasure.mentions, erasure.originals)
    for number, digests in known.items():
        suppress(number, digests, at=draft.now)
    records = Record.objects.filter(id__in=erasure.record_ids)
    draft.withdraw(
        *(Withdrawal(ERASED, r.uid, known_by=tuple(sorted(known.get(r.id, ()))), kind=r.kind) for r in records)
    )
    draft.touch(*erasure.record_ids, *referring(erasure.record_ids), *_touched_by_mentions(erasure))
    forget_links_in_revisions(erasure.record_ids)
    destroy(erasure)
    gone = forget_subjects(erasure.uids, now=draft.now, for_good=erasure.for_good)
    forget_accounts(gone)
    draft.actor = forgotten_actor(draft.actor, gone)
    _destroy(erasure)
    draft.enter("records.erased", records=len(erasure.record_ids), returns=returns)
    return erasure.record_ids


def _reached(subject_ids: Collection[int], now: datetime) -> tuple[Erasure, Mapping[int, Sequence[Told]]]:
    """Return who is erased, and everything ever said of them: record → (property, value)."""
    merges = merges_of(subject_ids)
    subjects = set(subject_ids) | set(merges) | set(merges.values())
    owned = set(Record.objects.filter(subject_id__in=subjects).values_list("id", flat=True))
    behind = merges_of(owned)
    every = subjects | owned | set(behind) | set(behind.values())
    records = list(Record.objects.filter(id__in=every))
    told = _told(records)
    traits = Traits()
    for record in records:
        if record.id in subjects:
            traits |= traits_of(kind_named(record.kind), told.get(record.id, ()))
    erasure = Erasure(
        frozenset(subjects & {r.id for r in records}),
        frozenset(r.id for r in records),
        frozenset(r.uid for r in records),
        now,
        traits,
    )
    return erasure, told


def _told(records: Iterable[Record]) -> dict[int, list[Told]]:
    """Return every value ever stated of records, superseded, staged and quarantined ones too."""
    subjects = {r.id: r.subject_id or r.id for r in records}
    envelopes = Envelopes(subjects.values())
    found: dict[int, list[Told]] = {}
    rows = Statement.objects.filter(record_id__in=subjects).values_list("record_id", "property", "value", "sealed")
    for number, name, value, sealed in rows.iterator(chunk_size=_AT_ONCE):
        text = value if sealed is None else envelopes.opened(subjects[number], bytes(sealed))
        if text is not None:
            found.setdefault(number, []).append((name, orjson.loads(text)))
    return found


def _natural_traits(erasure: Erasure, told: Mapping[int, Sequence[Told]]) -> Traits:
    """Return the traits of the natural persons alone: an organisation's name stands in many texts that are not its."""
    traits = Traits()
    for record in Record.objects.filter(id__in=erasure.subjects):
        kind = kind_named(record.kind)
        if is_natural(kind):
            traits |= traits_of(kind, told.get(record.id, ()))
    return traits


def _known_by(erasure: Erasure, told: Mapping[int, Sequence[Told]]) -> dict[int, set[bytes]]:
    """Return by record the digests under which it would be known again; all of one subject together."""
    records = list(Record.objects.filter(id__in=erasure.record_ids))
    beside = _names_beside(records, erasure)
    found = {r.id: {digest_of(r.uid)} for r in records}
    groups: dict[str, list[Told]] = {}
    for record in records:
        if record.id in erasure.subjects:
            groups.setdefault(record.kind, []).extend(told.get(record.id, ()))
    for record in records:
        if record.id in erasure.subjects and record.kind in groups:
            found[record.id] |= recognised_by(kind_named(record.kind), groups.pop(record.kind), beside=beside)
    return found


def _names_beside(records: Sequence[Record], erasure: Erasure) -> set[str]:
    """Return the names of the other records that theirs ever pointed to: at which organisations they were named."""
    owned = [r.id for r in records if r.id not in erasure.subjects]
    if not owned:
        return set()
    pointing = Statement.objects.filter(record_id__in=owned).values_list("refers", flat=True)
    others = {number for number in pointing if number is not None} - erasure.record_ids
    kinds = {r.id: kind_named(r.kind) for r in Record.objects.filter(id__in=others)}
    rows = Statement.objects.filter(record_id__in=kinds, value__isnull=False)
    return {
        str(text)
        for number, name, value in rows.values_list("record_id", "property", "value")
        if kinds[number].property(name).search == "name"
        for text in _plain(orjson.loads(value or "null"))
    }


def _plain(value: object) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else (value,)


def _touched_by_mentions(erasure: Erasure) -> set[int]:
    return set(Statement.objects.filter(id__in=list(erasure.mentions)).values_list("record_id", flat=True))


def _destroy(erasure: Erasure) -> None:
    for numbers in in_parts(sorted(erasure.record_ids)):
        marks = placeholders(numbers)
        execute(f"DELETE FROM records_statement WHERE record_id IN ({marks})", numbers)
        Envelope.objects.filter(subject_id__in=numbers).delete()
        # Why they were merged may be told in words about them.
        Merge.objects.filter(loser_id__in=numbers).update(reason="")
    for numbers in in_parts(sorted(erasure.mentions)):
        execute(f"DELETE FROM records_statement WHERE id IN ({placeholders(numbers)})", numbers)
    for numbers in in_parts(sorted(erasure.originals)):
        execute(f"UPDATE records_statement SET original = NULL WHERE id IN ({placeholders(numbers)})", numbers)
