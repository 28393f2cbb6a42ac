"""Formats: what each writes for the kinds' own examples."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from datacoop.feeds.formats import atom, geojson, ical, jsonld, ndjson
from datacoop.feeds.formats import csv as csv_format
from datacoop.feeds.formats import json as json_format
from datacoop.feeds.formatting import Context, Format, render_list, stream
from datacoop.feeds.registry import all_formats, format_of_extension, formats_of
from datacoop.kinds.definition import Kind, all_kinds, kind

ID = "6f1c9c7e-4d0a-4b1e-9d53-2a7f0c8e1b64"
MODIFIED = 1763900000
CHANGED = b"2025-11-23T12:13:20Z"


def body_of(a_kind: Kind, **changed: object) -> bytes:
    item = {"id": ID, "kind": a_kind.name, **a_kind.example, "modified": MODIFIED, **changed}
    return orjson.dumps({name: value for name, value in item.items() if value is not None})


def context_of(a_kind: Kind, **changed: Any) -> Context:
    return Context(a_kind, "https://coop.example.org", "https://licence.example.org", "https://terms.example.org",
                   **changed)  # fmt: skip


ORGANISATION = kind("organisation")
ACTIVITY = kind("activity")


@pytest.mark.parametrize("layout", all_formats().values(), ids=all_formats().keys())
class TestEveryFormat:
    def test_says_what_it_is(self, layout: Format) -> None:
        assert layout.NAME
        assert layout.MEDIA_TYPES
        assert layout.EXTENSION.isalnum()

    def test_writes_every_kind_it_applies_to(self, layout: Format) -> None:
        for each in all_kinds().values():
            if layout.applies(each):
                assert layout.render_one(body_of(each), context_of(each))
                assert render_list(layout, [body_of(each)], context_of(each))

    def test_writes_records_of_which_nothing_is_disclosed(self, layout: Format) -> None:
        for each in all_kinds().values():
            if layout.applies(each):
                bare = orjson.dumps({"id": ID, "kind": each.name})
                assert layout.render_one(bare, context_of(each))

    def test_streams_the_bytes_it_lists(self, layout: Format) -> None:
        bodies = [body_of(ACTIVITY, title=f"Concert {n}") for n in range(5)]
        context = context_of(ACTIVITY)
        if layout.applies(ACTIVITY):
            streamed = b"".join(stream(layout, iter([bodies[:2], [], bodies[2:]]), context))
            # Only a list knows in its head when the last of its items changed.
            listed = render_list(layout, bodies, context).replace(CHANGED, b"1970-01-01T00:00:00Z", 1)
            assert streamed == (listed if layout is atom else render_list(layout, bodies, context))

    def test_lists_nothing(self, layout: Format) -> None:
        if layout.applies(ACTIVITY):
            render_list(layout, [], context_of(ACTIVITY))


class TestJson:
    def test_joins_bodies_untouched(self) -> None:
        odd = b'{"id": "x",  "kind":"organisation"}'

        assert json_format.envelope([odd, odd], None, 2, "eq") == (
            b'{"items":[' + odd + b"," + odd + b'],"next":null,"count":2,"count_relation":"eq"}'
        )

    def test_leaves_both_count_keys_out(self) -> None:
        assert json_format.envelope([], 'https://x.example.org/?a="b', None, None) == (
            b'{"items":[],"next":"https://x.example.org/?a=\\"b"}'
        )

    def test_narrows_to_fields_and_language(self) -> None:
        body = body_of(ORGANISATION, description={"fr": "Chanter.", "de": "Singen."})
        context = context_of(ORGANISATION, fields=frozenset({"description"}), lang="de")

        assert orjson.loads(json_format.render_one(body, context)) == {
            "id": ID, "kind": "organisation", "description": "Singen."
        }  # fmt: skip

    def test_falls_back_to_a_language_there_is(self) -> None:
        body = body_of(ORGANISATION, description={"it": "Cantare."})

        found = orjson.loads(json_format.render_one(body, context_of(ORGANISATION, lang="en")))

        assert found["description"] == "Cantare."


class TestGeojson:
    def test_puts_longitude_first(self) -> None:
        feature = orjson.loads(geojson.render_one(body_of(ORGANISATION), context_of(ORGANISATION)))

        assert feature["geometry"] == {"type": "Point", "coordinates": [6.6389, 46.5174]}
        assert feature["id"] == ID
        assert feature["properties"]["precision"] == "street"
        assert "point" not in feature["properties"]

    def test_without_a_disclosed_point_has_no_geometry(self) -> None:
        feature = orjson.loads(geojson.render_one(body_of(ORGANISATION, point=None), context_of(ORGANISATION)))

        assert feature["geometry"] is None
        assert "precision" not in feature["properties"]

    def test_keeps_geometry_whatever_fields_are_asked(self) -> None:
        context = context_of(ORGANISATION, fields=frozenset({"name"}))

        feature = orjson.loads(geojson.piece(body_of(ORGANISATION), context))

        assert feature["geometry"] is not None
        assert set(feature["properties"]) == {"kind", "name", "precision"}

    def test_names_licence_and_terms(self) -> None:
        found = orjson.loads(render_list(geojson, [body_of(ORGANISATION)], context_of(ORGANISATION)))

        assert found["type"] == "FeatureCollection"
        assert found["license"] == "https://licence.example.org"
        assert found["terms"] == "https://terms.example.org"


class TestJsonld:
    def test_speaks_schema_org(self) -> None:
        thing = orjson.loads(jsonld.render_one(body_of(ORGANISATION), context_of(ORGANISATION)))

        assert thing["@context"] == ["https://schema.org", {"datacoop": "https://coop.example.org/api/#"}]
        assert thing["@type"] == ORGANISATION.schema_org
        assert thing["@id"] == f"https://coop.example.org/api/v1/organisations/{ID}"
        assert thing["name"] == ORGANISATION.example["name"]
        assert thing["geo"] == {"@type": "GeoCoordinates", "latitude": 46.5174, "longitude": 6.6389}
        assert thing["address"][0]["postalCode"] == "1005"

    def test_gathers_the_parts_of_a_place(self) -> None:
        thing = orjson.loads(jsonld.render_one(body_of(ACTIVITY), context_of(ACTIVITY)))

        places = thing["location"] if isinstance(thing["location"], list) else [thing["location"]]
        place = next(each for each in places if each["@type"] == "Place")
        assert {"name", "address", "geo"} <= set(place)
        assert thing["eventStatus"] == "https://schema.org/EventScheduled"

    def test_leaves_absent_what_is_not_disclosed(self) -> None:
        thing = orjson.loads(jsonld.piece(body_of(ORGANISATION, email=None), context_of(ORGANISATION)))

        assert "email" not in thing


class TestCsv:
    def rows(self, *bodies: bytes, **changed: Any) -> list[dict[str, str]]:
        text = render_list(csv_format, bodies, context_of(ORGANISATION, **changed)).decode()
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def test_has_the_same_columns_whatever_is_disclosed(self) -> None:
        full, bare = self.rows(body_of(ORGANISATION)), self.rows(b'{"id":"x","kind":"organisation"}')

        assert list(full[0]) == list(bare[0])
        assert full[0]["commune.bfs"] == "5586"
        assert full[0]["addresses.city"] == "Lausanne"
        assert full[0]["alternate_names"] == "CdC | Clairière-Chor"

    def test_has_no_columns_that_open_data_never_fill(self) -> None:
        assert "email" not in self.rows(body_of(ORGANISATION), open_only=True)[0]
        assert "email" in self.rows(body_of(ORGANISATION))[0]

    @pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", " =", "\n=", "\xa0=", "\ufeff ="])
    def test_disarms_formulas(self, begin: str) -> None:
        row = self.rows(body_of(ORGANISATION, name=f"{begin}cmd|' /C calc'!A1"))[0]

        assert row["name"].startswith("'")

    def test_leaves_numbers_alone(self) -> None:
        row = self.rows(body_of(ORGANISATION, point={"lat": -33.5, "lon": -70.6, "precision": "street"}))[0]

        assert row["point.lat"] == "-33.5"

    @given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=40))
    def test_no_cell_begins_as_a_formula(self, name: str) -> None:
        line = csv_format.piece(body_of(ORGANISATION, name=name), context_of(ORGANISATION)).decode()
        row = next(csv.reader(io.StringIO(line, newline="")))

        assert not any(
            cell.lstrip().startswith(("=", "@", "+", "-")) for cell in row if not cell.startswith("'") and cell
        )


class TestNdjson:
    def test_is_one_record_a_line(self) -> None:
        lines = render_list(ndjson, [body_of(ORGANISATION)] * 3, context_of(ORGANISATION)).splitlines()

        assert [json.loads(line)["id"] for line in lines] == [ID] * 3


class TestIcal:
    def test_is_read_back(self) -> None:
        calendar = Calendar.from_ical(ical.render_one(body_of(ACTIVITY), context_of(ACTIVITY)))
        event = next(iter(calendar.walk("VEVENT")))

        assert str(event["SUMMARY"]) == ACTIVITY.example["title"]
        assert event["UID"] == f"{ID}@coop.example.org"
        assert event.decoded("DTSTART") == datetime.fromisoformat(str(ACTIVITY.example["start"]))
        assert event.decoded("DTSTAMP") == datetime.fromtimestamp(MODIFIED, UTC)
        assert event["STATUS"] == "CONFIRMED"

    def test_a_line_break_in_a_value_makes_no_line(self) -> None:
        body = body_of(ACTIVITY, title="A\r\nATTENDEE:mailto:x@example.org")

        event = next(iter(Calendar.from_ical(ical.render_one(body, context_of(ACTIVITY))).walk("VEVENT")))

        assert "ATTENDEE" not in event

    def test_has_no_event_without_a_disclosed_start(self) -> None:
        assert b"VEVENT" not in ical.render_one(body_of(ACTIVITY, start=None), context_of(ACTIVITY))


class TestAtom:
    def test_is_well_formed_whatever_the_title(self) -> None:
        body = body_of(ACTIVITY, title="<b>&\x00\x0b]]> Fête")

        feed = ElementTree.fromstring(render_list(atom, [body], context_of(ACTIVITY)))

        assert feed.findtext(".//{*}entry/{*}title") == "<b>&]]> Fête"
        assert feed.findtext(".//{*}entry/{*}id") == f"urn:uuid:{ID}"

    def test_says_when_the_last_of_its_entries_changed(self) -> None:
        bodies = [body_of(ACTIVITY, modified=MODIFIED - 5), body_of(ACTIVITY), body_of(ACTIVITY, modified=7)]

        feed = ElementTree.fromstring(render_list(atom, bodies, context_of(ACTIVITY)))

        assert feed.findtext("{*}updated") == CHANGED.decode()

    def test_leads_people_to_a_page_and_clients_to_the_record(self) -> None:
        def address(**known: bool) -> str:
            feed = ElementTree.fromstring(
                atom.render_one(body_of(ACTIVITY, title="Fête"), context_of(ACTIVITY, **known))
            )
            return next(
                e.attrib["href"] for e in feed.iterfind(".//{*}entry/{*}link") if e.attrib["rel"] == "alternate"
            )

        assert address(has_pages=True) == f"https://coop.example.org/a/fete-{ID[:8]}"
        assert address() == f"https://coop.example.org/api/v1/activities/{ID}"


class TestRegistry:
    def test_offers_calendars_for_events_only(self) -> None:
        assert {"ical", "atom"} <= {each.NAME for each in formats_of(ACTIVITY)}
        assert not {"ical", "atom"} & {each.NAME for each in formats_of(kind("role"))}

    def test_finds_by_ending(self) -> None:
        found = format_of_extension(ACTIVITY, "ics")

        assert found is not None
        assert found.NAME == "ical"
        assert format_of_extension(ORGANISATION, "ics") is None
