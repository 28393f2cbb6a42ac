"""Cells, distances and the many ways coordinates are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoop.lib import geo

LATITUDES = st.floats(-89.9, 89.9)
LONGITUDES = st.floats(-179.9, 179.9)


@given(LATITUDES, LONGITUDES)
def test_a_box_holds_the_cell_of_each_of_its_points(lat, lon):
    box = geo.box_round(lat, lon, 1.0)
    ranges = geo.cell_rows_of_box(*box)
    assert any(first <= geo.cell(lat, lon) <= last for first, last in ranges)


def test_cells_of_a_small_box_are_few():
    cells = geo.cells_of_box(6.60, 46.50, 6.65, 46.55)
    assert 9 <= len(cells) <= 12
    assert geo.cell(46.52, 6.63) in cells


@given(LATITUDES, LONGITUDES, st.integers(0, 18))
def test_the_middle_of_a_cluster_lies_in_its_cluster(lat, lon, zoom):
    number = geo.cluster_cell(lat, lon, zoom)
    middle = geo.cluster_middle(number)
    if abs(middle[0]) < 90:
        assert geo.cluster_cell(*middle, zoom) == number


def test_distance_lausanne_geneva():
    assert geo.haversine_km(46.5197, 6.6323, 46.2044, 6.1432) == pytest.approx(51.3, abs=1)


@pytest.mark.parametrize(
    ("lat", "lon", "country"),
    [
        ("46.5164312", "6.6320299", None),
        ("46,5164312", "6,6320299", None),
        (6.6320299, 46.5164312, "CH"),
        ("1152000", "2538100", "CH"),
        ("2538100", "1152000", None),
        ("152'000", "538'100", "CH"),
        ("46°30'59.15\"N", "6°37'55.31\"E", None),
    ],
)
def test_reads_one_place_in_many_notations(lat, lon, country):
    found = geo.point_of(lat, lon, country)
    assert found == (pytest.approx(46.5164, abs=2e-3), pytest.approx(6.6320, abs=2e-3))


@pytest.mark.parametrize(
    ("lat", "lon", "country", "corrected"),
    [
        ("46.5164312", "6.6320299", "CH", ()),
        ("46,5164312", "6,6320299", "CH", ("decimal-comma",)),
        (6.6320299, 46.5164312, "CH", ("swapped",)),
        ("6,6320299", "46,5164312", "CH", ("swapped", "decimal-comma")),
        ("1152000", "2538100", "CH", ("lv95",)),
        ("152'000", "538'100", "CH", ("lv03",)),
        ("6692424,50691385", "475198,121680863", "FR", ("lambert-93", "decimal-comma")),
    ],
)
def test_says_what_had_to_be_put_right(lat, lon, country, corrected):
    assert geo.read_point(lat, lon, country).corrected == corrected


def test_says_it_of_one_cell_too():
    assert geo.read_pair("46,52,6,63", "CH").corrected == ("decimal-comma",)
    assert geo.read_pair("POINT(46.52 6.63)", "CH").corrected == ("swapped",)
    assert geo.read_pair("46.52, 6.63", "CH").corrected == ()


def test_reads_lambert_93_with_decimal_commas():
    lat, lon = geo.point_of("6692424,50691385", "475198,121680863", "FR")
    assert (lat, lon) == (pytest.approx(47.294, abs=1e-3), pytest.approx(0.0247, abs=1e-3))


def test_reads_web_mercator():
    lat, lon = geo.point_of(5_865_000.0, 738_000.0, "CH")
    assert geo.REGIONS["CH"].holds(lat, lon)


@pytest.mark.parametrize(
    "cell", ["46.52, 6.63", "46.52 6.63", "(46.52;6.63)", "46,52,6,63", [46.52, 6.63], "POINT(6.63 46.52)"]
)
def test_reads_two_coordinates_in_one_cell(cell):
    assert geo.pair_of(cell) == (46.52, 6.63)


@pytest.mark.parametrize("cell", ["", "Lausanne", "46.52", [1], "2024-05-01", "0, 0"])
def test_refuses_what_is_no_pair(cell):
    with pytest.raises(geo.CoordinatesRefusedError):
        geo.pair_of(cell)
