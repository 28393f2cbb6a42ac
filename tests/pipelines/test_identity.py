"""Import → export → import is the identity on what we keep, for every kind, in every format that lists are read in.

Everybody here is invented.
"""

import string
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from datacoop.consent.actions import add_agreement
from datacoop.disclosure.actions import settle
from datacoop.disclosure.readers import reader_of_agreement
from datacoop.disclosure.reading import reading
from datacoop.feeds.exports import export
from datacoop.feeds.formats import csv, geojson, json, jsonld, ndjson
from datacoop.feeds.formatting import Context, render_list
from datacoop.kinds.definition import Kind, Property, all_kinds
from datacoop.kinds.definition import kind as kind_named
from datacoop.kinds.values import ADDRESS_PARTS, fault
from datacoop.lib.text import clean, fold
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.demo.lists import write_lists
from datacoop.pipelines.demo.world import invent
from datacoop.pipelines.intake import Intake, Report
from datacoop.pipelines.opening import open_file
from datacoop.sources.evidence import filled
from datacoop.sources.lasting import fault_in_time
from datacoop.sources.masking import mask, mask_link
from datacoop.sources.normalising import Setting, normalise
from datacoop.sources.rows import RowReader
from tests.database import cleaning

ORGANISATION = kind_named("organisation")
BESIDE = ("id", "kind", "sources", "modified")
Item = dict[str, Any]
FORMATS = [csv, json, ndjson, geojson, jsonld]
WRITTEN = [(kind, layout) for kind in all_kinds().values() for layout in FORMATS if layout.applies(kind)]


def _context(kind: Kind) -> Context:
    return Context(
        kind, "https://coop.example", "CC0", "https://coop.example/terms", url="https://coop.example/api/v1/x"
    )


def _written(layout: ModuleType, items: list[Item], kind: Kind, folder: Path) -> Path:
    path = folder / f"export.{layout.EXTENSION}"
    path.write_bytes(render_list(layout, [orjson.dumps(each) for each in items], _context(kind)))  # type: ignore[arg-type]
    return path


def _read_back(path: Path, kind: Kind) -> tuple[list[Item], Report]:
    """What a new source would state, as items: the mapping is proposed, nobody helps."""
    report = Report([], "", "", kind.name)
    file = open_file(path, kind, {}, report)
    reader = RowReader(file.mapping, kind, Setting(None))
    items = []
    for batch in file.batches():
        for row in batch:
            mapped = reader.read(row)
            assert mapped.problems == []
            item: Item = {}
            for each in mapped.values:
                if kind.property(each.property).many:
                    item.setdefault(each.property, []).append(each.value)
                else:
                    item[each.property] = each.value
            items.append(item)
    return items, report


def _kept(item: Mapping[str, Any]) -> Item:
    return {name: value for name, value in item.items() if name not in BESIDE}


# Signs that spreadsheets, separators and quotation marks of files trip over.
_LETTERS = string.ascii_letters + "éÉœßñüç’'\"«»&<>;,|=+-@/\\().!?0123456789 🎶日اب"


def _line(letters: str = _LETTERS) -> st.SearchStrategy[str]:
    words = st.one_of(st.text(letters, min_size=1, max_size=40), st.text("a|'= ", min_size=1, max_size=12)).map(clean)
    return words.filter(lambda t: any(map(str.isalpha, t)) and filled(t) and _is_kept(t))


def _is_kept(text: str) -> bool:
    """Whether a text holds no contact: one that does is masked before it is kept."""
    return mask(text, None, streets=True) == text


def _paragraphs() -> st.SearchStrategy[str]:
    return (
        st.lists(_line(), min_size=1, max_size=3)
        .map("\n".join)
        .filter(lambda t: clean(t, lines=True) == t and _is_kept(t))
    )


