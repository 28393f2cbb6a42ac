"""How many of some records the public sees, with a contact or without, and why others stay hidden."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from datacoop.consent.queries import rulings_of
from datacoop.consent.reviewing import awaiting_review
from datacoop.consent.rules import PUBLIC
from datacoop.disclosure.compile.packing import key_of
from datacoop.lib.sql import placeholders, select
from datacoop.records.queries import load, marks_of, merges_of, root_of
from datacoop.records.rules import MARK_CODES, RecordFacts

#: Why nobody sees a record that may be one whose subject hid it.
AWAITS_REVIEW = "awaits-review"
CONTACTS = frozenset({"email", "phones", "website"})


@dataclass
class Visibility:
    """Counts of records: visible ones have a direct contact, or are reached by relay only."""

    visible: int = 0
    with_contact: int = 0
    relay_only: int = 0
    hidden: int = 0
    because: Counter[str] = field(default_factory=Counter)


def as_public(ids: Sequence[int]) -> Visibility:
    """Return what the public sees of records (merged ones count as what they merged into). For stewards."""
    found = Visibility()
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        merges = merges_of(part)
        roots = {i: root_of(i, merges) for i in part}
        keys = [key_of(PUBLIC, root) for root in set(roots.values())]
        live = f"SELECT record_id, body FROM disclosure_view WHERE state = 'l' AND key IN ({placeholders(keys)})"
        bodies = {record_id: bytes(body) for record_id, body in select(live, keys)}
        for i in part:
            _count(found, bodies.get(roots[i]))
        _reasons(found, {i: roots[i] in bodies for i in part})
    return found


def _count(found: Visibility, body: bytes | None) -> None:
    if body is None:
        found.hidden += 1
        return
    found.visible += 1
    if CONTACTS & orjson.loads(body).keys():
        found.with_contact += 1
    else:
        found.relay_only += 1


def _reasons(found: Visibility, seen: dict[int, bool]) -> None:
    """Count records by what is hidden in them: marked values, the subject's word, the list they come from."""
    for marks in marks_of(list(seen)).values():
        found.because.update({MARK_CODES[mark] for mark in marks})
    hidden = [i for i, visible in seen.items() if not visible]
    facts, rulings, awaiting = load(hidden), rulings_of(hidden), awaiting_review()
    for i in hidden:
        found.because[AWAITS_REVIEW if i in awaiting else _why(facts[i], spoken=i in rulings)] += 1


def _why(facts: RecordFacts, *, spoken: bool) -> str:
    if spoken:
        return "subject-decided"
    published = any(s.source is None or s.source.published for s in facts.statements)
    return "default-policy" if published else "unpublished-list"
