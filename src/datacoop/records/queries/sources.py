"""The lists that statements come from."""

from __future__ import annotations

from collections.abc import Collection

from datacoop.lib.sql import placeholders, select
from datacoop.records.models import Source
from datacoop.records.rules import SourceFacts


def source_facts(ids: Collection[int] | None = None) -> dict[int, SourceFacts]:
    """Return sources by number, all of them without `ids`."""
    if ids is not None and not ids:
        return {}
    known = "" if ids is None else f" WHERE id IN ({placeholders(ids)})"
    sql = f"SELECT id, holder, name, authority, published, page FROM records_source{known}"
    return {
        number: SourceFacts(number, holder, name, authority, bool(published), page)
        for number, holder, name, authority, published, page in select(sql, list(ids or ()))
    }


def accepted_numbers() -> dict[int, int]:
    """Return the last accepted contribution of every source."""
    return dict(Source.objects.values_list("id", "accepted"))


def licence_of(source_id: int) -> str:
    """Return the licence under which a list is given, empty where none is known."""
    return Source.objects.values_list("licence", flat=True).get(id=source_id)