_NUMBER = st.integers(0, 9)
_PHONES = st.tuples(st.sampled_from(["21", "22", "31", "44", "91"]), _NUMBER, _NUMBER).map(
    lambda n: f"+41 {n[0]} 555 {n[1]}1 2{n[2]}"
)
_WORD = st.text(string.ascii_lowercase, min_size=2, max_size=10)
_VALUES: dict[str, Callable[[Property], st.SearchStrategy[Any]]] = {
    "string": lambda p: st.sampled_from(["Europe/Zurich", "America/New_York"]) if p.name == "tz" else _line(),
    "text": lambda _: st.one_of(
        _paragraphs(), st.dictionaries(st.sampled_from(["fr", "de", "it", "en"]), _paragraphs(), min_size=1)
    ),
    "email": lambda _: st.tuples(_WORD, _WORD).map(lambda w: f"info-{w[0]}@{w[1]}.example.ch"),
    "phone": lambda _: _PHONES,
    "url": lambda _: st.tuples(_WORD, _WORD).map(lambda w: f"https://{w[0]}.example.ch/{w[1]}?lang=fr&x=1,2"),
    "date": lambda _: st.dates().filter(lambda d: d.year > 1600).map(str),
    "datetime": lambda _: st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2035, 1, 1)).map(
        lambda d: d.replace(microsecond=0, tzinfo=UTC).isoformat()
    ),
    "moment": lambda p: st.one_of(st.dates(date(1900, 1, 1), date(2199, 12, 30)).map(str), _VALUES["datetime"](p)),
    "recurrence": lambda _: _recurrences(),
    "integer": lambda p: st.integers(1500, 2099) if p.name.endswith("_year") else st.integers(0, 10_000),
    "number": lambda _: st.floats(-1e6, 1e6),
    "boolean": lambda _: st.booleans(),
    "code": lambda p: st.sampled_from(sorted(p.values)),
    "theme": lambda _: st.sampled_from(["culture/chant", "sport", "sport/football", "tricot-du-mardi", "a1/b-2"]),
    "commune": lambda _: st.fixed_dictionaries({"name": _line()}, optional={"bfs": st.integers(1, 9999)}).map(
        lambda c: {k: c[k] for k in ("bfs", "name") if k in c}
    ),
    "address": lambda _: st.fixed_dictionaries(
        {"city": _line()},
        optional={
            "street": _line(), "extra": _line(), "postal_code": st.sampled_from(["1005", "01000", "8001", "75001"]),
            "canton": st.sampled_from(["VD", "BE"]), "country": st.sampled_from(["CH", "FR"]),
            "kind": st.sampled_from(["postal", "physical"]),
        },
    ).map(lambda a: {k: a[k] for k in ADDRESS_PARTS if k in a}),
    "point": lambda _: st.tuples(
        st.integers(-90_000_000, 90_000_000).map(lambda n: n / 1e6),
        st.integers(-180_000_000, 180_000_000).map(lambda n: n / 1e6),
        st.sampled_from(["exact", "street", "locality", "commune"]),
    ).map(lambda p: {"lat": p[0], "lon": p[1], "precision": p[2]}),
    "identifier": lambda _: st.tuples(st.one_of(st.sampled_from(["CH-UID", "X:Y", "50%"]), _line()), _line()).map(
        lambda p: {"scheme": p[0], "value": p[1]}
    ),
    "reference": lambda _: st.uuids(version=4).map(str),
}  # fmt: skip


_WALL = st.one_of(
    st.dates(date(2020, 1, 1), date(2035, 1, 1)).map(str),
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda d: d.replace(microsecond=0).isoformat()),
)


