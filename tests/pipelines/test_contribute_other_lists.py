"""A list of something else is never imported silently: whoever brings it is asked, and has the last word."""

from pathlib import Path

import pytest

from datacoop.pipelines.contribute import ContributionRefused
from tests.pipelines.pouring import counts, seen, take, write

pytestmark = pytest.mark.django_db(transaction=True)
MENU = [
    {"Nom": "Soupe du jour", "Description": "avec croûtons", "Prix": "8.50"},
    {"Nom": "Salade verte", "Description": "du jardin", "Prix": "9.–"},
    {"Nom": "Tarte aux pommes", "Description": "et crème", "Prix": "6.50"},
]


def test_asks_before_a_menu_is_imported(tmp_path: Path) -> None:
    with pytest.raises(ContributionRefused, match="price list or a menu") as refused:
        take(write(tmp_path, MENU), mapping={})

    assert refused.value.report is not None
    assert [each.code for each in refused.value.report.doubts] == ["like-a-price-list"]
    assert [each["property"] for each in refused.value.report.mapping] == ["name", "description", None]
    assert seen() == {}


def test_takes_it_from_whoever_says_that_it_is_the_file(tmp_path: Path) -> None:
    report = take(write(tmp_path, MENU), mapping={}, accept_unlike=True)
    assert counts(report, "accepted", "visible") == (3, 3)


def test_takes_it_from_whoever_says_what_its_names_are_and_asks_no_more(tmp_path: Path) -> None:
    take(write(tmp_path, MENU), mapping={"Nom": "name"})
    again = take(write(tmp_path, MENU), mapping={})
    assert counts(again, "accepted", "changed", "vanished") == (3, 0, 0)


def test_says_that_no_column_is_the_name(tmp_path: Path) -> None:
    with pytest.raises(ContributionRefused, match="no column looks like the name"):
        take(write(tmp_path, [{"t": "1", "temp": "12.5"}, {"t": "2", "temp": "13.1"}]), mapping={})
