"""Lists of localities of several countries, and places found by them. The towns are real, the lists are ours."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from datacoop.cli.commands import places as command
from datacoop.kinds.definition import kind
from datacoop.sources.localities import file_of, load_localities, parse_localities, save_localities
from datacoop.sources.normalising import Setting
from datacoop.sources.places import Gazetteer
from datacoop.sources.readers.table import ListRefused, Row
from datacoop.sources.rows import RowReader

GEONAMES = (
    "FR\t49000\tAngers\tPays de la Loire\t52\tMaine-et-Loire\t49\tAngers\t491\t47.4667\t-0.5500\t5\n"
    "FR\t23800\tDun-le-Palestel\tNouvelle-Aquitaine\t75\tCreuse\t23\tGuéret\t231\t46.3042\t1.6689\t5\n"
    "FR\t23800\tLa Celle-Dunoise\tNouvelle-Aquitaine\t75\tCreuse\t23\tGuéret\t231\t46.3075\t1.7753\t5\n"
    "FR\t75231 CEDEX 05\tParis\tÎle-de-France\t11\tParis\t75\tParis\t751\t48.8534\t2.3488\t4\n"
)
LA_POSTE = (
    "#Code_commune_INSEE;Nom_de_la_commune;Code_postal;Libellé_d_acheminement;Ligne_5;_geopoint\r\n"
    "49007;ANGERS;49000;ANGERS;;47.4777,-0.5556\r\n01004;AMBERIEU EN BUGEY;01500;AMBERIEU EN BUGEY;;45.9610,5.3722\r\n"
)
AUSTRIA = (
    "Gemeinden am 1.1.2026;;;;;\nGebietsstand;;;;;\n"
    "Gemeindekennziffer;Gemeindename;Gemeindecode;Status;PLZ des Gem.Amtes;weitere Postleitzahlen\n"
    "10101;Eisenstadt;10101;SR;7000;\n30509;Euratsfeld;30509;M;3324;3300 3323\n"
)
SWISS = (
    "\ufeffOrtschaftsname;PLZ;Zusatzziffer;Gemeindename;BFS-Nr;Kantonskürzel;E;N;Sprache\n"
    "Bex;1880;0;Bex;5402;VD;2567400;1122900;fr\n"
)


def _file(folder: Path, text: str, name: str = "list.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def test_reads_the_postal_codes_of_geonames(tmp_path: Path) -> None:
    found = list(parse_localities(_file(tmp_path, GEONAMES, "FR.txt")))
    assert [(each.country, each.postal_code, each.name) for each in found] == [
        ("FR", "49000", "Angers"), ("FR", "23800", "Dun-le-Palestel"), ("FR", "23800", "La Celle-Dunoise"),
        ("FR", "75231", "Paris"),
    ]  # fmt: skip
    assert (found[0].lat, found[0].lon, found[0].bfs) == (47.4667, -0.55, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_reads_the_official_list_of_france(tmp_path: Path, encoding: str) -> None:
    found = list(parse_localities(_file(tmp_path, LA_POSTE, encoding=encoding)))
    assert [(each.country, each.postal_code, each.commune, each.lat, each.lon) for each in found] == [
        ("FR", "49000", "ANGERS", 47.4777, -0.5556), ("FR", "01500", "AMBERIEU EN BUGEY", 45.961, 5.3722),
    ]  # fmt: skip


def test_reads_the_official_list_of_austria_under_its_title(tmp_path: Path) -> None:
    found = list(parse_localities(_file(tmp_path, AUSTRIA)))
    assert [(each.country, each.postal_code, each.name, each.lat) for each in found] == [
        ("AT", "7000", "Eisenstadt", None), ("AT", "3324", "Euratsfeld", None), ("AT", "3300", "Euratsfeld", None),
        ("AT", "3323", "Euratsfeld", None),
    ]  # fmt: skip


def test_reads_metres_of_the_swiss_grid(tmp_path: Path) -> None:
    (found,) = parse_localities(_file(tmp_path, SWISS))
    assert (found.country, found.bfs) == ("CH", 5402)
    assert (round(found.lat or 0, 2), round(found.lon or 0, 2)) == (46.26, 7.02)


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("a;b\n1;2\n", None, "not-localities"),
        ("postcode;town\n1000;Somewhere\n", None, "country-unknown"),
        (GEONAMES, "CH", "not-localities"),
        (GEONAMES + "broken\n", None, "not-localities"),
        (SWISS.replace("5402", "x"), None, "not-localities"),
        (SWISS.replace("2567400", ""), None, "not-localities"),
    ],
)
def test_refuses_what_is_no_list_of_localities(tmp_path: Path, text: str, country: str | None, code: str) -> None:
    with pytest.raises(ListRefused) as refused:
        list(parse_localities(_file(tmp_path, text), country))
    assert refused.value.code == code


def test_keeps_each_country_apart_and_replaces_it_alone(tmp_path: Path) -> None:
    save_localities(parse_localities(_file(tmp_path, SWISS)), tmp_path)
    assert save_localities(parse_localities(_file(tmp_path, GEONAMES)), tmp_path) == {"FR": 4}
    save_localities(parse_localities(_file(tmp_path, LA_POSTE)), tmp_path)
    assert {each.country for each in load_localities(tmp_path)} == {"CH", "FR"}
    assert len(load_localities(tmp_path)) == 3
    assert (tmp_path / file_of("FR")).exists()


def _stated(cells: dict[str, object], country: str, places: Gazetteer) -> dict[str, object]:
    mapping = {"Nom": "name", "CP": "addresses.postal_code", "Ville": "addresses.city", "lat": "point.lat",
               "lon": "point.lon", "Rue": "addresses.street"}  # fmt: skip
    reader = RowReader(mapping, kind("organisation"), Setting(country), gazetteer=places)
    return {each.property: each.value for each in reader.read(Row(2, {"Nom": "Club", **cells})).values}


@pytest.fixture(name="places")
def _places(tmp_path: Path) -> Gazetteer:
    texts = (GEONAMES, AUSTRIA, SWISS)
    return Gazetteer([each for text in texts for each in parse_localities(_file(tmp_path, text))])


@pytest.mark.parametrize(
    ("cells", "commune", "point"),
    [
        ({"CP": "49000", "Ville": "ANGERS"}, "Angers", (47.4667, -0.55)),
        ({"CP": "49000"}, "Angers", (47.4667, -0.55)),
        ({"CP": "23800", "Ville": "La Celle Dunoise"}, "La Celle-Dunoise", (46.3075, 1.7753)),
        ({"Ville": "Dun-le-Palestel"}, "Dun-le-Palestel", (46.3042, 1.6689)),
        ({"CP": "49000", "Ville": "Dun-le-Palestel"}, "Dun-le-Palestel", None),
        ({"CP": "23800", "Ville": "Hameau inconnu"}, "Hameau inconnu", None),
        ({"CP": "23800"}, None, None),
        ({"CP": "99999", "Ville": "Nulle Part"}, "Nulle Part", None),
    ],
)
def test_places_a_french_row_by_its_postcode_and_town(
    cells: dict[str, object], commune: str | None, point: tuple[float, float] | None, places: Gazetteer
) -> None:
    stated = _stated(cells, "FR", places)
    assert stated.get("commune") == ({"name": commune} if commune else None)
    wanted = {"lat": point[0], "lon": point[1], "precision": "locality"} if point else None
    assert stated.get("point") == wanted


def test_a_list_without_coordinates_gives_the_commune_alone(places: Gazetteer) -> None:
    stated = _stated({"CP": "3323"}, "AT", places)
    assert (stated["commune"], "point" in stated) == ({"name": "Euratsfeld"}, False)


def test_the_point_that_the_row_gives_stays(places: Gazetteer) -> None:
    stated = _stated({"CP": "49000", "Rue": "Rue Haute 3", "lat": "47.47", "lon": "-0.55"}, "FR", places)
    assert stated["point"] == {"lat": 47.47, "lon": -0.55, "precision": "exact"}


def test_never_finds_a_swiss_commune_for_an_address_abroad(places: Gazetteer) -> None:
    assert _stated({"Ville": "Bex"}, "FR", places)["commune"] == {"name": "Bex"}
    assert _stated({"CP": "1880", "Ville": "Bex"}, "AT", places)["commune"] == {"name": "Bex"}
    assert _stated({"CP": "1880", "Ville": "Bex"}, "CH", places)["commune"] == {"bfs": 5402, "name": "Bex"}


def test_the_command_loads_a_country_and_says_what_is_wrong(tmp_path: Path, settings: object) -> None:
    settings.DATACOOP_DATA_DIR = tmp_path / "data"  # type: ignore[attr-defined]
    asked = CliRunner()
    loaded = asked.invoke(command.command, ["load", str(_file(tmp_path, GEONAMES, "FR.txt"))])
    assert (loaded.exit_code, loaded.output) == (0, "FR: 4 localities loaded.\n")
    unnamed = _file(tmp_path, "postcode;town\n1000;Somewhere\n")
    refused = asked.invoke(command.command, ["load", str(unnamed)])
    assert refused.exit_code != 0
    assert "name it with --country" in str(refused.exception)
    named = asked.invoke(command.command, ["load", str(unnamed), "--country", "be"])
    assert (named.exit_code, named.output) == (0, "BE: 1 localities loaded.\n")
