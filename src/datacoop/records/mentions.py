"""Where somebody stands in what is said about others: contacts kept in an organisation's envelope, texts as they were
before contacts were taken out. Walks everything sealed, so it runs ahead of an erasure, outside its revision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import orjson
from django.db.models import Q

from datacoop.records.envelopes import SEALED, Envelopes, digest
from datacoop.records.models import Statement
from datacoop.records.recognising import Traits
from datacoop.records.rules import PERSONAL_MARKS
from datacoop.records.storing import unmasked

_AT_ONCE = 1000


@dataclass(frozen=True)
class Mentions:
    """Statements whose value is about somebody, and those of which only the text before masking is."""

    values: frozenset[int]
    originals: frozenset[int]


def find_mentions(traits: Traits, *, apart: Collection[int]) -> Mentions:
    """Return where somebody stands in what is said of other records than those `apart`. Nothing is changed."""
    if not traits:
        return Mentions(frozenset(), frozenset())
    left, values, originals = set(apart), set(), set()
    for rows in _sealed():
        others = [r for r in rows if r.record_id not in left]
        envelopes = Envelopes({r.record.subject_id or r.record_id for r in others})
        for row in others:
            subject = row.record.subject_id or row.record_id
            if row.mark in PERSONAL_MARKS and row.sealed is not None:
                opened = envelopes.opened(subject, bytes(row.sealed))
                if opened is not None and traits.stand_in(_texts(orjson.loads(opened))):
                    values.add(row.id)
                    continue
            if traits.stand_in(_texts(unmasked(row.original, subject, envelopes))):
                originals.add(row.id)
    return Mentions(frozenset(values), frozenset(originals))


def mention_digests(values: Collection[int], originals: Collection[int]) -> set[bytes]:
    """Return keyed digests of values and of texts before masking: said again word for word, they are left out."""
    found = set()
    for row in _of([*values, *originals]):
        subject = row.record.subject_id or row.record_id
        envelopes = Envelopes([subject])
        opened = envelopes.opened(subject, bytes(row.sealed)) if row.sealed is not None else None
        if opened is not None and row.id in set(values):
            found.add(said_digest(row.property, orjson.loads(opened)))
        before = unmasked(row.original, subject, envelopes)
        if before is not None:
            found.add(said_digest(row.property, before))
    return found


def said_digest(property_name: str, value: object) -> bytes:
    """Return the keyed digest of one value of a property."""
    return digest("mentioned", property_name, orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode())


def _of(numbers: Sequence[int]) -> Iterator[Statement]:
    for start in range(0, len(numbers), 500):
        yield from Statement.objects.filter(id__in=numbers[start : start + 500]).select_related("record")


def _sealed() -> Iterator[Sequence[Statement]]:
    lying = Q(sealed__isnull=False) | Q(original__startswith=SEALED)
    after = 0
    while rows := list(
        Statement.objects.filter(lying, id__gt=after).order_by("id").select_related("record")[:_AT_ONCE]
    ):
        yield rows
        after = rows[-1].id


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [] if value is None else [str(value)]
