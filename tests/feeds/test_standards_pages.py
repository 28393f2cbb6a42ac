"""The pages of standards tell the truth: their examples run, and what they name is in what is written."""

import re
from pathlib import Path
from xml.etree import ElementTree

import orjson
import pytest

from datacoop.feeds.formats import atom, geojson, ical, parquet
from datacoop.feeds.formatting import render_list
from datacoop.kinds.definition import all_kinds
from datacoop.kinds.values import PRECISIONS
from tests.api import world
from tests.api.world import Caller
from tests.feeds.test_formats import ACTIVITY, ORGANISATION, body_of, context_of
from tests.feeds.test_parquet import opened

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "standards"
HOST = "https://directory.example.org"


def page(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def named(name: str) -> list[str]:
    """What stands in quotes in the first column of a page's table."""
    rows = re.findall(r"^\| (`[^|]*) \|", page(name), re.MULTILINE)
    return [each for row in rows for each in re.findall(r"`([^`]+)`", row)]


@pytest.mark.parametrize("name", ["rpde", "jsonld", "icalendar", "atom", "geojson", "parquet"])
def test_the_example_of_a_page_runs(caller: Caller, name: str) -> None:
    world.add_choirs(1)
    world.add("activity", 50, title="Concert", start="2030-06-01T19:30:00+02:00", commune={"bfs": 5586})
    examples = re.findall(rf"^curl (?:-o \S+ )?'{HOST}(\S+)'$", page(name), re.MULTILINE)

    assert examples
    for address in examples:
        reply = caller.get(address)
        assert (reply.status, len(reply.body) > 50) == (200, True)


def test_every_standard_has_a_page_that_others_lead_to() -> None:
    formats = (FOLDER.parent / "formats.md").read_text(encoding="utf-8")

    assert {each.stem for each in FOLDER.glob("*.md")} <= set(re.findall(r"standards/(\w+)\.md", formats))


def test_rpde_names_the_keys_of_a_page_of_the_feed(caller: Caller) -> None:
    world.add_choirs(1)
    found = caller.get("/api/v1/changes").json()
    keys = {*found, *(f"items[].{key}" for item in found["items"] for key in item)} - {"items"}

    assert set(named("rpde")) == keys


def test_jsonld_names_what_each_listed_kind_is() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", page("jsonld"), re.MULTILINE))

    assert told == {kind.name: kind.schema_org for kind in all_kinds().values() if kind.list_route}


def test_icalendar_names_the_properties_that_are_written() -> None:
    text = render_list(ical, [body_of(ACTIVITY)], context_of(ACTIVITY)).decode()
    written = set(re.findall(r"^([A-Z-]+)[;:]", text, re.MULTILINE)) - {"BEGIN", "END", "VERSION", "PRODID"}

    assert written <= set(named("icalendar"))
    assert set(named("icalendar")) - written <= {
        "LOCATION", "DESCRIPTION", "GEO", "CATEGORIES", "DTEND", "RDATE", "RECURRENCE-ID", "X-DATACOOP-STATUS",
    }  # fmt: skip
    for left in ("ATTENDEE", "ORGANIZER"):
        assert left not in text


def test_atom_names_the_elements_that_are_written() -> None:
    feed = ElementTree.fromstring(render_list(atom, [body_of(ACTIVITY)], context_of(ACTIVITY)))
    space = "{http://www.w3.org/2005/Atom}"
    written = {element.tag.removeprefix(space) for element in feed.iter()} - {"feed", "entry", "name"}
    told = {each.partition("/")[2] or each for each in named("atom")}

    assert {re.split(r"[ =]", each)[0] for each in told} == written


def test_geojson_names_what_a_collection_has() -> None:
    context = context_of(ORGANISATION, url="https://coop.example.org/x", count=1, relation="eq")
    found = orjson.loads(render_list(geojson, [body_of(ORGANISATION)], context))
    keys = {*found, *found["features"][0]} - {"type", "features", "count_relation"}

    assert set(named("geojson")) == keys
    assert all(f"`{each}`" in page("geojson") for each in PRECISIONS)


def test_parquet_names_the_types_that_are_written() -> None:
    schemas = [opened(parquet.render_one(body_of(k), context_of(k))).schema_arrow for k in all_kinds().values()]
    types = {str(field.type) for schema in schemas for field in schema}

    assert {"string", "int64", "double", "date32[day]", "timestamp[ms, tz=UTC]", "bool"} <= types
    for told in ("`string`", "`int64`, `double`, `bool`", "`date32`", "`timestamp[ms, UTC]`"):
        assert told in page("parquet")
