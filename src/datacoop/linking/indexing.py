"""The index of profiles and keys: written by a contribution while it is staged, read in whole batches.

Knows nothing of verdicts. Rows of an unaccepted contribution exist for that contribution alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
import orjson
from django.db import connection, transaction

from datacoop.lib.sql import in_parts, insert, placeholders, select
from datacoop.linking.models import ProfileRow
from datacoop.linking.rules.comparing import same_name
from datacoop.linking.rules.encoding import encode_one
from datacoop.linking.rules.features import MANY
from datacoop.linking.rules.keys import numbers_of, pack_numbers, unpack_numbers
from datacoop.linking.rules.profiles import VERSION, Profile, pack, unpack
from datacoop.records.actions.staging import Check, unchecked
from datacoop.records.envelopes import digest
from datacoop.records.queries import accepted_numbers
from datacoop.records.turns import Turn

#: A key that more records share is no key: it finds nothing, and as a contact it proves nothing.
BLOCK = MANY
_WRITTEN_AT_ONCE = 250
_KEYS_AT_ONCE = 2000
_READ_AT_ONCE = 5000
#: Profiles kept in memory by a contribution.
_KEPT = 100_000
# The plus keeps SQLite from the index of the source, which holds all that its contribution wrote so far.
_STANDING = (
    "SELECT id, begin_contribution FROM linking_profilerow"
    " WHERE +source_id = %s AND end_contribution IS NULL AND record_id IN ({})"
)
_READ = (
    "SELECT id, record_id, source_id, begin_contribution, end_contribution, encoded, packed, keys"  # noqa: S608 -- constants
    f" FROM linking_profilerow WHERE version = {VERSION}"
)
_T = TypeVar("_T")


class Indexed:
    """A record as it stands in the index, the list it comes from, and its bytes as a row of `encoding.ROW`.

    `keys` are the numbers of its keys, as `pack_numbers` stores them.
    """

    def __init__(self, record_id: int, source_id: int, row: bytes, packed: str | Profile, keys: bytes) -> None:
        """`packed` is the profile, or what it is read from once somebody asks."""
        self.record_id, self.source_id, self.row, self.keys = record_id, source_id, row, keys
        self._packed = packed

    @classmethod
    def of(cls, profile: Profile, source_id: int) -> Indexed:
        """Work out what stands in the index of a digested profile."""
        keys = pack_numbers(numbers_of(profile))
        return cls(profile.record_id, source_id, encode_one(profile, source_id), profile, keys)

    @property
    def said(self) -> bytes:
        """What its row says, without its number and that of its list."""
        return self.row[16:]

    @property
    def profile(self) -> Profile:
        """The profile: the same object every time."""
        if isinstance(self._packed, str):
            self._packed = unpack(self.record_id, orjson.loads(self._packed))
        return self._packed


@dataclass(frozen=True)
class Blocks:
    """Rows by the key they share, and the keys that too many share."""

    rows: Mapping[int, Sequence[int]]
    overfull: Set[int]


def contact_digest(kind: str, value: str) -> str:
    """Return the keyed digest under which a contact is stored and compared."""
    return digest("linking", kind, value).hex()


class Index:
    """The index as one contribution sees it, or, without `own`, as the accepted ones left it."""

    def __init__(self, own: tuple[int, int] | None = None) -> None:
        """Look at the index through the eyes of `own`, a source and the number of its open contribution."""
        self._own = own
        self._accepted: Mapping[int, int] = accepted_numbers()
        self._kept: dict[int, Indexed | None] = {}
        self._by_record: dict[int, Indexed] = {}

    def refresh(self) -> None:
        """See what other contributions were accepted meanwhile."""
        accepted = accepted_numbers()
        if accepted != self._accepted or len(self._kept) > _KEPT:
            self._kept.clear()
            self._by_record.clear()
        self._accepted = accepted

    def known_before(self, record_ids: Sequence[int]) -> set[int]:
        """Return the records that an accepted contribution spoke of."""
        source, number = self._open()
        if number == 1:
            return set()
        rows = ProfileRow.objects.filter(record_id__in=record_ids)
        return set(rows.exclude(source_id=source, begin_contribution=number).values_list("record_id", flat=True))

    def store(self, profiles: Sequence[Profile]) -> None:
        """Let profiles take the place of what their records had."""
        source = self._open()[0]
        found = [Indexed.of(profile, source) for profile in profiles]
        rows: list[int] = []

        def put(part: Sequence[Indexed]) -> None:
            self.end([indexed.record_id for indexed in part])
            rows.extend(self._insert(part))

        _in_turns(found, _WRITTEN_AT_ONCE, put)
        _in_turns(_by_key(rows, found), _KEYS_AT_ONCE, partial(insert, "linking_key", ("number", "profile_id")))
        self._keep(zip(rows, found, strict=True))

    def before(self, record_ids: Collection[int]) -> dict[int, Profile]:
        """Return the profiles that the contribution before the open one ended, by record."""
        source, number = self._open()
        ended = ProfileRow.objects.filter(source_id=source, end_contribution=number - 1, version=VERSION)
        rows = ended.filter(record_id__in=list(record_ids))
        return {record: unpack(record, orjson.loads(told)) for record, told in rows.values_list("record_id", "packed")}

    def end(self, record_ids: Sequence[int]) -> None:
        """Let records stop counting with the open contribution."""
        source, number = self._open()
        for part in in_parts(record_ids, _WRITTEN_AT_ONCE):
            standing = dict(select(_STANDING.format(placeholders(part)), [source, *part]))
            for row in standing:
                self._kept.pop(row, None)
            for record in part:
                self._by_record.pop(record, None)
            _delete([row for row, begun in standing.items() if begun == number])
            before = [row for row, begun in standing.items() if begun != number]
            if before:
                ProfileRow.objects.filter(id__in=before).update(end_contribution=number)

    def clear(self, check: Check) -> None:
        """Remove every trace of the open contribution, and what accepted ones ended long ago.

        `check` raises, in each transaction, where another contribution has taken over.
        """
        source, number = self._open()
        own = ProfileRow.objects.filter(source_id=source)
        _delete(own.filter(begin_contribution__gte=number).values_list("id", flat=True), check)
        for part in in_parts(own.filter(end_contribution__gte=number).values_list("id", flat=True), 500):
            with transaction.atomic():
                check()
                ProfileRow.objects.filter(id__in=part).update(end_contribution=None)
        # What the last one ended is what stands again where it is undone.
        _delete(own.filter(end_contribution__lt=number - 1).values_list("id", flat=True), check)

    def blocks(self, keys: Collection[int]) -> Blocks:
        """Return the rows that share each key, and which keys more of them share than a block may hold."""
        shared: list[int] = []
        overfull: set[int] = set()
        for part in in_parts(keys, _READ_AT_ONCE):
            counts = f"SELECT number, COUNT(*) FROM linking_key WHERE number IN ({placeholders(part)}) GROUP BY number"  # noqa: S608 -- constants
            for key, count in select(f"{counts} HAVING COUNT(*) > 1", part):
                if count > BLOCK:
                    overfull.add(key)
                else:
                    shared.append(key)
        rows: dict[int, list[int]] = {}
        for part in in_parts(shared, _READ_AT_ONCE):
            found = f"SELECT number, profile_id FROM linking_key WHERE number IN ({placeholders(part)})"  # noqa: S608 -- constants
            for key, row in select(found, part):
                rows.setdefault(key, []).append(row)
        return Blocks(rows, overfull)

    def load(self, rows: Collection[int]) -> dict[int, Indexed]:
        """Return the profiles of rows that count, by row. Those just read are kept: neighbours come again."""
        missing = [row for row in rows if row not in self._kept]
        self._kept.update(dict.fromkeys(missing))
        self._keep(self._read("id", missing))
        return {row: found for row in rows if (found := self._kept[row]) is not None}

    def of_records(self, record_ids: Collection[int]) -> dict[int, Indexed]:
        """Return the profiles that count, by record."""
        missing = [record for record in record_ids if record not in self._by_record]
        self._keep(self._read("record_id", missing))
        return {record: self._by_record[record] for record in record_ids if record in self._by_record}

    def everything(self) -> Iterator[Indexed]:
        """Yield everything that counts, and keep it."""
        after = 0
        while found := select(f"{_READ} AND id > %s ORDER BY id LIMIT %s", (after, _READ_AT_ONCE)):
            for row, indexed in self._counting(found):
                self._keep([(row, indexed)])
                yield indexed
            after = found[-1][0]

    def count(self) -> int:
        """Return how many rows there are, whether they count or not."""
        return ProfileRow.objects.count()

    def of_batch(self, profiles: Sequence[Profile]) -> dict[int, Indexed]:
        """Return profiles of the open contribution, or those read last, with their rows."""
        source = self._own[0] if self._own else 0
        found: dict[int, Indexed] = {}
        for p in profiles:
            kept = self._by_record.get(p.record_id)
            is_own = kept is not None and kept.profile is p
            found[p.record_id] = kept if kept and is_own else Indexed.of(p, source)
        return found

    def _keep(self, found: Iterable[tuple[int, Indexed]]) -> None:
        for row, indexed in found:
            self._kept[row] = self._by_record[indexed.record_id] = indexed

    def _read(self, column: str, wanted: Collection[int]) -> Iterator[tuple[int, Indexed]]:
        for part in in_parts(wanted, _READ_AT_ONCE):
            yield from self._counting(select(f"{_READ} AND {column} IN ({placeholders(part)})", part))

    def _counting(self, rows: Iterable[Sequence[Any]]) -> Iterator[tuple[int, Indexed]]:
        for row, record_id, source, begin, end, encoded, packed, keys in rows:
            if self._counts(source, begin, end):
                yield row, Indexed(record_id, source, bytes(encoded), packed, bytes(keys))

    def _counts(self, source: int, begin: int, end: int | None) -> bool:
        seen = self._accepted.get(source, 0)
        if self._own and self._own[0] == source:
            seen = self._own[1]
        return begin <= seen and (end is None or end > seen)

    def _insert(self, part: Sequence[Indexed]) -> list[int]:
        source, number = self._open()
        marks = ", ".join([f"(%s, %s, %s, %s, %s, %s, {VERSION})"] * len(part))
        values: list[object] = []
        for each in part:
            told = orjson.dumps(pack(each.profile)).decode()
            values += [each.record_id, source, number, told, each.row, each.keys]
        columns = "record_id, source_id, begin_contribution, packed, encoded, keys, version"
        rows = dict(
            select(f"INSERT INTO linking_profilerow ({columns}) VALUES {marks} RETURNING record_id, id", values)  # noqa: S608 -- constants
        )
        return [rows[each.record_id] for each in part]

    def _open(self) -> tuple[int, int]:
        if self._own is None:
            raise RuntimeError("Only a contribution writes to the index.")
        return self._own


def count_names(holders: Iterable[Profile]) -> int:
    """Return how many differently named records hold something, near-equal names counted once."""
    different: list[Profile] = []
    for holder in sorted(holders, key=lambda p: (p.name, p.record_id)):
        if not any(same_name(holder, other) for other in different):
            different.append(holder)
    return len(different)


def delete_keys(rows: Sequence[int]) -> None:
    """Delete the keys of profiles, which are about to be deleted or read anew."""
    stored = ProfileRow.objects.filter(id__in=rows).values_list("id", "keys")
    pairs = [(number, row) for row, packed in stored for number in unpack_numbers(bytes(packed))]
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM linking_key WHERE number = %s AND profile_id = %s", pairs)


def _by_key(rows: Sequence[int], found: Sequence[Indexed]) -> list[tuple[int, int]]:
    """Return keys with their rows. Keys are random: those of many profiles lie side by side only in their own order."""
    numbers = np.frombuffer(b"".join([each.keys for each in found]), dtype="<i8")
    held = np.repeat(np.array(rows, dtype=np.int64), [len(each.keys) // 8 for each in found])
    order = np.argsort(numbers)
    return list(zip(numbers[order].tolist(), held[order].tolist(), strict=True))


def _delete(rows: Iterable[int], check: Check = unchecked) -> None:
    for part in in_parts(rows, 200):
        with transaction.atomic():
            check()
            delete_keys(part)
            ProfileRow.objects.filter(id__in=part).delete()


def _in_turns(items: Sequence[_T], size: int, write: Callable[[Sequence[_T]], None]) -> None:
    """Write items part by part, in each transaction as many parts as somebody who waits allows."""
    start = 0
    while start < len(items):
        turn = Turn()
        with transaction.atomic():
            while start < len(items) and turn.goes_on():
                write(items[start : start + size])
                start += size
