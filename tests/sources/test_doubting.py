"""Whether a delivery looks like the list it is for: what asks, and what does not."""

import pytest

from datacoop.sources.doubting import Expected, Given, doubts, fits_better

COLUMNS = {"Nom": "name", "Courriel": "email", "NPA": "addresses.postal_code", "Localité": "addresses.city"}
NOTHING = Expected()


def codes(expected: Expected, given: Given) -> list[str]:
    return [each.code for each in doubts(expected, given)]


@pytest.mark.parametrize(
    ("rows", "found"), [(94, ["rows-few"]), (95, []), (105, []), (106, ["rows-many"])]
)  # fmt: skip
def test_asks_about_a_number_of_rows_that_was_not_expected(rows: int, found: list[str]) -> None:
    assert codes(Expected(95, 105), Given(rows, {}, 0, 0)) == found


def test_expects_no_number_of_a_part() -> None:
    assert codes(Expected(95, 105), Given(3, {}, 100, 0, is_part=True)) == []


def test_asks_where_most_columns_are_gone_or_mean_nothing_any_more() -> None:
    menu = {"Plat": None, "Prix": None, "Nom": "name"}

    (found,) = doubts(Expected(columns=COLUMNS), Given(10, menu, 0, 0))

    assert (found.code, found.count, found.of) == ("columns-gone", 3, 4)
    assert "Courriel, NPA, Localité" in found.sentence()


@pytest.mark.parametrize(
    "columns",
    [
        COLUMNS,
        {**COLUMNS, "Neu": None},
        {"Name": "name", "Mail": "email", "PLZ": "addresses.postal_code", "Ort": "addresses.city"},
        {"Nom": "name", "Courriel": "email"},
    ],
    ids=["same", "one more", "translated", "half of them"],
)
def test_does_not_ask_about_columns_that_still_say_the_same(columns: dict[str, str | None]) -> None:
    assert codes(Expected(columns=COLUMNS), Given(10, columns, 0, 0)) == []


@pytest.mark.parametrize(
    ("before", "known", "found"),
    [
        (100, 9, ["rows-unknown", "many-vanished"]),
        (100, 10, ["many-vanished"]),
        (100, 79, ["many-vanished"]),
        (100, 80, []),
        (4, 0, ["many-vanished"]),
        (0, 0, []),
    ],
)
def test_asks_where_rows_are_missing_or_hardly_any_is_known(before: int, known: int, found: list[str]) -> None:
    assert codes(NOTHING, Given(100, COLUMNS, before, known)) == found
    assert codes(NOTHING, Given(100, COLUMNS, before, known, is_part=True)) == []


def test_an_empty_delivery_is_asked_about_elsewhere() -> None:
    assert codes(Expected(5, 9, COLUMNS), Given(0, {}, 100, 0)) == []


def test_a_first_delivery_is_held_against_nothing() -> None:
    assert codes(NOTHING, Given(1, {}, 0, 0)) == []


def test_names_the_kind_that_the_columns_fit_clearly_better() -> None:
    own: dict[str, str | None] = {"Titre": "name", "Début": None, "Fin": None}
    events = {"Titre": "title", "Début": "start", "Fin": "end"}

    assert fits_better(own, {"activity": events, "need": own}) == "activity"
    assert fits_better(events, {"organisation": own}) is None
    assert fits_better(own, {}) is None
