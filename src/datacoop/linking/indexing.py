"""The index of profiles and keys: written by a contribution while it is staged, read in whole batches.

Knows nothing of verdicts. Rows of an unaccepted contribution exist for that contribution alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import blake2b
from typing import TypeVar

import orjson
from django.db import connection, transaction

from datacoop.lib.sql import insert, placeholders, select
from datacoop.linking.models import Key, ProfileRow
from datacoop.linking.rules.comparing import same_name
from datacoop.linking.rules.encoding import ROW, encode
from datacoop.linking.rules.features import MANY
from datacoop.linking.rules.keys import Key as NameKey
from datacoop.linking.rules.keys import keys_of as name_keys
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
_STANDING = (
    "SELECT id, begin_contribution FROM linking_profilerow"
    " WHERE source_id = %s AND end_contribution IS NULL AND record_id IN ({})"
)
_T = TypeVar("_T")


@dataclass(frozen=True)
class Indexed:
    """A profile as it stands in the index, the list it comes from, and its bytes as a row of `encoding.ROW`."""

    profile: Profile
    source_id: int
    row: bytes = b""


@dataclass(frozen=True)
class Blocks:
    """Rows by the key they share, and the keys that too many share."""

    rows: Mapping[bytes, Sequence[int]]
    overfull: Set[bytes]


def contact_digest(kind: str, value: str) -> str:
    """Return the keyed digest under which a contact is stored and compared."""
    return digest("linking", kind, value).hex()


def keys_of(profile: Profile) -> set[bytes]:
    """Return the keys of a digested profile."""
    contacts = {contact_key(contact) for contact in profile.contacts()}
    return contacts | {name_digest(key) for key in name_keys(profile)}


@lru_cache(maxsize=65536)
def name_digest(key: NameKey) -> bytes:
    """Return the digest of what a name or an address is found by; it needs no secret: names stand beside it."""
    return blake2b("\n".join(key).encode(), digest_size=16).digest()


def contact_key(contact: str) -> bytes:
    """Return the key that a contact of a digested profile is."""
    return bytes.fromhex(contact.rpartition(":")[2])


class Index:
    """The index as one contribution sees it, or, without `own`, as the accepted ones left it."""

    def __init__(self, own: tuple[int, int] | None = None) -> None:
        """Look at the index through the eyes of `own`, a source and the number of its open contribution."""
        self._own = own
        self._accepted: Mapping[int, int] = accepted_numbers()
        self._kept: dict[int, Indexed | None] = {}
        self._keys: dict[int, tuple[Profile, set[bytes]]] = {}
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

    def keys(self, profile: Profile) -> set[bytes]:
        """Return the keys of a digested profile; those of the same object are worked out once."""
        found = self._keys.get(profile.record_id)
        if found is None or found[0] is not profile:
            if len(self._keys) > _KEPT:
                self._keys.clear()
            found = self._keys[profile.record_id] = profile, keys_of(profile)
        return found[1]

    def store(self, profiles: Sequence[Profile]) -> None:
        """Let profiles take the place of what their records had."""
        rows: list[int] = []

        def put(part: Sequence[Profile]) -> None:
            self.end([profile.record_id for profile in part])
            rows.extend(self._insert(part))

        _in_turns(profiles, _WRITTEN_AT_ONCE, put)
        keys = ((key, row) for row, profile in zip(rows, profiles, strict=True) for key in self.keys(profile))
        # Keys are random: those of many profiles are written side by side only in their own order.
        _in_turns(sorted(keys), _KEYS_AT_ONCE, partial(insert, "linking_key", ("digest", "profile_id")))
        self._keep(list(zip(rows, profiles, [self._open()[0]] * len(rows), strict=True)))

    def end(self, record_ids: Sequence[int]) -> None:
        """Let records stop counting with the open contribution."""
        source, number = self._open()
        for part in _parts(record_ids, _WRITTEN_AT_ONCE):
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
        for part in _parts(list(own.filter(end_contribution__gte=number).values_list("id", flat=True)), 500):
            with transaction.atomic():
                check()
                ProfileRow.objects.filter(id__in=part).update(end_contribution=None)
        _delete(own.filter(end_contribution__lt=number).values_list("id", flat=True), check)

    def blocks(self, keys: Collection[bytes]) -> Blocks:
        """Return the rows that share each key, and which keys more of them share than a block may hold."""
        shared: list[bytes] = []
        overfull: set[bytes] = set()
        for part in _parts(list(keys), _READ_AT_ONCE):
            counts = f"SELECT digest, COUNT(*) FROM linking_key WHERE digest IN ({placeholders(part)}) GROUP BY digest"  # noqa: S608 -- constants
            for key, count in select(counts, part):
                if count > BLOCK:
                    overfull.add(bytes(key))
                elif count > 1:
                    shared.append(bytes(key))
        rows: dict[bytes, list[int]] = {}
        for part in _parts(shared, _READ_AT_ONCE):
            found = f"SELECT digest, profile_id FROM linking_key WHERE digest IN ({placeholders(part)})"  # noqa: S608 -- constants
            for key, row in select(found, part):
                rows.setdefault(bytes(key), []).append(row)
        return Blocks(rows, overfull)

    def load(self, rows: Collection[int]) -> dict[int, Indexed]:
        """Return the profiles of rows that count, by row. Those just read are kept: neighbours come again."""
        missing = [row for row in rows if row not in self._kept]
        self._kept.update(dict.fromkeys(missing))
        self._keep(list(self._read("id", missing)))
        return {row: found for row in rows if (found := self._kept[row]) is not None}

    def of_records(self, record_ids: Collection[int]) -> dict[int, Indexed]:
        """Return the profiles that count, by record."""
        missing = [record for record in record_ids if record not in self._by_record]
        self._keep(list(self._read("record_id", missing)))
        return {record: self._by_record[record] for record in record_ids if record in self._by_record}

    def walk(self, size: int) -> Iterator[list[Indexed]]:
        """Yield everything that counts, in batches."""
        after = 0
        while True:
            rows = ProfileRow.objects.filter(id__gt=after).order_by("id").values_list("id", flat=True)
            found = list(rows[:size])
            if not found:
                return
            yield list(self.load(found).values())
            after = found[-1]
            self.refresh()

    def of_batch(self, profiles: Sequence[Profile]) -> dict[int, Indexed]:
        """Return profiles of the open contribution, or those read last, with their rows."""
        source = self._own[0] if self._own else 0
        kept = {p.record_id: self._by_record.get(p.record_id) for p in profiles}
        missing = [p for p in profiles if (found := kept[p.record_id]) is None or found.profile is not p]
        encoded = dict(zip((p.record_id for p in missing), _encoded(missing, [source] * len(missing)), strict=True))
        return {
            p.record_id: found if (found := kept[p.record_id]) and found.profile is p else encoded[p.record_id]
            for p in profiles
        }

    def _keep(self, found: Sequence[tuple[int, Profile, int]]) -> None:
        encoded = _encoded([profile for _, profile, _ in found], [source for *_, source in found])
        for (row, profile, _), indexed in zip(found, encoded, strict=True):
            self._kept[row] = self._by_record[profile.record_id] = indexed

    def _read(self, column: str, wanted: Collection[int]) -> Iterator[tuple[int, Profile, int]]:
        for part in _parts(list(wanted), _READ_AT_ONCE):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT id, record_id, source_id, begin_contribution, end_contribution, packed"  # noqa: S608 -- constants
                    f" FROM linking_profilerow WHERE version = {VERSION} AND {column} IN ({placeholders(part)})",
                    list(part),
                )
                rows = cursor.fetchall()
            for row, record_id, source, begin, end, packed in rows:
                if self._counts(source, begin, end):
                    yield row, unpack(record_id, orjson.loads(packed)), source

    def _counts(self, source: int, begin: int, end: int | None) -> bool:
        seen = self._accepted.get(source, 0)
        if self._own and self._own[0] == source:
            seen = self._own[1]
        return begin <= seen and (end is None or end > seen)

    def _insert(self, profiles: Sequence[Profile]) -> list[int]:
        source, number = self._open()
        marks = ", ".join([f"(%s, %s, %s, %s, {VERSION})"] * len(profiles))
        values: list[int | str] = []
        for profile in profiles:
            values += [profile.record_id, source, number, orjson.dumps(pack(profile)).decode()]
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO linking_profilerow (record_id, source_id, begin_contribution, packed, version)"  # noqa: S608 -- constants
                f" VALUES {marks} RETURNING record_id, id",
                values,
            )
            rows = dict(cursor.fetchall())
        return [rows[profile.record_id] for profile in profiles]

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


def _delete(rows: Iterable[int], check: Check = unchecked) -> None:
    for part in _parts(list(rows), 200):
        with transaction.atomic():
            check()
            Key.objects.filter(profile_id__in=part).delete()
            ProfileRow.objects.filter(id__in=part).delete()


def _encoded(profiles: Sequence[Profile], sources: Sequence[int]) -> list[Indexed]:
    if not profiles:
        return []
    whole, size = encode(profiles, sources).tobytes(), ROW.itemsize
    rows = (whole[start : start + size] for start in range(0, len(whole), size))
    return [Indexed(*each) for each in zip(profiles, sources, rows, strict=True)]


def _in_turns(items: Sequence[_T], size: int, write: Callable[[Sequence[_T]], None]) -> None:
    """Write items part by part, in each transaction as many parts as somebody who waits allows."""
    start = 0
    while start < len(items):
        turn = Turn()
        with transaction.atomic():
            while start < len(items) and turn.goes_on():
                write(items[start : start + size])
                start += size


def _parts(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
