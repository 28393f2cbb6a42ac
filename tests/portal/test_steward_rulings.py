"""What a steward decides for others: hides anybody, never shows a person, and whoever it is about is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client

from datacoop.consent.actions import Wish, decide
from datacoop.consent.models import Decision
from datacoop.disclosure.actions import settle
from datacoop.jobs.actions import run_due
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.intake import Intake
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, create_record, state
from datacoop.records.models import Record, Statement
from datacoop.records.rules import Origin, id_of
from datacoop.rights.models.notices import Notice
from tests.portal.conftest import page_of
from tests.portal.test_claims import stale

pytestmark = pytest.mark.django_db(transaction=True)
NAME, EMAIL = "Renée Canari", "renee@canari.example.org"
SHOW = {"reason": "appel", "property": "", "audience": "public", "shows": "yes", "said_how": "lettre"}


@pytest.fixture
def person(transactional_db: None) -> UUID:
    """Somebody a steward noted, who never said anything."""
    with revision(actor="steward:1", now=datetime.now(UTC), why="test") as draft:
        record = create_record(draft, kind="person")
        said = [Said("name", NAME), Said("email", EMAIL)]
        state(draft, record_id=record.id, said=said, origin=Origin.STEWARD)
    settle(datetime.now(UTC))
    return record.uid


def is_public(visitor: Client, uid: UUID) -> bool:
    return visitor.get(f"/api/v1/persons/{uid}").status_code == 200


def attempts(uid: UUID) -> Iterator[tuple[str, dict[str, str]]]:
    """Every form of a steward that decides, in every meaning that it knows, about one person."""
    record = f"/steward/records/{uid}"
    for name, audience, shows, until in product(
        ("", "name", "email"), ("public", "cooperators"), ("no", "yes"), ("", "2099-01-01")
    ):
        yield record, SHOW | {"property": name, "audience": audience, "shows": shows, "until": until}
    for verdict in ("yes", "no"):
        yield record, {"reason": "x", "property": "email", "dispute": verdict, "why": "x"}
    yield f"{record}/correct", {"reason": "x", "step": "save", "name": NAME, "email": EMAIL}
    yield "/steward/new/persons", {"name": NAME, "email": EMAIL}
    form = {"person": str(uid), "email": "steward@example.org", "reason": "x"}
    yield "/steward/guardians", form | {"born": "2020-05-01"}
    yield "/steward/guardians", form | {"born": "1990-05-01", "step": "age"}
    for scope in ("decide", "edit", "self", "guardian"):
        yield "/steward/claims", {"email": "steward@example.org", "organisation": f"/o/{uid}", "scope": scope,
                                  "reason": "x"}  # fmt: skip
    for step, answer in product(("enter", "confirm", "letter"), ("proposed", "less", "nothing")):
        yield "/steward/answers", {"step": step, "code": "607A-BCVY-E5Z", "choice": answer, "method": "paper",
                                   "pending": "1"}  # fmt: skip
    yield "/steward/reports", {"number": "1", "answer": "accept"}
    yield "/steward/requests", {"request": "1", "step": "done", "reply": "x"}


def test_nothing_one_steward_presses_makes_a_person_public(steward: Client, visitor: Client, person: UUID) -> None:
    pressed = 0
    for address, form in attempts(person):
        pressed += steward.post(address, form).status_code < 500
        settle(datetime.now(UTC))
        assert not is_public(visitor, person), (address, form)
    assert pressed == len(list(attempts(person)))
    assert Decision.objects.filter(record_id=id_of(person), shows=False).exists()
    assert not Decision.objects.filter(record_id=id_of(person), shows=True).exists()


def test_says_who_shows_a_person_and_offers_no_button(steward: Client, person: UUID) -> None:
    answer = steward.post(f"/steward/records/{person}", SHOW)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "vous ne pouvez pas montrer davantage ici" in html
    assert 'name="shows" value="yes"' not in html


def test_an_organisation_that_spoke_is_only_hidden(
    steward: Client, visitor: Client, published: Callable[..., None]
) -> None:
    published()
    address = steward.get("/steward/find", {"record": page_of(visitor, "Clairière")})["Location"]
    wish = SHOW | {"property": "email"}
    assert steward.post(address, wish).status_code == 200
    uid = UUID(address.rpartition("/")[2])
    decide(uid=uid, wish=Wish("public", False, "email"), actor="link:1", reason="", now=datetime.now(UTC))
    assert steward.post(address, wish).status_code == 422
    assert steward.post(address, wish | {"shows": "no"}).status_code == 200


def test_needs_to_know_how_and_a_fresh_proof(steward: Client, person: UUID) -> None:
    address, hide = f"/steward/records/{person}", SHOW | {"shows": "no"}
    answer = steward.post(address, hide | {"said_how": " "})
    assert (answer.status_code, "comment vous l’avez appris" in answer.content.decode()) == (422, True)
    assert stale(steward).post(address, hide)["Location"].startswith("/account/confirm")
    assert not Decision.objects.exists()


def test_whoever_represents_or_is_written_to_is_told_without_a_value(
    steward: Client, visitor: Client, published: Callable[..., None]
) -> None:
    published()
    address = steward.get("/steward/find", {"record": page_of(visitor, "Clairière")})["Location"]
    steward.post(address, SHOW | {"property": "phones", "shows": "no"})
    run_due(datetime.now(UTC))
    (told,) = [each for each in mail.outbox if each.to == ["info@clairiere.example.org"]]
    assert "décision" in told.subject
    assert "555" not in told.body.partition("Tel. ")[0]


HEADER = "Nom;NPA;Localité;Présidente;Trésorier;E-mail privé du trésorier"
ROW = "Chœur de la Clairière;1005;Lausanne;Ada Muster;Bruno Exemple;"


def named_in_columns(tmp_path: Path, mailbox: str) -> tuple[UUID, UUID]:
    """The person, and the function, that the column of a treasurer in a list of organisations stands for."""
    file = tmp_path / "liste.csv"
    file.write_text(f"{HEADER}\n{ROW}{mailbox}\n", encoding="utf-8")
    contribute(Intake((file,), "Ville", with_persons=True), actor="steward:1")
    run_due(datetime.now(UTC))
    person = Statement.objects.get(property="email", record__kind="person").record
    return person.uid, Record.objects.get(kind="role", subject_id=person.id).uid


def told_by_mail() -> list[mail.EmailMessage]:
    mail.outbox.clear()
    run_due(datetime.now(UTC))
    return [each for each in mail.outbox if "décision" in each.subject]


@pytest.mark.parametrize("what", ["person", "function"])
def test_whoever_a_column_names_is_told_without_a_membership(
    steward: Client, transactional_db: None, tmp_path: Path, what: str
) -> None:
    person, role = named_in_columns(tmp_path, "bruno.exemple@prive.example.org")

    steward.post(f"/steward/records/{person if what == 'person' else role}", SHOW | {"shows": "no"})

    (told,) = told_by_mail()
    assert told.to == ["bruno.exemple@prive.example.org"]
    for secret in ("Chœur", "Clairière", "Bruno", "Ville", "trésor", "association", "liste", "/n/"):
        assert secret not in f"{told.subject} {told.body}", "whoever reads this may be somebody else"
    assert "/write" in told.body


@pytest.mark.parametrize("mailbox", ["tresorier@choeur.example.org", "info@choeur.example.org"])
def test_a_mailbox_that_several_read_is_told_of_no_person(
    steward: Client, transactional_db: None, tmp_path: Path, mailbox: str
) -> None:
    person, role = named_in_columns(tmp_path, mailbox)
    for each in (person, role):
        assert steward.post(f"/steward/records/{each}", SHOW | {"shows": "no"}).status_code == 200
    assert told_by_mail() == []


def test_whoever_wants_no_mail_gets_none(steward: Client, transactional_db: None, tmp_path: Path) -> None:
    person, role = named_in_columns(tmp_path, "bruno.exemple@prive.example.org")
    Notice.objects.filter(subject_id=id_of(person)).update(quiet_at=datetime.now(UTC))
    assert Notice.objects.filter(quiet_at__isnull=False).exists()
    steward.post(f"/steward/records/{role}", SHOW | {"shows": "no"})
    assert told_by_mail() == []


def test_whoever_answered_is_led_to_their_page_from_a_function_too(
    steward: Client, transactional_db: None, tmp_path: Path
) -> None:
    person, role = named_in_columns(tmp_path, "bruno.exemple@prive.example.org")
    Notice.objects.filter(subject_id=id_of(person)).update(state=Notice.ANSWERED, answered_at=datetime.now(UTC))
    steward.post(f"/steward/records/{role}", SHOW | {"shows": "no"})
    (told,) = told_by_mail()
    assert "/n/" in told.body
