"""The lists that statements come from."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from datacoop.lib.sql import placeholders, select
from datacoop.records.models import Source
from datacoop.records.queries.effective import EFFECTIVE, STATEMENTS
from datacoop.records.rules import SourceFacts


def source_facts(ids: Collection[int] | None = None) -> dict[int, SourceFacts]:
    """Return sources by number, all of them without `ids`."""
    if ids is not None and not ids:
        return {}
    known = "" if ids is None else f" WHERE id IN ({placeholders(ids)})"
    sql = f"SELECT id, holder, name, authority, published, page, origin FROM records_source{known}"
    return {
        number: SourceFacts(number, holder, name, authority, bool(published), page, origin)
        for number, holder, name, authority, published, page, origin in select(sql, list(ids or ()))
    }


def lists_beside(ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Return for each of some sources all that its holder keeps, itself among them."""
    holders = dict(Source.objects.filter(pk__in=list(ids)).values_list("pk", "holder_uid")) if ids else {}
    kept: dict[UUID, set[int]] = {}
    for number, holder in Source.objects.filter(holder_uid__in=set(holders.values())).values_list("pk", "holder_uid"):
        kept.setdefault(holder, set()).add(number)
    return {each: frozenset(kept.get(holders[each], ())) if each in holders else frozenset({each}) for each in ids}


def lists_naming(ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Return the lists that say something of each of some records now."""
    found: dict[int, set[int]] = {}
    every = list(ids)
    for start in range(0, len(every), 500):
        part = every[start : start + 500]
        sql = f"SELECT DISTINCT s.record_id, o.id FROM {STATEMENTS} WHERE {EFFECTIVE} AND s.record_id IN ({{}})"
        for record, source in select(sql.format(placeholders(part)), part):
            found.setdefault(record, set()).add(source)
    return {record: frozenset(lists) for record, lists in found.items()}


def accepted_numbers() -> dict[int, int]:
    """Return the last accepted contribution of every source."""
    return dict(Source.objects.values_list("id", "accepted"))


def licence_of(source_id: int) -> str:
    """Return the licence under which a list is given, empty where none is known."""
    return Source.objects.values_list("licence", flat=True).get(id=source_id)
