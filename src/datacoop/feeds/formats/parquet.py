"""Parquet for analysis: the columns of `feeds.columns` with types, many values as a list, a point also as GeoParquet.

Written by pyarrow, an extra (`datacoop[parquet]`): where it is not installed there is no such format. It is loaded when
somebody first asks. Rows go out in groups of `GROUP`; no more of them, and what Parquet says at its end of each group,
lies in memory.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from importlib.util import find_spec
from typing import Any, Final

import orjson

from datacoop.feeds.columns import Column, columns_of, identified, repeated, spoken
from datacoop.feeds.formatting import Context, narrowed
from datacoop.feeds.sinks import Sink
from datacoop.kinds.definition import Kind

NAME = "parquet"
MEDIA_TYPES = ("application/vnd.apache.parquet",)
EXTENSION = "parquet"

GROUP: Final = 2_000
GEOMETRY: Final = "geometry"
#: GeoParquet 1.1: longitude and latitude on WGS 84 (OGC:CRS84) unless told otherwise.
_GEO: Final[Mapping[str, object]] = {
    "version": "1.1.0",
    "primary_column": GEOMETRY,
    "columns": {GEOMETRY: {"encoding": "WKB", "geometry_types": ["Point"]}},
}
#: Little-endian, a point (1), x and y.
_WKB: Final = struct.Struct("<BIdd")
#: What 64 bits hold; a greater number is a mistake of the list, and would end the whole export.
_MOST: Final = 2**63 - 1


def applies(_kind: Kind) -> bool:
    """Every kind, where there is pyarrow."""
    return find_spec("pyarrow") is not None


def begin(context: Context) -> Document:
    """A document without rows."""
    return Document(context)


def render_one(body: bytes, context: Context) -> bytes:
    """A table of one row."""
    document = Document(context)
    return document.part([body]) + document.end()


class Document:
    """One Parquet file under way."""

    def __init__(self, context: Context) -> None:
        """Write nothing before the first group."""
        import pyarrow as pa  # noqa: PLC0415 - some 60 MB in memory, for the few who ask for it
        from pyarrow import parquet  # noqa: PLC0415

        self._context = context
        self._columns = columns_of(context)
        self._point = context.kind.slots.get("point")
        if self._point is not None and context.open_only and not self._point.open:
            self._point = None
        self._sink = Sink()
        self._rows: list[list[object]] = []
        fields = [pa.field(each.header, _type(pa, each)) for each in self._columns]
        told = {"license": context.licence, "terms": context.terms, "owned": context.owned}
        if self._point is not None:
            fields.append(pa.field(GEOMETRY, pa.binary()))
            told["geo"] = orjson.dumps(_GEO).decode()
        self._schema = pa.schema(fields, {name: said for name, said in told.items() if said})
        self._arrow = pa
        self._writer = parquet.ParquetWriter(self._sink, self._schema, compression="zstd")

    def part(self, bodies: Sequence[bytes]) -> bytes:
        """Gather rows; each full group leaves."""
        self._rows += [self._row(body) for body in bodies]
        while len(self._rows) >= GROUP:
            group, self._rows = self._rows[:GROUP], self._rows[GROUP:]
            self._write(group)
        return self._sink.taken()

    def end(self) -> bytes:
        """Write the last rows, and what Parquet tells of all groups."""
        if self._rows:
            self._write(self._rows)
        self._writer.close()
        return self._sink.taken()

    def _row(self, body: bytes) -> list[object]:
        """The geometry stays whatever `fields=` asks, as in GeoJSON."""
        item = narrowed(body, self._context, by_date=True)
        row = [_cell(each, item[each.key]) if each.key in item else None for each in self._columns]
        if self._point is not None:
            row.append(_geometry(orjson.loads(body).get(self._point.name)))
        return row

    def _write(self, rows: Sequence[Sequence[object]]) -> None:
        columns = zip(*rows, strict=True)
        arrays = [self._arrow.array(cells, field.type) for cells, field in zip(columns, self._schema, strict=True)]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema), row_group_size=GROUP)


def _type(arrow: Any, column: Column) -> Any:
    made = arrow.timestamp("ms", "UTC") if column.key == "modified" else _inner_type(arrow, column)
    return arrow.list_(made) if column.key == "sources" or _is_many(column) else made


def _inner_type(arrow: Any, column: Column) -> Any:
    if column.part:
        known = {"lat": arrow.float64(), "lon": arrow.float64(), "bfs": arrow.int64()}
        return known.get(column.part, arrow.string())
    known = {
        "integer": arrow.int64(),
        "number": arrow.float64(),
        "boolean": arrow.bool_(),
        "date": arrow.date32(),
        "datetime": arrow.timestamp("ms", "UTC"),
    }
    return known.get(column.property.type if column.property else "", arrow.string())


def _is_many(column: Column) -> bool:
    return column.property is not None and column.property.many


def _cell(column: Column, value: Any) -> object:
    if column.language is not None:
        value = spoken(value, column.language)
    if isinstance(value, list):
        return [_one(column, each) for each in value]
    return None if value is None else _one(column, value)


def _one(column: Column, value: Any) -> object:
    if column.part:
        return value.get(column.part)
    if column.key == "sources":
        return str(value["holder"])
    if column.property is None:
        return value * 1000 if column.key == "modified" else value
    write = _WRITTEN.get(column.property.type)
    return write(value) if write else value


def _geometry(point: Mapping[str, float] | None) -> bytes | None:
    return None if point is None else _WKB.pack(1, 1, point["lon"], point["lat"])


_WRITTEN: Final[Mapping[str, Callable[[Any], object]]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "identifier": identified,
    "integer": lambda value: value if abs(value) <= _MOST else None,
    "number": float,
    "recurrence": repeated,
}
