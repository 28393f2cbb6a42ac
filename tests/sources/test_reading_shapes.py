"""JSON, GeoJSON and OpenStreetMap of every reasonable shape come in as the same rows."""

import json
import tracemalloc

import pytest

from datacoop.sources.mapping import knows_header
from datacoop.sources.readers.reading import ListRefused, format_of, read

RECORDS = [{"nom": "A", "npa": 1005}, {"nom": "B", "npa": 1006}]


def _read(tmp_path, document, name="list.json"):
    path = tmp_path / name
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode())
    table = read(path, knows=knows_header)
    return table, list(table.rows)


@pytest.mark.parametrize(
    "document",
    [
        RECORDS,
        [[RECORDS[0]], [RECORDS[1]]],
        {"response": {"numFound": 2, "docs": RECORDS}},
        {"a": {"b": {"c": {"liste": RECORDS}}}},
        {"associations": RECORDS, "licence": "CC0", "meta": {"total": 2}},
        {"nom": ["A", "B"], "npa": [1005, 1006]},
        {"nom": {"0": "A", "1": "B"}, "npa": {"0": 1005, "1": 1006}},
        {"columns": ["nom", "npa"], "index": [0, 1], "data": [["A", 1005], ["B", 1006]]},
        {"fields": [{"id": "nom", "type": "text"}, {"id": "npa"}], "records": [["A", 1005], ["B", 1006]]},
        {"meta": {"name": "x"}, "columns": [{"name": "nom"}, {"name": "npa"}], "data": [["A", 1005], ["B", 1006]]},
        [["nom", "npa"], ["A", 1005], ["B", 1006]],
        b'\xef\xbb\xbf[{"nom": "A", "npa": 1005}, {"nom": "B", "npa": 1006}]',
        json.dumps(RECORDS).encode("utf-16"),
        b'{"nom": "A", "npa": 1005}\n{"nom": "B", "npa": 1006}',
        b'["nom", "npa"]\n["A", 1005]\n["B", 1006]\n',
        b'\x1e{"nom": "A", "npa": 1005}\n\x1e{"nom": "B", "npa": 1006}\n',
        b'\x1e{"nom": "A",\n "npa": 1005}\n\x1e{"nom":\n "B", "npa": 1006}\n',
        b'{\n  "nom": "A",\n  "npa": 1005\n}\n{\n  "nom": "B",\n  "npa": 1006\n}\n',
        {"head": {"vars": ["nom", "npa"]}, "results": {"bindings": [
            {"nom": {"type": "literal", "value": "A", "xml:lang": "fr"}, "npa": {"type": "literal", "value": 1005}},
            {"nom": {"type": "literal", "value": "B"}, "npa": {"type": "literal", "value": 1006}}]}},
    ],
)  # fmt: skip
def test_finds_the_records(tmp_path, document):
    table, rows = _read(tmp_path, document)
    assert [row.values for row in rows] == RECORDS
    assert table.columns == ["nom", "npa"]


@pytest.mark.parametrize(
    "document",
    [
        {"chœur": {"npa": 1005}, "gym": {"npa": 1006}},
        {"associations": {"chœur": {"npa": 1005}, "gym": {"npa": 1006}}},
        {"chœur": [{"npa": 1005}], "gym": [{"npa": 1006}]},
    ],
)
def test_keeps_the_keys_of_records(tmp_path, document):
    _table, rows = _read(tmp_path, document)
    assert [row.values for row in rows] == [{"@key": "chœur", "npa": 1005}, {"@key": "gym", "npa": 1006}]


def test_one_record_is_a_list_of_one(tmp_path):
    _table, rows = _read(tmp_path, {"nom": "A", "contacts": [{"type": "email", "value": "a@example.org"}]})
    assert [row.values for row in rows] == [{"nom": "A", "contacts.email": "a@example.org"}]


