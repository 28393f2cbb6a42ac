"""People whom a list names in columns of its own are heard by its holder: corrections and objections with their row."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.correcting import Typed, correct
from datacoop.pipelines.coverage import passing
from datacoop.pipelines.intake import Intake
from datacoop.records.models import Record, Statement
from datacoop.records.rules import State
from datacoop.rights.actions.answering import Answerer
from datacoop.rights.actions.objecting import Telling, tell_holders
from datacoop.rights.models.objections import Objection
from datacoop.rights.rules.answers import MANDATE
from datacoop.sources.owning import HolderFacts, OwnList, find_holder_named, list_own
from tests.portal.sitting import EMAIL, HOLDER, OTHER, folder, list_of, registered, signed_in
from tests.rights.people import NOW

__all__ = ["folder"]
pytestmark = pytest.mark.django_db(transaction=True)
HEADER = "Nom;NPA;Localité;Présidente;Trésorier;E-mail privé du trésorier"
CHOIR = "Chœur de la Clairière;1005;Lausanne;Ada Muster;Bruno Exemple;bruno@exemple.example.org"
GYM = "Gym du Vallon;1020;Renens VD;Célia Beispiel;Bruno Exemple;bruno@exemple.example.org"


def bring(path: Path, rows: list[str], name: str = HOLDER) -> None:
    file = path / f"{name}.csv"
    file.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    contribute(Intake((file,), name, with_persons=True, accept_removals=True), actor="steward:1")


def role_of(row: str, function: str) -> tuple[Record, Record]:
    """The person and the role that a row's function stands for."""
    named = Statement.objects.filter(property="name", value=f'"{row}"', source__holder=HOLDER)
    organisation = named.values_list("record_id", flat=True)[0]
    for number, stands in passing.people_in(own()).items():
        found = Record.objects.get(id=number)
        if found.kind == "role" and (stands.row, stands.function) == (organisation, function):
            return Record.objects.get(id=stands.person), found
    raise LookupError(row, function)


def holder() -> HolderFacts:
    found = find_holder_named(HOLDER)
    assert found is not None
    return found


def own() -> OwnList:
    (only,) = list_own(holder().uid)
    return only


def by(person: Record) -> Answerer:
    return Answerer(person.uid, "account:1", MANDATE, None, "subject")


def say(person: Record, *, name: str | None = None, email: str | None = None) -> None:
    changed: dict[str, str | list[str]] = {**({"name": name} if name else {}), **({"email": email} if email else {})}
    cells = {"name": "Bruno Exemple", "email": "bruno@exemple.example.org"} | changed
    correct(by=by(person), record=person.id, typed=Typed(cells, frozenset(changed)), now=NOW)
    telling = Telling(person.id, frozenset(), frozenset({holder().uid}), frozenset(changed))
    tell_holders(by=by(person), telling=telling, now=NOW)


def object_to(record: Record, person: Record) -> None:
    tell_holders(by=by(person), telling=Telling(record.id, frozenset({holder().uid})), now=NOW)


def lines_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


@pytest.fixture
def brought(folder: Path, transactional_db: None) -> Path:
    registered()
    bring(folder, [CHOIR, GYM])
    return folder


def test_a_person_s_correction_reaches_the_row_that_names_them(brought: Path) -> None:
    person, _ = role_of("Chœur de la Clairière", "treasurer")
    say(person, name="Bruno Exemple-Neuf", email="neuf@exemple.example.org")

    (row,) = passing.passed_rows(holder(), own())

    assert row.row.name == "Chœur de la Clairière"
    assert [(c.column.name, c.mine, c.theirs) for c in row.changes] == [
        ("Trésorier", ("Bruno Exemple",), ("Bruno Exemple-Neuf",)),
        ("E-mail privé du trésorier", ("bruno@exemple.example.org",), ("neuf@exemple.example.org",)),
    ]


def test_the_sheet_in_the_holder_s_columns_keeps_everybody_else_of_the_row(brought: Path) -> None:
    person, _ = role_of("Gym du Vallon", "treasurer")
    say(person, email="neuf@exemple.example.org")

    (line,) = lines_of(signed_in(EMAIL).get(f"{list_of()}/told.csv").content)

    expected = GYM.replace("bruno@", "neuf@").split(";")
    assert [line[name] for name in HEADER.split(";")] == expected


def test_the_corrected_sheet_brought_in_again_is_what_the_person_says(brought: Path) -> None:
    person, _ = role_of("Chœur de la Clairière", "treasurer")
    say(person, name="Bruno Exemple-Neuf")
    answer = signed_in(EMAIL).get(f"{list_of()}/told.csv")
    file = brought / "again.csv"
    file.write_bytes(answer.content)
    contribute(Intake((file,), HOLDER, with_persons=True, partial=True), actor="steward:1")

    assert passing.passed_rows(holder(), own()) == []
    # Whom the row names beside stays named.
    assert role_of("Chœur de la Clairière", "president")


@pytest.mark.parametrize("of", ["person", "role"])
def test_a_person_s_objection_is_told_with_row_and_function_and_answered(brought: Path, of: str) -> None:
    person, role = role_of("Chœur de la Clairière", "treasurer")
    object_to(person if of == "person" else role, person)
    client = signed_in(EMAIL)

    (told,) = passing.objected_rows(holder(), own())
    shown = client.get(f"{list_of()}/told").content.decode()
    (line,) = lines_of(client.get(f"{list_of()}/told.csv").content)

    assert (told.row.name, told.function) == ("Chœur de la Clairière", "treasurer")
    assert "Chœur de la Clairière – Trésorerie" in shown
    assert [line[name] for name in HEADER.split(";")] == CHOIR.split(";")
    assert list(line.values())[-1] == "Trésorerie: ne pas publier"

    client.post(f"{list_of()}/told", {"number": told.objection.id, "answer": "removed", "note": ""})
    assert Objection.objects.get(id=told.objection.id).answer == "removed"


def test_an_objection_of_somebody_who_restricted_what_is_said_is_not_lost(brought: Path) -> None:
    person, role = role_of("Chœur de la Clairière", "treasurer")
    object_to(person, person)
    Statement.objects.filter(record__in=[person, role]).update(state=State.RESTRICTED)

    (told,) = passing.objected_rows(holder(), own())

    assert (told.row.name, told.function) == ("Chœur de la Clairière", "treasurer")
    assert told.row.people.keys() == {"president"}


def test_another_holder_s_people_are_not_told(brought: Path, tmp_path: Path) -> None:
    registered(OTHER, "autre@example.org")
    bring(tmp_path, [CHOIR.replace("Bruno", "Dario")], OTHER)
    person, _ = role_of("Chœur de la Clairière", "treasurer")
    say(person, email="neuf@exemple.example.org")
    object_to(person, person)

    other = find_holder_named(OTHER)
    assert other is not None
    (theirs,) = list_own(other.uid)
    assert passing.passed_rows(other, theirs) == []
    assert passing.objected_rows(other, theirs) == []
    texts = [str(each) for each in passing.passed_rows(holder(), own())]
    assert texts
    assert "Dario" not in "".join(texts)


def test_nobody_whom_the_list_no_longer_names_is_told(brought: Path) -> None:
    person, _ = role_of("Chœur de la Clairière", "treasurer")
    say(person, email="neuf@exemple.example.org")
    object_to(person, person)
    bring(brought, [CHOIR.replace("Bruno Exemple;bruno@exemple.example.org", ";"), GYM])

    assert passing.passed_rows(holder(), own()) == []
    assert passing.objected_rows(holder(), own()) == []
