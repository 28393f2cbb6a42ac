"""Entries about persons: never one by name alone, never across organisations without consent."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoop.linking.rules.comparing import DIFFERENT, LOOK_ALIKE, SAME
from datacoop.linking.rules.persons import Person, compare_persons, person_of
from datacoop.linking.rules.sharing import pairs_sharing

EMAILS = st.frozensets(st.sampled_from(["a@example.org", "b@example.org", "c@example.org"]))
PHONES = st.frozensets(st.sampled_from(["+41215551234", "+41215551235"]))
NAMES = st.frozensets(
    st.sampled_from([("anna", "exemple"), ("anna", "exempla"), ("bruno", "muster"), ("anna",)]), min_size=1
)
PERSONS = st.builds(
    Person,
    NAMES,
    EMAILS,
    PHONES,
    st.sampled_from(["", "1970-01-01", "1971-02-02"]),
    st.frozensets(st.integers(1, 3), max_size=2),
    st.booleans(),
)


def person(name: str = "Anna Exemple", *, at: int = 1, consented: bool = False, **values: str) -> Person:
    said = {"name": [name], **{key: [value] for key, value in values.items()}}
    return person_of(said, organisations=frozenset({at}), consented=consented)


@given(PERSONS, PERSONS)
def test_never_one_by_name_alone(one: Person, two: Person) -> None:
    two = replace(two, names=one.names, emails=two.emails - one.emails, phones=two.phones - one.phones, birth_date="")

    assert compare_persons(one, two).verdict == DIFFERENT
    assert pairs_sharing({1: one.keys(), 2: two.keys()}) == []


@given(PERSONS, PERSONS, st.booleans())
def test_never_across_organisations_unless_both_consented(one: Person, two: Person, first: bool) -> None:
    one = replace(one, consented=first and one.consented)
    two = replace(one, organisations=two.organisations - one.organisations, consented=not first and two.consented)

    assert compare_persons(one, two) == compare_persons(two, one)
    assert compare_persons(one, two).verdict == DIFFERENT
    assert compare_persons(one, two).reasons == ()
    assert pairs_sharing({1: one.keys(), 2: two.keys()}) == []


@given(PERSONS, PERSONS)
def test_across_organisations_only_a_person_may_say_so(one: Person, two: Person) -> None:
    two = replace(two, organisations=two.organisations - one.organisations)

    assert compare_persons(one, two).verdict != SAME


@given(PERSONS, PERSONS)
def test_whatever_is_alike_is_found_whichever_is_asked_first(one: Person, two: Person) -> None:
    found = compare_persons(one, two)

    assert found == compare_persons(two, one)
    if found.verdict != DIFFERENT:
        assert pairs_sharing({1: one.keys(), 2: two.keys()}) == [(1, 2)]


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        (person(email="a@example.org"), person("Exemple Anna", email="A@example.org"), SAME),
        (person(birth_date="1970-01-01"), person(birth_date="1970-01-01"), SAME),
        (person(phones="+41 21 555 12 34"), person(phones="+41215551234"), LOOK_ALIKE),
        (person(email="a@example.org"), person("Anna Exempla", email="a@example.org"), LOOK_ALIKE),
        (person(email="a@example.org"), person("Bruno Muster", email="a@example.org"), DIFFERENT),
        (person("Marie Roy", email="a@example.org"), person("Maria Roy", email="a@example.org"), DIFFERENT),
        (
            person(email="a@example.org", birth_date="1970-01-01"),
            person(email="a@example.org", birth_date="1999-01-01"),
            DIFFERENT,
        ),
        (person(email="a@example.org"), person(email="a@example.org", at=2), DIFFERENT),
        (
            person(email="a@example.org", consented=True),
            person(email="a@example.org", at=2, consented=True),
            LOOK_ALIKE,
        ),
        (
            person(birth_date="1970-01-01", consented=True),
            person(birth_date="1970-01-01", at=2, consented=True),
            DIFFERENT,
        ),
    ],
)
def test_persons_are_told_apart_strictly(one: Person, two: Person, expected: str) -> None:
    assert compare_persons(one, two).verdict == expected


def test_given_and_family_name_in_two_columns_are_a_name() -> None:
    said = {"given_name": ["Anna"], "family_name": ["Exemple"], "email": ["a@example.org"]}

    assert compare_persons(person_of(said, organisations=frozenset({1})), person(email="a@example.org")).verdict == SAME
