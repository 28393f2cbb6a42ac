"""Whom a change reaches: who may be one with others than before because of what a contribution brought or ended.

Weights count who holds a contact, a door or a name; so whoever holds what a new record holds has other weights now. Who
merely resembles it is found by comparing the record itself. Of what ended nobody is compared any more: there, whoever
shared any key is reached.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from django.db.models import Q

from datacoop.linking.indexing import Index
from datacoop.linking.models import ProfileRow
from datacoop.linking.rules.keys import contact_number, door_keys, letters_key, number_of, town_keys, unpack_numbers
from datacoop.linking.rules.profiles import Profile
from datacoop.records.actions.staging import touched_by

_AT_ONCE = 1000


def reached_by(index: Index, source_id: int, number: int) -> set[int]:
    """Return the records that a contribution spoke of or fell silent about, and all whom that reaches."""
    own = ProfileRow.objects.filter(source_id=source_id)
    changed = own.filter(Q(begin_contribution=number) | Q(end_contribution=number))
    ended = list(own.filter(end_contribution=number).order_by("id").values_list("id", flat=True))
    found = set(changed.values_list("record_id", flat=True))
    begun = sorted(found)
    for start in range(0, len(begun), _AT_ONCE):
        profiles = [each.profile for each in index.of_records(begun[start : start + _AT_ONCE]).values()]
        found |= _sharing(index, {key for profile in profiles for key in _counted(profile)})
    return found | _around(index, ended)


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


def _counted(profile: Profile) -> set[int]:
    """Return the keys of what is counted: contacts, doors, names anywhere and in their town."""
    named = (*door_keys(profile), *letters_key(profile), *town_keys(profile))
    return {*map(contact_number, profile.contacts()), *map(number_of, named)}


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