def _recurrences() -> st.SearchStrategy[Any]:
    moments = st.lists(_WALL, min_size=1, max_size=3, unique=True)
    override = st.fixed_dictionaries(
        {"recurrence_id": _WALL, "title": _line()},
        optional={"start": _WALL, "status": st.sampled_from(["cancelled", "full"]), "place": _line()},
    )
    rule = st.sampled_from(["FREQ=WEEKLY;BYDAY=TU,TH", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=5", "FREQ=YEARLY"])
    return st.fixed_dictionaries(
        {"rrule": rule},
        optional={"rdates": moments, "exdates": moments, "overrides": st.lists(override, min_size=1, max_size=2)},
    )


def _values(each: Property) -> st.SearchStrategy[Any]:
    one = _VALUES[each.type](each)
    return st.lists(one, min_size=1, max_size=3, unique_by=repr) if each.many else one


@st.composite
def _items(draw: st.DrawFn, kind: Kind) -> Item:
    item: Item = {"id": str(draw(st.uuids(version=4))), "kind": kind.name}
    for each in kind.properties:
        if each == kind.slots.get("name") or draw(st.booleans()):
            item[each.name] = draw(_values(each))
    assume(len(item) > len(("id", "kind")))
    if {"start", "end"} <= item.keys() and fault_in_time(item["start"], item["end"]):
        del item["end"]
    if "alternate_names" in item:
        assume(all(fold(n) != fold(item["name"]) for n in item["alternate_names"]))
    return {**item, "sources": [{"holder": "Liste, «une» | autre", "confirmed": False}], "modified": 1763900000}


_few = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exports")


class TestOneList:
    @pytest.mark.parametrize(("kind", "layout"), WRITTEN, ids=lambda each: getattr(each, "NAME", "") or each.name)
    @_few
    @given(st.data())
    def test_comes_back_whole(self, folder: Path, kind: Kind, layout: ModuleType, data: st.DataObject) -> None:
        items = data.draw(st.lists(_items(kind), min_size=1, max_size=3))

        back, report = _read_back(_written(layout, items, kind, folder), kind)

        assert back == [_kept(each) for each in items]
        assert {m["confidence"] for m in report.mapping} == {1.0}

    @pytest.mark.parametrize(("kind", "layout"), WRITTEN, ids=lambda each: getattr(each, "NAME", "") or each.name)
    def test_every_column_means_what_it_says(self, folder: Path, kind: Kind, layout: ModuleType) -> None:
        item = {"id": str(UUID(int=4)), "kind": kind.name, **kind.example, "sources": [{"holder": "H"}], "modified": 1}

        _, report = _read_back(_written(layout, [item], kind, folder), kind)

        assert {each["confidence"] for each in report.mapping} == {1.0}
        told = {each["column"]: each["property"] for each in report.mapping}
        if layout is jsonld:
            assert {path.partition(".")[0] for path in told.values() if path} == {"id", *kind.example}
            return
        unsaid = {column.partition(".")[0] for column, path in told.items() if path is None}
        assert unsaid == {"kind", "sources", "modified"}
        elsewhere = {"precision": "point.precision", "geometry": "point"} if layout is geojson else {}
        assert all(path == elsewhere.get(column, column) for column, path in told.items() if path)

    def test_our_words_are_told_beside_those_of_schema_org(self, folder: Path) -> None:
        item = {"id": str(UUID(int=4)), "kind": "organisation", **ORGANISATION.example, "modified": 1}

        _, report = _read_back(_written(jsonld, [item], ORGANISATION, folder), ORGANISATION)

        told = {each["column"]: each["property"] for each in report.mapping}
        assert told["datacoop:legal_form"] == "legal_form"
        assert told["datacoop:point.precision"] == "point.precision"
        assert told["address.streetAddress"] == "addresses.street"
        assert told["description.de"] == "description.de"
        assert told["additionalType"] is None

    def test_what_somebody_added_or_changed_is_read_like_any_list(self, folder: Path) -> None:
        path = folder / "export.csv"
        path.write_text(
            "id,kind,name,phones,email,Site web,Notiz,modified\n"
            "1,organisation,Chœur,021 555 12 34,nobody,www.club.example.ch,x,1\n"
            "2,organisation,Club,'+41 21 555 12 35,a@b.example.ch,www.b.example.ch,y,1\n",
            encoding="utf-8",
        )
        report = Report([], "", "", "organisation")
        file = open_file(path, ORGANISATION, {}, report)
        rows = [RowReader(file.mapping, ORGANISATION, Setting("CH")).read(row) for row in file.sample]

        assert file.mapping["Site web"] == "website"
        assert file.mapping["Notiz"] is None
        first = {v.property: v.value for v in rows[0].values}
        assert first == {"name": "Chœur", "phones": "+41 21 555 12 34", "website": "https://www.club.example.ch"}
        assert [p.code for p in rows[0].problems] == ["email-unreadable"]

    @pytest.mark.parametrize("text", ["Club\u202eeman", "Cl\u200bub", "C" * 501, "Club\x1b[2J"])
    def test_a_file_with_our_columns_brings_nothing_else_in(self, folder: Path, text: str) -> None:
        path = folder / "export.ndjson"
        path.write_bytes(orjson.dumps({"id": "1", "kind": "organisation", "name": text, "modified": 1}))
        report = Report([], "", "", "organisation")
        file = open_file(path, ORGANISATION, {}, report)

        mapped = RowReader(file.mapping, ORGANISATION).read(file.sample[0])

        name = "" if mapped.rejected else str(mapped.values[0].value)
        assert clean(name) == name
        assert len(name) <= 500

    def test_what_is_masked_stays_as_it_is(self) -> None:
        text = "Appeler le 079 555 12 34 ou venir rue Haute 3, écrire à a@b.example.ch."
        once = mask(text, "CH", streets=True)
        assert mask(once, "CH", streets=True) == once
        assert mask_link(mask_link("https://x.example.ch/a@b.example.ch?tel=0795551234")) == "https://x.example.ch"

    @_few
    @given(_items(ORGANISATION))
    def test_what_is_normal_is_normal_for_good(self, item: Item) -> None:
        for each in ORGANISATION.properties:
            if each.type in {"email", "phone", "url", "code"} and each.name in item:
                values = item[each.name] if each.many else [item[each.name]]
                assert [v for value in values for v in normalise(each, value, Setting(None))] == values
                assert all(fault(each.type, v, tuple(each.values)) is None for v in values)


def _exported(layout: ModuleType, kind: Kind, agreement: str) -> bytes:
    settle(datetime.now(UTC))
    with reading() as source:
        reader = reader_of_agreement(source, agreement)
        assert reader is not None
        return b"".join(export(source, reader, layout, _context(kind)))  # type: ignore[arg-type]


def _agreement() -> str:
    return str(add_agreement(name="Essai", terms="public-bodies", actor="steward:test", now=datetime.now(UTC)))


def _everything(kind: Kind, agreement: str) -> list[Item]:
    """What the agreement sees of a kind, without what every installation numbers for itself."""
    lines = _exported(ndjson, kind, agreement).splitlines()
    return sorted((_kept(orjson.loads(line)) for line in lines), key=orjson.dumps)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("layout", FORMATS, ids=lambda each: each.NAME)
def test_a_list_of_the_demo_goes_round(layout: ModuleType, tmp_path: Path) -> None:
    world = invent(date(2026, 11, 24), size=0.2)
    lists = write_lists(tmp_path, world)
    first = next(path for name, path in lists.items() if ":" not in name)
    contribute(Intake((first,), "Registre d’essai", published=True, country="CH"), actor="steward:test")
    agreement = _agreement()
    before = _everything(ORGANISATION, agreement)
    path = tmp_path / f"export.{layout.EXTENSION}"
    path.write_bytes(_exported(layout, ORGANISATION, agreement))
    cleaning.restore()

    report = contribute(Intake((path,), "Autre coopérative", published=True), actor="steward:test")

    assert report.counts["rejected"] == 0
    assert report.problems == []
    assert len(before) > 20
    assert _everything(ORGANISATION, _agreement()) == before
