"""Parquet: what others' programs read from it is what CSV says, with types; and it leaves group by group."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest
from pyarrow import parquet as arrow_parquet

from datacoop.feeds.formats import csv as csv_format
from datacoop.feeds.formats import parquet
from datacoop.feeds.formatting import begin, render_list, stream
from datacoop.feeds.registry import formats_of
from datacoop.kinds.definition import Kind, all_kinds, kind
from datacoop.lib.cells import joined
from tests.api import world
from tests.api.world import Caller
from tests.feeds.test_formats import ACTIVITY, MODIFIED, ORGANISATION, body_of, context_of


def opened(content: bytes) -> arrow_parquet.ParquetFile:
    return arrow_parquet.ParquetFile(io.BytesIO(content))


def rows_of(content: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = opened(content).read().to_pylist()
    return rows


def read_by_duckdb(content: bytes, folder: Path, what: str = "*") -> Any:
    path = folder / "export.parquet"
    path.write_bytes(content)
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        return connection.sql(f"SELECT {what} FROM read_parquet('{path}')").fetchall()


@pytest.mark.parametrize("a_kind", all_kinds().values(), ids=all_kinds().keys())
@pytest.mark.parametrize("open_only", [True, False])
def test_has_the_columns_and_the_values_of_csv(a_kind: Kind, open_only: bool) -> None:
    bodies = [body_of(a_kind), orjson.dumps({"id": "x", "kind": a_kind.name})]
    context = context_of(a_kind, open_only=open_only)
    text = render_list(csv_format, bodies, context).decode()

    rows = rows_of(render_list(parquet, bodies, context))

    told = [{name: each for name, each in row.items() if name != "geometry"} for row in rows]
    assert [list(row) for row in told] == [list(csv.DictReader(io.StringIO(text)).fieldnames or ())] * 2
    for row, line in zip(told, csv.DictReader(io.StringIO(text, newline="")), strict=True):
        assert {name: as_csv(value) for name, value in row.items()} == {n: as_plain(c) for n, c in line.items()}


def as_csv(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return joined(as_csv(each) for each in value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return as_plain(str(value))


def as_plain(cell: str) -> str:
    """A cell of CSV with its apostrophe taken off, its instants in UTC, its `modified` as a moment."""
    if cell == str(MODIFIED):
        return datetime.fromtimestamp(MODIFIED, UTC).isoformat()
    if re.match(r"\d{4}-\d\d-\d\dT", cell):
        return datetime.fromisoformat(cell).astimezone(UTC).isoformat()
    return cell.removeprefix("'")


def test_values_have_types() -> None:
    row = rows_of(parquet.render_one(body_of(ACTIVITY, start="2030-06-01T19:30:00+02:00"), context_of(ACTIVITY)))[0]
    whole = rows_of(parquet.render_one(body_of(ACTIVITY, start="2030-06-01"), context_of(ACTIVITY)))[0]
    other = rows_of(parquet.render_one(body_of(ORGANISATION, founded_year=1987), context_of(ORGANISATION)))[0]

    assert (row["start"], whole["start"]) == ("2030-06-01T19:30:00+02:00", "2030-06-01")
    assert orjson.loads(row["recurrence"]) == ACTIVITY.example["recurrence"]
    assert row["modified"] == datetime.fromtimestamp(MODIFIED, UTC)
    assert (other["founded_year"], other["commune.bfs"], other["point.lat"]) == (1987, 5586, 46.5174)
    assert other["alternate_names"] == ["CdC", "Clairière-Chor"]
    dated = next((k, p) for k in all_kinds().values() for p in k.properties if p.type == "date" and not p.many)
    written = parquet.render_one(body_of(dated[0], **{dated[1].name: "2030-06-01"}), context_of(dated[0]))
    assert rows_of(written)[0][dated[1].name] == date(2030, 6, 1)


def test_a_number_no_column_holds_ends_no_export() -> None:
    row = rows_of(parquet.render_one(body_of(ORGANISATION, founded_year=2**63), context_of(ORGANISATION)))[0]

    assert row["founded_year"] is None


def test_keeps_words_as_they_are_for_no_spreadsheet_opens_it() -> None:
    row = rows_of(parquet.render_one(body_of(ORGANISATION, name="=1+1 | 'x"), context_of(ORGANISATION)))[0]

    assert row["name"] == "=1+1 | 'x"


def test_anonymous_readers_have_no_column_for_contacts() -> None:
    def columns(**changed: bool) -> set[str]:
        return set(opened(render_list(parquet, [], context_of(ORGANISATION, **changed))).schema_arrow.names)

    assert columns() - columns(open_only=True) == {p.name for p in ORGANISATION.properties if not p.open}


def test_points_are_geoparquet(tmp_path: Path) -> None:
    content = render_list(parquet, [body_of(ORGANISATION), body_of(ORGANISATION, point=None)], context_of(ORGANISATION))

    told = opened(content).schema_arrow.metadata

    geo = json.loads(told[b"geo"])
    assert geo["columns"][geo["primary_column"]] == {"encoding": "WKB", "geometry_types": ["Point"]}
    assert told[b"license"] == b"https://licence.example.org"
    found = read_by_duckdb(content, tmp_path, "typeof(geometry), ST_AsText(geometry)")
    assert found == [(found[0][0], "POINT (6.6389 46.5174)"), (found[0][0], None)]
    assert found[0][0].startswith("GEOMETRY")


def test_a_kind_without_a_place_has_no_geometry() -> None:
    role = kind("role")

    assert "geometry" not in rows_of(parquet.render_one(body_of(role), context_of(role)))[0]


def test_leaves_group_by_group_whatever_comes_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "GROUP", 4)
    bodies = [body_of(ACTIVITY, title=f"Concert {number}") for number in range(10)]
    writing = begin(parquet, context_of(ACTIVITY))

    parts = [writing.part(bodies[start : start + 3]) for start in range(0, 10, 3)]
    content = b"".join([*parts, writing.end()])

    assert [len(part) > 100 for part in parts] == [False, True, True, False]
    assert [opened(content).metadata.row_group(n).num_rows for n in range(3)] == [4, 4, 2]
    assert [row["title"] for row in rows_of(content)] == [f"Concert {number}" for number in range(10)]
    assert content == b"".join(stream(parquet, one_by_one(bodies), context_of(ACTIVITY)))


def one_by_one(bodies: list[bytes]) -> Iterator[list[bytes]]:
    return ([body] for body in bodies)


def test_an_export_is_read_by_duckdb(caller: Caller, tmp_path: Path) -> None:
    uids = world.add_choirs(5)

    reply = caller.get("/api/v1/exports/organisations.parquet")

    assert reply.headers["content-type"] == "application/vnd.apache.parquet"
    assert read_by_duckdb(reply.body, tmp_path, "id, name") == [(uid, f"Chœur {n:03}") for n, uid in enumerate(uids, 1)]
    assert b"example.org" not in reply.body


def test_there_is_none_where_pyarrow_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "find_spec", lambda _name: None)

    assert "parquet" not in {each.NAME for each in formats_of(ORGANISATION)}