def test_one_record_may_hold_lists_of_its_own(tmp_path):
    rooms = [{"name": f"Salle {number}"} for number in range(5)]
    club = {"title": "Fête", **{f"champ {number}": number for number in range(9)}, "salles": rooms}
    _table, rows = _read(tmp_path, club)
    assert (len(rows), rows[0].values["title"]) == (1, "Fête")
    _table, rows = _read(tmp_path, {"id": "7", "contacts": [{"name": "A"}], "phones": [{"number": "1"}]})
    assert rows[0].values == {"id": "7", "contacts.name": "A", "phones.number": "1"}


def test_a_list_may_have_a_title(tmp_path):
    clubs = [{"nom": name} for name in "ABC"]
    _table, rows = _read(tmp_path, {"title": "Annuaire", "licence": "CC0", "clubs": clubs})
    assert [row.values["nom"] for row in rows] == ["A", "B", "C"]


def test_tells_which_list_was_read(tmp_path):
    table, rows = _read(tmp_path, {"data": {"clubs": RECORDS * 3, "pages": [{"page": 1}]}})
    assert len(rows) == 6
    assert table.notes == ["Read the list under data.clubs. Not read: data.pages."]


def test_loses_no_digit_of_a_long_number(tmp_path):
    _table, rows = _read(tmp_path, b'[{"id": 12345678901234567890123, "nom": "A"}]')
    assert rows[0].values["id"] == 12345678901234567890123


def test_keeps_what_is_nested_too_deeply_as_text(tmp_path):
    document = [{"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": 1}}}}}}}}]
    _table, rows = _read(tmp_path, document)
    assert rows[0].values == {"a.b.c.d.e.f.g": '{"h":1}'}


def test_knows_columns_that_begin_far_below(tmp_path):
    lines = [{"nom": str(number)} for number in range(5_000)] + [{"nom": "Z", "tard": {"x": 1}}]
    table, rows = _read(tmp_path, b"\n".join(json.dumps(line).encode() for line in lines), "list.ndjson")
    assert (table.columns, len(rows), rows[-1].number) == (["nom", "tard.x"], 5_001, 5_001)


RING = [[6.0, 46.0], [6.2, 46.0], [6.2, 46.2], [6.0, 46.2], [6.0, 46.0]]


def _feature(geometry, **properties):
    return {"type": "Feature", "properties": properties or {"nom": "A"}, "geometry": geometry}


class TestGeoJSON:
    @pytest.mark.parametrize(
        "geometry",
        [
            {"type": "Point", "coordinates": [6.1, 46.1, 400]},
            {"type": "MultiPoint", "coordinates": [[6.0, 46.0], [6.2, 46.2]]},
            {"type": "LineString", "coordinates": [[6.0, 46.0], [6.2, 46.2]]},
            {"type": "MultiLineString", "coordinates": [[[6.0, 46.0], [6.2, 46.2]]]},
            {"type": "Polygon", "coordinates": [RING]},
            {"type": "MultiPolygon", "coordinates": [[RING]]},
            {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [6.1, 46.1]}]},
        ],
    )
    def test_reads_every_geometry(self, tmp_path, geometry):
        table, rows = _read(tmp_path, {"type": "FeatureCollection", "features": [_feature(geometry)]})
        assert table.format == "geojson"
        assert rows[0].values["geometry"] == pytest.approx({"lat": 46.1, "lon": 6.1})
        assert (table.notes == []) == (geometry["type"] == "Point")

    @pytest.mark.parametrize(
        "geometry",
        [None, {}, {"type": "Point", "coordinates": []}, {"type": "Point"}, {"type": [645, 400]}, {"type": {}}],
    )
    def test_keeps_features_without_a_place(self, tmp_path, geometry):
        _table, rows = _read(tmp_path, {"type": "FeatureCollection", "features": [_feature(geometry)]})
        assert rows[0].values == {"nom": "A"}

    def test_reads_features_one_per_line(self, tmp_path):
        features = [_feature({"type": "Point", "coordinates": [6.1, 46.1]}, nom=str(number)) for number in range(3)]
        table, rows = _read(tmp_path, b"\n".join(json.dumps(each).encode() for each in features), "list.geojsonl")
        assert [row.values["nom"] for row in rows] == ["0", "1", "2"]
        assert table.columns == ["nom", "geometry"]

    def test_reads_a_single_feature(self, tmp_path):
        _table, rows = _read(tmp_path, _feature({"type": "Point", "coordinates": [6.1, 46.1]}), "list.geojson")
        assert rows[0].values == {"nom": "A", "geometry": {"lat": 46.1, "lon": 6.1}}


