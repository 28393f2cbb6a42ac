"""Real lists, read where they lie: none crashes, each gives a sensible report. Nothing of them is kept here."""

from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from datacoop.kinds.definition import kind
from datacoop.kinds.values import fault
from datacoop.sources.localities import parse_localities
from datacoop.sources.mapping import as_data, knows_header, propose
from datacoop.sources.places import Gazetteer
from datacoop.sources.readers.reading import ListRefused, read
from datacoop.sources.rows import RowReader, Setting

LISTS = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = [
    pytest.mark.real_lists,
    pytest.mark.skipif(not LISTS.is_dir(), reason="the real lists are not on this machine"),
]
ORGANISATION = kind("organisation")


def _open(name, kind_=ORGANISATION):
    table = read(LISTS / name, knows=lambda label: knows_header(label, kind_))
    rows = list(table.rows)
    return table, rows, propose(table.columns, rows, kind_)


def _taken(name, country, kind_=ORGANISATION):
    _table, rows, mapping = _open(name, kind_)
    reader = RowReader(as_data(mapping), kind_, Setting(country))
    return [reader.read(row) for row in rows]


@pytest.mark.parametrize(
    ("name", "country", "rows", "accepted", "keys"),
    [
        ("er-chicago-earlychildhood/csv_example_messy_input.csv", "US", 3337, 3337, 3337),
        ("fr-rna/derived/rna_import_abc.csv", "FR", 385, 385, 385),
        ("fr-rna/derived/rna_waldec_abc.csv", "FR", 725, 725, 725),
        ("fr-rna/derived/rna_abc_1110.json", "FR", 1110, 1110, 1110),
        ("at-seestadt/vereine.json", "AT", 8, 8, 8),
        ("at-seestadt/gesundheit.json", "AT", 24, 24, 24),
        ("at-seestadt/bildung.json", "AT", 6, 6, 6),
        ("at-seestadt/shops.json", "AT", 37, 37, 37),
        ("at-seestadt/sonstiges.json", "AT", 89, 89, 89),
        ("ch-housing-cooperatives/swiss_housing_cooperative_list_owners.tsv", "CH", 99, 99, 99),
        ("ch-housing-cooperatives/swiss_housing_cooperative_list_owners.json", "CH", 99, 99, 99),
        ("ch-housing-cooperatives/swiss_housing_cooperative_buildings.geojson", "CH", 880, 878, 878),
        ("ch-ror-organisations/ror_v2_switzerland.json", "CH", 417, 417, 417),
        ("fr-mednum-dev/angers.json", "FR", 63, 63, 63),
        ("fr-mednum-dev/maine-et-loire.json", "FR", 243, 240, 240),
        ("fr-mednum-dev/fibre-64.json", "FR", 61, 61, 56),
        ("fr-mednum-dev/la-creuse.json", "FR", 91, 91, 91),
        ("fr-mednum-dev/aix-en-provence.json", "FR", 38, 38, 38),
        ("fr-mednum-dev/etapes-numerique.json", "FR", 95, 95, 95),
        ("fr-data-inclusion/dataset.xlsx", "FR", 1, 1, 1),
        ("er-fodors-zagats/fodors.csv", "US", 533, 533, 533),
        ("hsds-ilao-florida/florida_organizations.csv", "US", 20, 20, 20),
    ],
)
def test_takes_the_list(name, country, rows, accepted, keys):
    taken = _taken(name, country)
    good = [each for each in taken if not each.rejected]
    assert (len(taken), len(good), len({each.key for each in good})) == (rows, accepted, keys)
    for each in good:
        for value in each.values:
            property_ = ORGANISATION.property(value.property)
            assert fault(property_.type, value.value, tuple(property_.values)) is None


def test_never_stores_the_referents_of_a_list():
    taken = _taken("fr-mednum-dev/fibre-64.json", "FR")
    _table, rows, mapping = _open("fr-mednum-dev/fibre-64.json")
    column = next(each.column for each in mapping if each.property == "@person")
    named = [(row.values.get(column), mapped) for row, mapped in zip(rows, taken, strict=True)]
    for text, mapped in named:
        if text and " " in str(text):
            assert str(text) not in str([value.value for value in mapped.values if not value.personal])


def test_reads_lambert_93_and_lost_zeros():
    places = _taken("fr-mednum-dev/maine-et-loire.json", "FR")
    points = [value.value for each in places for value in each.values if value.property == "point"]
    assert len(points) == 240
    assert all(46.9 < point["lat"] < 47.9 and -1.5 < point["lon"] < 0.4 for point in points)
    codes = [value.value["postal_code"] for each in _taken("fr-mednum-dev/etapes-numerique.json", "FR")
             for value in each.values if value.property == "addresses"]  # fmt: skip
    assert all(len(code) == 5 for code in codes)


def test_keeps_swiss_numbers_of_cooperatives():
    taken = _taken("ch-housing-cooperatives/swiss_housing_cooperative_list_owners.tsv", "CH")
    schemes = Counter(
        value.value["scheme"] for each in taken for value in each.values if value.property == "identifiers"
    )
    assert schemes["CH-UID"] > 90


def test_says_where_a_json_file_is_broken():
    with pytest.raises(ListRefused) as refused:
        read(LISTS / "ch-opengeneva-events" / "hackathons.json")
    assert (refused.value.code, refused.value.line) == ("json-invalid", 17)


def test_reads_agendas():
    taken = _taken("ch-opengeneva-events/derived/opengeneva2018_events.json", "CH", kind("activity"))
    starts = [value.value for each in taken for value in each.values if value.property == "start"]
    assert len(taken) == 28
    assert len(starts) >= 20
    assert all(start.startswith("2018-") for start in starts)


def test_reads_or_refuses_every_file():
    outcomes = Counter()
    for path in sorted(LISTS.rglob("*")):
        if path.suffix in {".csv", ".tsv", ".json", ".geojson", ".xlsx", ".js", ".ics"}:
            try:
                outcomes["rows"] += sum(1 for _ in islice(read(path, knows=knows_header).rows, 2000))
                outcomes["read"] += 1
            except ListRefused:
                outcomes["refused"] += 1
    assert outcomes["read"] > 60
    assert outcomes["refused"] < 40


def test_the_official_localities_place_themselves():
    localities = list(parse_localities(LISTS / "ch-geo" / "AMTOVZ_CSV_WGS84.csv"))
    places = Gazetteer(localities)
    communes = {}
    for each in localities:
        communes.setdefault((each.postal_code, each.name), set()).add(each.bfs)
    sure = [each for each in localities if len(communes[each.postal_code, each.name]) == 1]
    assert len(localities) == 5764
    assert all(places.locate(each.postal_code, each.name).bfs == each.bfs for each in sure)
