"""Programs that know nothing of us read what we give out: RPDE's rules, GDAL, a feed reader, a strict calendar."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import feedparser
import numpy as np
import pyogrio
import pytest
from icalendar import Calendar
from pyogrio.raw import read as read_by_gdal

from tests.api import world
from tests.api.world import BASE_URL, Caller

Page = dict[str, Any]


def walk(fetch: Callable[[str], Page], start: str) -> list[Page]:
    """Follow a feed to its last page as RPDE 1.0 tells a harvester to, and hold every page against its rules."""
    items: list[Page] = []
    address = start
    for _ in range(1000):
        page = fetch(address)
        assert page.keys() >= {"items", "next", "license"}
        assert page["next"].startswith(("http://", "https://")), "the next page is an absolute address"
        assert page["license"].startswith(("http://", "https://"))
        for item in page["items"]:
            check_item(item)
        if not page["items"]:
            assert page["next"] == address or (address == start and "after=" not in page["next"]), (
                "the last page is asked for again, later"
            )
            return items
        assert page["next"] != address, "a page with items leads on"
        items += page["items"]
        address = page["next"]
    raise AssertionError("The feed does not end.")


def check_item(item: Page) -> None:
    assert item["state"] in {"updated", "deleted"}
    assert ("data" in item) == (item["state"] == "updated")
    assert isinstance(item["id"], str)
    assert isinstance(item["kind"], str)
    assert isinstance(item["modified"], int)
    assert not isinstance(item["modified"], bool)


@pytest.mark.parametrize("limit", [1, 2, 500])
def test_a_harvester_of_rpde_walks_the_feed(caller: Caller, limit: int) -> None:
    uids = world.add_choirs(4)
    world.wish(uids[1], "public", shows=False)
    world.wish(uids[2], "public", shows=False, property="name")

    items = walk(lambda url: caller.get(url).json(), f"{BASE_URL}/api/v1/changes?limit={limit}")

    assert len({item["id"] for item in items}) == len(items), "nobody is told twice while nothing changes"
    assert [item["modified"] for item in items] == sorted(item["modified"] for item in items)
    assert {item["id"] for item in items if item["state"] == "updated"} == {uids[0], uids[2], uids[3]}
    assert [item["data"].get("name") for item in items if item["id"] == uids[2]] == [None]


def test_a_harvester_that_comes_again_gets_what_changed_since(caller: Caller) -> None:
    uids = world.add_choirs(3)
    _, token = world.token_of_client()

    def fetch(url: str) -> Page:
        last.append(url)
        page: Page = caller.get(url, authorization=f"Bearer {token}").json()
        return page

    last: list[str] = []
    walk(fetch, f"{BASE_URL}/api/v1/changes")
    world.wish(uids[0], "public", shows=False)
    again = walk(fetch, last[-1])

    assert [(item["id"], item["state"]) for item in again] == [(uids[0], "deleted")]


def test_the_walk_sees_what_is_wrong() -> None:
    good: Page = {"id": "a", "kind": "organisation", "modified": 1, "state": "updated", "data": {}}
    first, second = f"{BASE_URL}/api/v1/changes", f"{BASE_URL}/api/v1/changes?after=x"
    rest = {"next": second, "license": "https://l.example/"}

    def wrong(items: list[Page], **changed: object) -> Callable[[str], Page]:
        pages = {first: {"items": items, **rest, **changed}, second: {"items": [], **rest}}
        return lambda url: pages[url]

    assert walk(wrong([good]), first) == [good]
    for fetch in (
        wrong([{**good, "state": "gone"}]),
        wrong([{**good, "state": "deleted"}]),
        wrong([{**good, "modified": "1"}]),
        wrong([good], next=first),
        wrong([good], next="/api/v1/changes?after=x"),
    ):
        with pytest.raises(AssertionError):
            walk(fetch, first)


def test_gdal_opens_the_export_as_qgis_does(caller: Caller, tmp_path: Path) -> None:
    world.add_choirs(3)
    nowhere = world.add("organisation", 9, name="Sans lieu")
    path = tmp_path / "organisations.geojson"
    path.write_bytes(caller.get("/api/v1/exports/organisations.geojson").body)

    meta, _, shapes, columns = read_by_gdal(path)

    about = pyogrio.read_info(path)
    assert (about["crs"], about["features"], about["geometry_type"]) == ("EPSG:4326", 4, "Point")
    names = dict(zip(meta["fields"], columns, strict=True))
    assert sorted(names["name"]) == ["Chœur 001", "Chœur 002", "Chœur 003", "Sans lieu"]
    points = dict(zip(names["id"], shapes, strict=True))
    assert points.pop(nowhere) is None
    for shape in points.values():
        assert np.frombuffer(shape[5:], "<f8").tolist() == [6.63, 46.52]


def test_a_calendar_subscribes(caller: Caller) -> None:
    title = "Répétition générale, ouverte à qui veut chanter avec nous – entrée libre; venez"
    for number, day in enumerate(("01", "02"), 1):
        world.add("activity", number, title=title, start=f"2030-06-{day}T19:30:00+02:00", place="Temple")

    content = caller.get("/api/v1/exports/activities.ics").body

    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75, "RFC 5545 section 3.1"
    calendar = Calendar.from_ical(content)
    assert calendar.errors == []
    events = list(calendar.walk("VEVENT"))
    assert len({str(event["UID"]) for event in events}) == len(events) == 2
    for event in events:
        assert event.errors == []
        assert {"UID", "DTSTAMP", "DTSTART", "SUMMARY"} <= set(event)
        assert str(event["SUMMARY"]) == title
    assert {"PRODID", "VERSION"} <= set(calendar)


def test_a_feed_reader_reads_atom(caller: Caller) -> None:
    uid = world.add("activity", 1, title="Concert & <Fête>", start="2030-06-01T19:30:00+02:00")

    feed = feedparser.parse(caller.get("/api/v1/activities.atom").body)

    assert (feed.bozo, feed.version) == (False, "atom10")
    assert [(entry.id, entry.title) for entry in feed.entries] == [(f"urn:uuid:{uid}", "Concert & <Fête>")]
    assert feed.entries[0].updated_parsed is not None
    assert {link.rel for link in feed.feed.links} >= {"self", "license"}


def test_json_is_read_by_anything(caller: Caller) -> None:
    world.add_choirs(1)
    lines = caller.get("/api/v1/exports/organisations.ndjson").body.splitlines()

    assert [json.loads(line)["name"] for line in lines] == ["Chœur 001"]
    assert not re.search(rb"\s$", lines[0])
