"""Whom a change reaches: who may be one with others than before because of what a contribution brought or ended.

Weights count who holds a contact, a door or a name; so whoever holds what a new record holds has other weights now: of
those, whoever has to be settled anew is reached (`recounting`). Who merely resembles it is found by comparing it
itself. What ended was one with those of its group, and waited beside others: they are reached too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

import orjson

from datacoop.linking.groups import Judgements
from datacoop.linking.indexing import Index
from datacoop.linking.models import ProfileRow
from datacoop.linking.recounting import Recounted, unsettled_by
from datacoop.linking.reviewing import EACH, open_look_alikes
from datacoop.linking.rules.keys import contact_number, door_keys, letters_key, number_of, town_keys, unpack_numbers
from datacoop.linking.rules.profiles import VERSION, Profile, unpack
from datacoop.records.actions.staging import touched_by

_AT_ONCE = 1000


def reached_by(index: Index, source_id: int, number: int) -> set[int]:
    """Return the records that a contribution spoke of or fell silent about, and all whom that reaches."""
    own = ProfileRow.objects.filter(source_id=source_id)
    begun = set(own.filter(begin_contribution=number).values_list("record_id", flat=True))
    ended = list(own.filter(end_contribution=number).order_by("id"))
    before = {row.record_id: unpack(row.record_id, orjson.loads(row.packed)) for row in ended if row.version == VERSION}
    changed = begun | {row.record_id for row in ended}
    now = {record: each.profile for record, each in index.of_records(begun).items()}
    recounted = Recounted()
    for record in changed:
        _recount(recounted, before.get(record), now.get(record))
    beside, full = _hanging_on([row.record_id for row in ended])
    unclear = [row.id for row in ended if row.version != VERSION or row.record_id in full]
    return changed | beside | unsettled_by(index, recounted, changed) | _around(index, unclear)


def reached_from(index: Index, record_ids: Collection[int]) -> set[int]:
    """Return some records and all who share a key with them."""
    rows = ProfileRow.objects.filter(record_id__in=list(record_ids)).order_by("id")
    return {*record_ids, *_around(index, list(rows.values_list("id", flat=True)))}


def spoken_of(source_id: int, number: int) -> Iterator[int]:
    """Yield the records, of any kind, that a contribution spoke of or fell silent about."""
    for ended in (False, True):
        after = -1
        while found := touched_by(source_id, number, ended=ended, after=after, limit=_AT_ONCE):
            yield from found
            after = found[-1]


def _recount(recounted: Recounted, before: Profile | None, now: Profile | None) -> None:
    """Note the keys that other records, or records of other names, hold since a record says something else."""
    if before is None and now is not None:
        recounted.lowered |= _lowering(now)
        recounted.moved |= _moving(now)
        return
    ours, theirs = (_lowering(each) | _moving(each) if each else set[int]() for each in (before, now))
    is_named_so = before and now and (before.core, before.letters) == (now.core, now.letters)
    recounted.moved |= ours ^ theirs if is_named_so else ours | theirs


def _lowering(profile: Profile) -> set[int]:
    """Return the keys of what is counted and never speaks for a pair the more hold it: contacts, names anywhere."""
    return {*map(contact_number, profile.contacts()), *map(number_of, letters_key(profile))}


def _moving(profile: Profile) -> set[int]:
    """Return the keys of what else is counted: doors, and names in their town."""
    return set(map(number_of, (*door_keys(profile), *town_keys(profile))))


def _hanging_on(record_ids: Sequence[int]) -> tuple[set[int], set[int]]:
    """Return whom something waits or was said of together with some records, and of which of these too much waits."""
    rows = open_look_alikes(record_ids)
    pairs = [*(row.pair for row in rows), *Judgements(record_ids).standing()]
    waiting = Counter(record for row in rows for record in row.pair)
    full = {record for record in record_ids if waiting[record] >= EACH}
    return {record for pair in pairs for record in pair}, full


def _around(index: Index, rows: Sequence[int]) -> set[int]:
    """Return who shares a key with any of some rows, whether these still count or not."""
    found: set[int] = set()
    for start in range(0, len(rows), _AT_ONCE):
        stored = ProfileRow.objects.filter(id__in=rows[start : start + _AT_ONCE]).values_list("keys", flat=True)
        found |= _sharing(index, {key for packed in stored for key in unpack_numbers(bytes(packed))})
    return found


def _sharing(index: Index, keys: Collection[int]) -> set[int]:
    blocks = index.blocks(keys)
    near = index.load({row for shared in blocks.rows.values() for row in shared})
    return {indexed.record_id for indexed in near.values()}
