"""What this room keeps of somebody: rows that lead to them, what lies sealed of these, the deliveries they came with.

A rejected row belongs to nobody and may name several: of it only the cells are told in which somebody stands, and the
contact of a list only where it is theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import orjson

from datacoop.lib.sheets import text_of
from datacoop.lib.text import words
from datacoop.records.queries import source_facts
from datacoop.records.recognising import Traits
from datacoop.records.tellers import Chapter, Concerned
from datacoop.records.tellers import Row as Told
from datacoop.sources.keeping import REJECTED, plain_of
from datacoop.sources.models import Contribution, KeptRow, Row, SourceList

_AT_ONCE = 500


def tell(concerned: Concerned) -> Iterator[Chapter]:
    """Yield a chapter each."""
    rows = list(Row.objects.filter(record_id__in=concerned.ids).order_by("pk"))
    lists = source_facts({r.source_id for r in rows} | set(KeptRow.objects.values_list("source_id", flat=True)))

    def named(source_id: int) -> dict[str, object]:
        found = lists.get(source_id)
        return {"holder": found.holder if found else "", "list": found.name if found else ""}

    yield Chapter("rows", [{"record": concerned.name(r.record_id), **named(r.source_id)} for r in rows])
    yield Chapter("deliveries_in", _deliveries(rows, named))
    kept = [*_own_cells(concerned, rows), *_cells_naming(concerned)]
    yield Chapter("kept_cells", [{**named(source), **each} for source, each in kept])
    if concerned.traits:
        listed = SourceList.objects.exclude(contact="").select_related("holder").order_by("source_id")
        theirs = [x for x in listed if concerned.traits.stand_in([x.contact])]
        yield Chapter("contacts", [{"holder": x.holder.name, "list": x.name, "value": x.contact} for x in theirs])


def _deliveries(rows: list[Row], named: Callable[[int], Mapping[str, object]]) -> list[Told]:
    sources = {r.source_id for r in rows}
    found = Contribution.objects.filter(source_id__in=sources, accepted_at__isnull=False).order_by(
        "source_id", "number"
    )
    return [
        {
            **named(c.source_id),
            "number": c.number,
            "files": list(c.file_names),
            "actor": c.actor,
            "at": c.received_at,
            "accepted_at": c.accepted_at,
        }
        for c in found
    ]


def _own_cells(concerned: Concerned, rows: list[Row]) -> Iterator[tuple[int, Told]]:
    """What holders keep in their own columns of the rows that lead to their records."""
    for row in rows:
        for kept in KeptRow.objects.filter(source_id=row.source_id, key=row.key, wrapped__isnull=False).order_by("pk"):
            if kept.sort != REJECTED:
                cells = _cells(kept)
                yield row.source_id, {"record": concerned.name(row.record_id), "cells": cells, "at": kept.kept_at}


def _cells_naming(concerned: Concerned) -> Iterator[tuple[int, Told]]:
    """The cells of other rows in which they stand."""
    if not concerned.traits:
        return
    own = set(Row.objects.filter(record_id__in=concerned.ids).values_list("source_id", "key"))
    ours = {(source, bytes(key)) for source, key in own}
    for kept in KeptRow.objects.filter(wrapped__isnull=False).order_by("pk").iterator(chunk_size=_AT_ONCE):
        if kept.sort != REJECTED and (kept.source_id, bytes(kept.key)) in ours:
            continue
        cells = _cells(kept)
        if concerned.traits.stand_in(cells.values()):
            theirs = {column: text for column, text in cells.items() if _is_about(text, concerned.traits)}
            yield kept.source_id, {"record": "", "cells": theirs, "at": kept.kept_at}


def _cells(kept: KeptRow) -> Mapping[str, str]:
    said = orjson.loads(plain_of(kept))
    cells = said["cells"] if kept.sort == REJECTED else said
    return {str(column): text_of(value) for column, value in cells.items()}


def _is_about(text: str, traits: Traits) -> bool:
    """Whether a cell is of the person that its row names: it names them, or a part of their name."""
    if traits.stand_in([text]):
        return True
    said = set(words(text))
    return bool(said) and any(said <= name for name in traits.names)
