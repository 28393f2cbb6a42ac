"""Two sets of organisations compared with each other alone."""

import pytest

from datacoop.linking.apart import Values, alike


def club(name: str, **more: object) -> Values:
    where = {"addresses": [{"street": "Rue du Lac 7", "postal_code": "1005", "city": "Lausanne", "country": "CH"}]}
    return {"name": [name], **where, **{key: [value] for key, value in more.items()}}


def same(ours: Values, theirs: Values) -> bool | None:
    """Whether one of ours is one of theirs; None: it does not even resemble it."""
    found = alike({1: ours}, {7: theirs})
    return found[1][0].is_same if found else None


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        (club("Chœur de la Clairière"), True),
        (club("Choeur de la Clairiere (Lausanne)"), True),
        (club("Chœur de la Clairière, juniors"), False),
        (club("Fanfare des Quatre-Vents"), None),
        ({"name": ["Chœur de la Clairière"], "commune": [{"bfs": 261, "name": "Zürich"}]}, None),
    ],
)
def test_a_near_equal_name_in_the_same_place_is_enough(theirs: Values, expected: bool | None) -> None:
    assert same(club("Chœur de la Clairière"), theirs) is expected


def test_a_contact_in_common_tells_names_that_only_resemble_each_other() -> None:
    ours = club("Chœur de la Clairière", email="info@clairiere.example.org")
    theirs = {"name": ["Clairière, chœur"], "email": ["info@clairiere.example.org"]}
    assert same(ours, theirs)


def test_a_contact_that_many_names_hold_tells_nothing() -> None:
    house = "maison@associations.example.org"
    names = ["Fanfare", "Club d’échecs", "Ludothèque", "Tir sportif", "Ciné-club", "Jardins", "Boules", "Samaritains"]
    theirs = {n: {"name": [name], "email": [house]} for n, name in enumerate(names)}
    assert alike({1: {"name": ["Chœur de la Clairière"], "email": [house]}}, theirs) == {}


def test_another_official_number_is_another_organisation() -> None:
    ours = club("Chœur de la Clairière", identifiers={"scheme": "CH-UID", "value": "CHE-101.000.001"})
    theirs = club("Chœur de la Clairière", identifiers={"scheme": "CH-UID", "value": "CHE-101.000.002"})
    assert same(ours, theirs) is None


def test_the_likeliest_comes_first_and_the_order_of_reading_does_not_count() -> None:
    choir = club("Chœur de la Clairière", website="https://clairiere.example.org")
    theirs = {9: club("Chœur de la Clairière"), 3: choir, 5: club("Chœur de la Clairière, juniors")}
    found = alike({1: choir}, theirs)[1]
    assert [each.other for each in found] == [3, 9, 5]
    assert alike({1: choir}, dict(reversed(theirs.items())))[1] == found