WANTED = [
    ("way/2", {"lat": 46.55, "lon": 6.65}),
    ("node/1", {"lat": 46.5, "lon": 6.6}),
    ("relation/4", {"lat": 46.55, "lon": 6.65}),
    ("way/5", {"lat": 46.0, "lon": 6.0}),
    ("way/6", {"lat": 46.5, "lon": 6.5}),
]


class TestOpenStreetMap:
    ELEMENTS = [
        {"type": "way", "id": 2, "nodes": [1, 3, 1], "tags": {"name": "B"}},
        {"type": "node", "id": 1, "lat": 46.5, "lon": 6.6, "tags": {"name": "A", "addr:street": "Rue Haute"}},
        {"type": "node", "id": 3, "lat": 46.6, "lon": 6.7},
        {"type": "relation", "id": 4, "members": [{"type": "way", "ref": 2}], "tags": {"name": "C"}},
        {"type": "way", "id": 5, "center": {"lat": 46, "lon": 6}, "tags": {"name": "D"}},
        {"type": "way", "id": 6, "bounds": {"minlat": 46, "minlon": 6, "maxlat": 47, "maxlon": 7},
         "tags": {"name": "E"}},
    ]  # fmt: skip
    XML = (
        "<?xml version='1.0' encoding='UTF-8'?>\n<osm version='0.6' generator='x'>"
        "<way id='2'><nd ref='1'/><nd ref='3'/><nd ref='1'/><tag k='name' v='B'/></way>"
        "<node id='1' lat='46.5' lon='6.6'><tag k='name' v='A'/><tag k='addr:street' v='Rue Haute'/></node>"
        "<node id='3' lat='46.6' lon='6.7'/>"
        "<relation id='4'><member type='way' ref='2' role=''/><tag k='name' v='C'/></relation>"
        "<way id='5'><center lat='46' lon='6'/><tag k='name' v='D'/></way>"
        "<way id='6'><bounds minlat='46' minlon='6' maxlat='47' maxlon='7'/><tag k='name' v='E'/></way></osm>"
    )

    def test_reads_an_answer_of_overpass(self, tmp_path):
        document = {"version": 0.6, "generator": "Overpass API", "elements": self.ELEMENTS}
        self._check(tmp_path, document, "list.json")

    def test_reads_an_extract_in_xml(self, tmp_path):
        self._check(tmp_path, self.XML.encode(), "list.osm")

    def _check(self, tmp_path, document, name):
        table, rows = _read(tmp_path, document, name)
        assert (table.format, format_of(tmp_path / name)) == ("osm", "osm")
        assert table.columns == ["@id", "name", "geometry", "addr:street"]
        assert [(row.values["@id"], row.values["geometry"]) for row in rows] == [
            (reference, pytest.approx(place)) for reference, place in WANTED
        ]
        assert rows[1].values["addr:street"] == "Rue Haute"

    def test_expands_no_entity(self, tmp_path):
        text = self.XML.replace("<osm ", '<!DOCTYPE x [<!ENTITY a "aaaa">]><osm ').replace("v='A'", "v='&a;'")
        with pytest.raises(Exception, match="declares a document type"):
            _read(tmp_path, text.encode("utf-16"), "list.osm")


