"""What a steward decides for others: hides anybody, never shows a person, and whoever it is about is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client

from datacoop.accounts.queries import find_account
from datacoop.consent.actions import DecisionError, Wish, decide
from datacoop.consent.models import Decision
from datacoop.consent.queries import last_word
from datacoop.consent.rules import LONGEST_REASON
from datacoop.disclosure.actions import settle
from datacoop.jobs.actions import run_due
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.intake import Intake
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, create_record, state
from datacoop.records.models import Record, Statement, Trace
from datacoop.records.rules import Origin, id_of
from datacoop.rights.actions.answering import Answerer
from datacoop.rights.actions.reporting import Written, keep_report
from datacoop.rights.actions.requesting import ask
from datacoop.rights.links import LETTER, Wanted, code_for, make_links
from datacoop.rights.models.confirming import PendingAnswer
from datacoop.rights.models.notices import Notice
from datacoop.rights.models.reports import Report
from datacoop.rights.models.requests import Request
from datacoop.rights.rules.reports import ERROR, GONE
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
    """Every form of a steward that decides about a record by its uid, in every meaning that it knows; letters, reports
    and requests have numbers and codes of their own: below."""
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


def test_nothing_one_steward_presses_makes_a_person_public(steward: Client, visitor: Client, person: UUID) -> None:
    pressed = 0
    for address, form in attempts(person):
        pressed += steward.post(address, form).status_code < 500
        settle(datetime.now(UTC))
        assert not is_public(visitor, person), (address, form)
    assert pressed == len(list(attempts(person)))
    assert Decision.objects.filter(record_id=id_of(person), shows=False).exists()
    assert not Decision.objects.filter(record_id=id_of(person), shows=True).exists()


def real_answers(person: UUID) -> Iterator[dict[str, str]]:
    """What a steward can send of letters that exist: each code, and each number of an answer that waits, as it is.

    An answer that waits is made anew for each press, all that the post takes being done, so that nothing but who holds
    the code is in the way.
    """
    now, notice = datetime.now(UTC), Notice.objects.get(subject_id=id_of(person))
    actor = f"steward:{steward_account()}"
    (first,) = make_links([Wanted(person, LETTER, notice.pk)], now=now)
    for choice, method in product(("proposed", "less"), ("paper", "telephone")):
        yield {"step": "enter", "code": code_for(first), "choice": choice, "method": method}
    for choice, by_entering in product(("proposed", "less"), (True, False)):
        (second,) = make_links([Wanted(person, LETTER, notice.pk)], now=now)
        row = PendingAnswer.objects.create(
            subject_uid=person, notice_id=notice.pk, choice=choice, method="paper", link_id=second,
            seen=last_word([id_of(person)]) + 10**6, entered_by=actor if by_entering else "steward:99999",
            entered_at=now - timedelta(days=9), printed_at=now - timedelta(days=9), posted_at=now - timedelta(days=8),
            printed_by="steward:99999" if by_entering else f"steward:99999 {actor}",
        )  # fmt: skip
        yield {"step": "letter", "pending": str(row.pk)}
        yield {"step": "posted", "pending": str(row.pk)}
        yield {"step": "confirm", "code": code_for(second)}


def steward_account() -> int:
    found = find_account("steward@example.org")
    assert found is not None
    return int(found.pk)


def test_no_letter_that_exists_lets_one_steward_show_a_person(
    steward: Client, visitor: Client, transactional_db: None, tmp_path: Path
) -> None:
    person, _ = named_in_columns(tmp_path, "bruno.exemple@prive.example.org")
    refused = 0
    for form in real_answers(person):
        html = steward.post("/steward/answers", form).content.decode()
        settle(datetime.now(UTC))
        refused += "ne peut pas la confirmer" in html
        assert "Ce code n&#x27;ouvre rien" not in html, "the code is one that opens"
        assert not is_public(visitor, person), form
        assert not Decision.objects.filter(shows=True).exists(), form
    assert refused == 4


def test_a_second_steward_s_hand_is_what_was_missing(
    steward: Client, visitor: Client, transactional_db: None, tmp_path: Path
) -> None:
    """The letters of the test above are whole: with another hand, and nothing else changed, they show the person."""
    person, _ = named_in_columns(tmp_path, "bruno.exemple@prive.example.org")
    forms = [each for each in real_answers(person) if each["step"] == "confirm"]
    PendingAnswer.objects.update(entered_by="steward:99999", printed_by="steward:99998")
    assert "vaut dès maintenant" in steward.post("/steward/answers", forms[0]).content.decode()
    assert Decision.objects.filter(shows=True).exists()


def test_no_report_or_request_that_exists_lets_one_steward_show_a_person(
    steward: Client, visitor: Client, transactional_db: None, tmp_path: Path
) -> None:
    person, role = named_in_columns(tmp_path, "bruno.exemple@prive.example.org")
    now = datetime.now(UTC)
    for kind, about in product((ERROR, GONE), (person, role)):
        keep_report(written=Written(kind, about, "faux", "", "fr"), now=now)
    ask(by=Answerer(person, "link:1"), kind="rectify", now=now, words="montrez tout")
    reports, requests = [Report.objects.values_list("pk", flat=True), Request.objects.values_list("pk", flat=True)]
    assert (len(reports), len(requests)) == (4, 1)
    forms = [("/steward/reports", {"number": str(n), "answer": a, "reason": "x"}) for n in list(reports)
             for a in ("accept", "decline")]  # fmt: skip
    forms += [("/steward/requests", {"number": str(n), "step": "done", "reply": "x"}) for n in list(requests)]
    for address, form in forms:
        assert steward.post(address, form).status_code in (200, 302, 422), form
        settle(datetime.now(UTC))
        assert not is_public(visitor, person), form
        assert not Decision.objects.filter(shows=True).exists(), form
    assert not Report.objects.filter(state="waiting").exists()
    assert Request.objects.get().state == "done"


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


def test_how_it_was_learnt_and_why_it_was_looked_at_are_kept_as_long_as_the_form_takes_them(
    steward: Client, person: UUID
) -> None:
    long = SHOW | {"shows": "no", "said_how": "é" * LONGEST_REASON, "reason": "è" * LONGEST_REASON}
    assert steward.post(f"/steward/records/{person}", long).status_code == 200
    assert Decision.objects.get().reason == long["said_how"]
    assert long["reason"] in {each.note for each in Trace.objects.all()}
    # SQLite takes any length
    assert Decision._meta.get_field("reason").max_length == LONGEST_REASON


def test_a_reason_that_is_too_long_is_refused(person: UUID) -> None:
    with pytest.raises(DecisionError, match="500"):
        decide(uid=person, wish=Wish("public", False), actor="cli", reason="é" * 501, now=datetime.now(UTC))


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
ROW = "Chœur de la Combe;1005;Lausanne;Ada Muster;Bruno Exemple;"


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
    for secret in ("Chœur", "Combe", "Bruno", "Ville", "trésor", "association", "liste", "/n/"):
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
