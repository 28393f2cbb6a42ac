"""Profiles that an earlier version of linking read, read again."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from django.db import transaction

from datacoop.lib.sql import insert
from datacoop.linking.indexing import delete_keys
from datacoop.linking.models import ProfileRow
from datacoop.linking.offering import offered_from, profile_from
from datacoop.linking.rules.encoding import encode_one
from datacoop.linking.rules.keys import numbers_of, pack_numbers
from datacoop.linking.rules.profiles import VERSION, Profile, pack
from datacoop.records.queries import SaidFacts, accepted_numbers, said_of

_AT_ONCE = 1000


def renew_profiles() -> int:
    """Read again, by today's rules, what an earlier version read; return how many records. Nothing is compared."""
    renewed = 0
    for source, number in accepted_numbers().items():
        while rows := _outdated(source, number, limit=_AT_ONCE):
            said: dict[int, list[SaidFacts]] = {record: [] for record in rows.values()}
            for each in said_of(source, number, list(said)):
                said[each.record_id].append(each)
            profiles = {row: profile_from(offered_from(record, said[record])) for row, record in rows.items()}
            with transaction.atomic():
                _renew(profiles)
            renewed += len(rows)
    return renewed


def _outdated(source_id: int, number: int, *, limit: int) -> dict[int, int]:
    """Return records of a list, by row, as its accepted contribution left them, that an earlier version read."""
    rows = ProfileRow.objects.filter(source_id=source_id, begin_contribution__lte=number, version__lt=VERSION)
    rows = rows.exclude(end_contribution__lte=number)
    return dict(rows.order_by("id").values_list("id", "record_id")[:limit])


def _renew(profiles: Mapping[int, Profile]) -> None:
    """Put profiles, by row, with their keys in the place of what an earlier version read."""
    delete_keys(list(profiles))
    rows = ProfileRow.objects.in_bulk(list(profiles))
    keys: list[tuple[int, int]] = []
    for row, profile in profiles.items():
        numbers = numbers_of(profile)
        rows[row].packed, rows[row].version = orjson.dumps(pack(profile)).decode(), VERSION
        rows[row].encoded, rows[row].keys = encode_one(profile, rows[row].source_id), pack_numbers(numbers)
        keys += [(number, row) for number in numbers]
    ProfileRow.objects.bulk_update(rows.values(), ["packed", "encoded", "keys", "version"], batch_size=500)
    insert("linking_key", ("number", "profile_id"), sorted(keys))