class TestLargeDocuments:
    """Documents too large to be held whole are read as a stream; 20 MB are enough to tell."""

    RECORD = {"nom": "Club", "adresse": {"npa": 1005, "lat": 46.5}, "but": "x" * 2_000}
    COUNT = 10_000

    def _write(self, tmp_path, before, item, after, name="list.json"):
        path = tmp_path / name
        item = json.dumps(item)
        with path.open("w", encoding="utf-8") as file:
            file.write(before)
            file.writelines(f"{item},\n" for _number in range(self.COUNT - 1))
            file.write(item + after)
        return path

    def _peak(self, path):
        """(rows, highest number of bytes held while reading)"""
        tracemalloc.start()
        try:
            table = read(path, knows=knows_header)
            return table, sum(1 for _row in table.rows), tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    @pytest.mark.parametrize("mark", ["", "\ufeff"])
    def test_are_read_as_a_stream(self, tmp_path, mark):
        path = self._write(tmp_path, f"{mark}[\n", self.RECORD, "\n]")
        table, rows, peak = self._peak(path)
        assert (rows, table.columns) == (self.COUNT, ["nom", "adresse.npa", "adresse.lat", "but"])
        assert peak < 8_000_000

    def test_beyond_what_may_be_held_are_read_as_a_stream_of_any_list(self, tmp_path):
        record = {**self.RECORD, "but": "x" * 4_500}
        before = '{"total": 10000, "meta": {"a": 1}, "links": {"b": 2}, "pages": [{"page": 1}], "data": {"items": ['
        table, rows, peak = self._peak(self._write(tmp_path, before, record, "]}}"))
        assert rows == self.COUNT
        assert table.notes == ["Read the list under data.items. In so large a file no other list was looked for."]
        assert peak < 8_000_000

    def test_by_key_are_read_as_a_stream(self, tmp_path):
        path = tmp_path / "list.json"
        record = json.dumps(
            {**self.RECORD, "but": "x" * 4_500, "contacts": [{"type": "email", "value": "a@example.org"}]}
        )
        path.write_text("{" + ",".join(f'"club {number}": {record}' for number in range(self.COUNT)) + "}")
        table, rows, peak = self._peak(path)
        assert (rows, table.columns[0], table.columns[-1]) == (self.COUNT, "@key", "contacts.email")
        assert peak < 8_000_000

    def test_within_it_keep_every_list(self, tmp_path):
        after = '], "Genève": [' + json.dumps(self.RECORD) + "]}"
        table, rows, _peak = self._peak(self._write(tmp_path, '{"Vaud": [', self.RECORD, after))
        assert (rows, table.notes) == (self.COUNT + 1, ["Read the lists under Vaud, Genève as one."])

    def test_are_read_as_a_stream_of_features(self, tmp_path):
        feature = {"type": "Feature", "properties": self.RECORD, "geometry": {"type": "Point", "coordinates": [6, 46]}}
        path = self._write(tmp_path, '{"type": "FeatureCollection", "features": [', feature, "]}")
        table, rows, peak = self._peak(path)
        assert (table.format, rows, table.columns[-1]) == ("geojson", self.COUNT, "geometry")
        assert peak < 8_000_000

    def test_are_read_as_a_stream_of_elements(self, tmp_path):
        element = {"type": "node", "id": 1, "lat": 46.5, "lon": 6.6, "tags": {"name": "x" * 2_000}}
        path = self._write(tmp_path, '{"generator": "Overpass API", "elements": [', element, "]}")
        table, rows, peak = self._peak(path)
        assert (table.format, rows, table.columns) == ("osm", self.COUNT, ["@id", "name", "geometry"])
        assert peak < 8_000_000

    def test_are_refused_with_the_place_where_they_break(self, tmp_path):
        path = self._write(tmp_path, "[\n", self.RECORD, ",\n{]")
        with pytest.raises(ListRefused) as refused:
            read(path)
        assert refused.value.message == (
            "Not valid JSON: it breaks after record 10000. Was the file cut off on its way? Export the list once more "
            "(line 10002, column 2)"
        )

    @pytest.mark.parametrize("name", ["list.csv", "list.ndjson"])
    def test_lines_are_read_as_a_stream(self, tmp_path, name):
        line = f"Club;1005;{'x' * 2_000}" if name == "list.csv" else json.dumps(self.RECORD)
        path = tmp_path / name
        path.write_text(("Nom;NPA;But\n" if name == "list.csv" else "") + f"{line}\n" * self.COUNT, encoding="utf-8")
        _table, rows, peak = self._peak(path)
        assert rows == self.COUNT
        assert peak < 8_000_000
