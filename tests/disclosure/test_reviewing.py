"""Two records side by side: what a steward who compares them sees, and what only as the same or not."""

import uuid
from datetime import UTC, datetime

import pytest

from datacoop.consent.restricting import restrict
from datacoop.disclosure.reviewing import Row, SideBySide, side_by_side
from datacoop.ledger.queries import entries
from datacoop.records.actions.publishing import Attestation, add_source, attest
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, create_record, state
from datacoop.records.models import Source
from datacoop.records.queries import traces_of
from datacoop.records.rules import Mark, Origin, id_of

pytestmark = pytest.mark.django_db(transaction=True)


def now() -> datetime:
    return datetime.now(UTC)


def source(holder: str, *, published: bool) -> Source:
    number = add_source(holder_uid=uuid.uuid4(), holder=holder, name="liste", kind="organisation")
    if published:
        attest(number, Attestation("https://example.org/liste", None, "holder:1", now()))
    return Source.objects.get(pk=number)


def organisation(of: Source, *said: Said, quarantined: bool = False) -> uuid.UUID:
    with revision(actor="steward:1", now=now(), why="test") as draft:
        record = create_record(draft, kind="organisation")
        state(draft, record_id=record.id, said=said, origin=Origin.HOLDER, source=of, quarantined=quarantined)
    return record.uid


def beside(first: uuid.UUID, second: uuid.UUID) -> SideBySide:
    found = side_by_side(first=first, second=second, actor="steward:9", now=now())
    assert found is not None
    return found


def row(first: uuid.UUID, second: uuid.UUID, name: str) -> Row:
    return next(each for each in beside(first, second).rows if each.property == name)


def test_shows_what_the_public_sees_and_who_says_it() -> None:
    town = source("Ville", published=True)
    one = organisation(town, Said("name", "La Ruche"))
    two = organisation(town, Said("name", "la ruche"))

    found = row(one, two, "name")

    assert [each.value for each in found.first] == ["La Ruche"]
    assert found.first[0].said_by == ("Ville – liste",)
    assert found.agreement == "same"
    assert beside(one, two).public == (True, True)


def test_shows_what_an_unpublished_list_says_of_an_organisation() -> None:
    town = source("Ville", published=False)
    one, two = (organisation(town, Said("name", name)) for name in ("La Ruche", "Pivoine"))

    found = row(one, two, "name")

    assert ([v.value for v in found.first], [v.value for v in found.second]) == (["La Ruche"], ["Pivoine"])
    assert (found.agreement, beside(one, two).public) == ("differs", (False, False))


@pytest.mark.parametrize("mark", [Mark.PERSONAL, Mark.CARE_OF, Mark.SHARED, Mark.WITHHELD])
@pytest.mark.parametrize(("other", "agreement"), [("+41215551234", "same"), ("+41215559999", "differs")])
def test_a_personal_value_is_the_same_or_not_and_no_more(mark: str, other: str, agreement: str) -> None:
    town = source("Ville", published=True)
    one = organisation(town, Said("name", "La Ruche"), Said("phones", "+41215551234", mark=mark))
    two = organisation(town, Said("name", "La Ruche"), Said("phones", other, mark=mark))

    found = row(one, two, "phones")

    assert (found.first, found.second, found.first_withheld, found.agreement) == ((), (), True, agreement)


def test_a_value_kept_back_is_the_same_or_not_and_no_more() -> None:
    town = source("Ville", published=True)
    one = organisation(town, Said("name", "La Ruche"), quarantined=True)
    two = organisation(town, Said("name", "La Ruche"))

    found = row(one, two, "name")

    assert (found.first, found.first_withheld, found.agreement) == ((), True, "same")
    assert [each.value for each in found.second] == ["La Ruche"]


def test_a_restricted_record_shows_nothing() -> None:
    town = source("Ville", published=True)
    one, two = (organisation(town, Said("name", "La Ruche")) for _ in range(2))
    restrict(uid=one, ground="restriction", actor="steward:1", now=now())

    found = row(one, two, "name")

    assert (found.first, found.agreement) == ((), "same")


def test_every_value_names_all_that_say_it_and_the_losing_ones() -> None:
    town, league = source("Ville", published=True), source("Fédération", published=True)
    one = organisation(town, Said("name", "La Ruche"))
    two = organisation(town, Said("name", "Pivoine"))
    with revision(actor="steward:1", now=now(), why="test") as draft:
        state(draft, record_id=id_of(one), said=[Said("name", "LA RUCHE")], origin=Origin.HOLDER, source=league)
        state(draft, record_id=id_of(two), said=[Said("name", "Rose")], origin=Origin.HOLDER, source=league)

    found = row(one, two, "name")

    assert [(v.said_by, v.wins) for v in found.first] == [(("Ville – liste", "Fédération – liste"), True)]
    assert [(v.value, v.wins) for v in found.second] == [("Rose", True), ("Pivoine", False)]


def test_some_in_common_are_partly_the_same() -> None:
    town = source("Ville", published=True)
    both, own = Said("phones", "+41215551234"), Said("phones", "+41215550000", position=1)
    one = organisation(town, Said("name", "La Ruche"), both, own)
    two = organisation(town, Said("name", "Pivoine"), both)

    assert row(one, two, "phones").agreement == "partly"


def test_one_that_says_nothing_neither_agrees_nor_differs() -> None:
    town = source("Ville", published=True)
    one = organisation(town, Said("name", "La Ruche"), Said("email", "ruche@example.org"))
    two = organisation(town, Said("name", "La Ruche"))

    assert row(one, two, "email").agreement == ""


def test_both_looks_are_noted_with_their_reason() -> None:
    town = source("Ville", published=True)
    one, two = (organisation(town, Said("name", "La Ruche")) for _ in range(2))

    beside(one, two)

    for uid in (one, two):
        found = entries([trace.entry for trace in traces_of([id_of(uid)]) if trace.note == "review"])
        assert [e.payload["actor"] for e in found.values()] == ["steward:9"]


def test_nothing_is_beside_nothing() -> None:
    one = organisation(source("Ville", published=True), Said("name", "La Ruche"))

    assert side_by_side(first=one, second=uuid.uuid4(), actor="steward:9", now=now()) is None
