"""Which public records the rows of a list are."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from threading import Lock

from datacoop.disclosure.holding import Item, PublicRecord, Words, own_words, public_of, world_of
from datacoop.disclosure.reading import Reading
from datacoop.linking.apart import alike

_COMPARED = ("name", "alternate_names", "commune", "addresses", "email", "phones", "website", "identifiers")
_MOST_KNOWN = 16


@dataclass(frozen=True)
class Matched:
    """`same`: by record of a row, the public record it is. `perhaps`: public records that only resemble a row."""

    same: Mapping[int, int]
    perhaps: frozenset[int]


#: Numbers of records alone, so that walking through long tables does not compare anew; no value is kept.
_known: OrderedDict[tuple[int, tuple[int, str]], Matched] = OrderedDict()
_lock = Lock()


def match(reading: Reading, source_id: int, rows: Collection[int], pool: Mapping[int, PublicRecord]) -> Matched:
    """Find the rows of a list among public organisations; remembered until the next revision. Needs a snapshot.

    A row of a public record is that record. The others, above all those of a list that is not published, are compared
    with what the public sees, by the rules of linking; records of both sides are never merged by this.
    """
    key = source_id, world_of(reading)
    with _lock:
        found = _known.get(key)
    if found is None:
        found = _match(reading, source_id, rows, pool)
        with _lock:
            _known[key] = found
            while len(_known) > _MOST_KNOWN:
                _known.popitem(last=False)
    return found


def _match(reading: Reading, source_id: int, rows: Collection[int], pool: Mapping[int, PublicRecord]) -> Matched:
    same = {row: number for row, number in public_of(reading, rows).items() if number in pool}
    words = own_words(source_id, [row for row in rows if row not in same])
    found = alike(
        {row: {name: said[name] for name in _COMPARED if name in said} for row, said in words.items()},
        {number: _values(each.item) for number, each in pool.items()} if words else {},
    )
    perhaps: set[int] = set()
    for row, likely in found.items():
        if likely[0].is_same:
            same[row] = likely[0].other
        else:
            perhaps.update(each.other for each in likely)
    return Matched(same, frozenset(perhaps - set(same.values())))


def _values(item: Item) -> Words:
    return {
        name: value if isinstance(value, list) else [value]
        for name in _COMPARED
        if (value := item.get(name)) is not None
    }
