"""A steward at a holder's desk gives a reason before anything not public is shown; whoever is shown reads it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from datacoop.ledger.queries import entries
from datacoop.linking.actions import judge
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.intake import Intake
from datacoop.pipelines.inviting import invite
from datacoop.portal.urls import urlpatterns
from datacoop.portal.views.desk import looking
from datacoop.records.models import Record, Trace
from datacoop.rights.models.objections import Objection
from datacoop.sources.owning import find_holder_named
from tests.pipelines.test_passing_people import object_to, role_of, say
from tests.portal import test_own_history as subjects
from tests.portal.conftest import ROWS
from tests.portal.sitting import EMAIL, HOLDER, OTHER, bring, folder, list_of, registered, signed_in, text_of
from tests.portal.test_correcting_pages import named
from tests.portal.test_reporting import representative

__all__ = ["folder"]
pytestmark = pytest.mark.django_db(transaction=True)
WHY = "plainte du 3 mars, numéro rappelé"
NEW = "neuf@exemple.example.org"
HEADER = "Nr;Nom;NPA;Localité;Présidente;Trésorier;E-mail privé du trésorier;Cotisation"
CHOIR = "1;Chœur de la Clairière;1005;Lausanne;Ada Muster;Bruno Exemple;bruno@exemple.example.org;50.-"
GYM = "2;Gym du Vallon;1020;Renens VD;Célia Beispiel;Dino Prova;dino@exemple.example.org;70.-"
NAMELESS = GYM.replace("Gym du Vallon", "").replace("dino@", "perdu@")
#: The pages and files of a list that hold what its holder alone knows, and those that hold what everybody sees.
ASKED = {"told", "told.csv", "told.xlsx", "rejected", "rejected.xlsx", "own.xlsx", "changes", "changes.xlsx"}
PUBLIC = {"coverage", "coverage.xlsx", "missing"}
STEWARD = "steward@example.org"


def delivered(path: Path, *rows: str) -> None:
    file = path / "liste.csv"
    file.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    mapping = {"Nr": "@id", "Cotisation": "@own"}
    contribute(Intake((file,), HOLDER, with_persons=True, accept_removals=True, mapping=mapping), actor="steward:1")


@pytest.fixture
def brought(folder: Path, transactional_db: None) -> Path:
    registered()
    delivered(folder, CHOIR, GYM)
    delivered(folder, CHOIR, NAMELESS)
    return folder


@pytest.fixture
def corrected(brought: Path) -> Record:
    """Bruno, whom the choir's row names, who tells the holder another address and objects."""
    person, _ = role_of("Chœur de la Clairière", "treasurer")
    say(person, email=NEW)
    object_to(person, person)
    return person


def with_reason(steward: Client, address: str) -> Client:
    answer = steward.post(address, {"reason": WHY})
    assert answer.status_code == 302
    assert answer["Location"] == address
    return steward


def looks_at(record: Record) -> list[str]:
    """The reasons with which somebody looked at a record."""
    traces = {each.entry: each.note for each in Trace.objects.filter(record_id=record.id).order_by("entry")}
    return [traces[number] for number, entry in entries(traces).items() if entry.kind == "disclosure.described"]


def person_of(row: str, function: str) -> Record:
    return role_of(row, function)[0]


def test_every_page_of_a_list_asks_or_is_public() -> None:
    prefix = "desk/<uuid:holder>/lists/<str:key>/"

    found = {str(each.pattern).removeprefix(prefix) for each in urlpatterns if str(each.pattern).startswith(prefix)}

    assert found == ASKED | PUBLIC


@pytest.mark.parametrize("name", sorted(ASKED))
def test_shows_a_steward_nothing_without_a_reason(corrected: Record, steward: Client, name: str) -> None:
    answer = steward.get(f"{list_of()}/{name}")

    assert answer["Content-Type"].startswith("text/html")
    assert "Pourquoi regardez-vous cette liste" in text_of(answer)
    for value in (NEW, "bruno@", "perdu@", "Clairière", "50.-"):
        assert value not in text_of(answer)
    assert looks_at(corrected) == []


@pytest.mark.parametrize("name", ["told", "told.csv", "told.xlsx"])
def test_a_look_at_what_is_told_is_entered_for_whoever_is_shown(corrected: Record, steward: Client, name: str) -> None:
    answer = with_reason(steward, f"{list_of()}/{name}").get(f"{list_of()}/{name}")

    assert answer.status_code == 200
    if name != "told.xlsx":
        assert NEW in answer.content.decode("utf-8-sig")
    choir = Record.objects.get(uid=named("Chœur de la Clairière"))
    assert looks_at(corrected) == looks_at(choir) == [WHY]
    # The page tells differences alone; the files hold the row with everybody in it.
    assert looks_at(person_of("Chœur de la Clairière", "president")) == ([] if name == "told" else [WHY])
    assert looks_at(Record.objects.get(uid=named("Gym du Vallon"))) == []


def test_the_person_reads_who_looked_and_why(corrected: Record, steward: Client) -> None:
    bruno = subjects.signed_in(corrected.uid)
    assert WHY not in text_of(bruno.get(f"/my/{corrected.uid}/history"))

    with_reason(steward, f"{list_of()}/told").get(f"{list_of()}/told")

    html = text_of(bruno.get(f"/my/{corrected.uid}/history"))
    row = next(each for each in html.split("<tr>") if "Vos indications ont été consultées" in each)
    assert WHY in row
    assert "la coopérative" in row
    assert HOLDER in row
    (number,) = {each.entry for each in Trace.objects.filter(record_id=corrected.id, note=WHY)}
    assert bruno.get(f"/my/{corrected.uid}/proofs/{number}").status_code == 200


def test_own_columns_are_entered_for_rows_and_the_people_in_them(brought: Path, steward: Client) -> None:
    answer = with_reason(steward, f"{list_of()}/own.xlsx").get(f"{list_of()}/own.xlsx")

    assert answer.content[:2] == b"PK"
    choir = Record.objects.get(uid=named("Chœur de la Clairière"))
    assert looks_at(choir) == looks_at(person_of("Chœur de la Clairière", "president")) == [WHY]


@pytest.mark.parametrize("name", ["rejected", "rejected.xlsx"])
def test_rejected_rows_are_entered_for_whom_their_keys_lead_to(brought: Path, steward: Client, name: str) -> None:
    answer = with_reason(steward, f"{list_of()}/{name}").get(f"{list_of()}/{name}")

    assert answer.status_code == 200
    assert looks_at(Record.objects.get(uid=named("Gym du Vallon"))) == [WHY]
    assert looks_at(Record.objects.get(uid=named("Chœur de la Clairière"))) == []


@pytest.mark.parametrize("name", ["changes", "changes.xlsx"])
def test_what_a_list_says_beside_the_public_view_is_entered(brought: Path, steward: Client, name: str) -> None:
    delivered(brought, CHOIR, GYM)
    file = brought / "autre.csv"
    file.write_text("Nom;NPA;Localité\nGymnastique du Vallon;1023;Crissier", encoding="utf-8")
    contribute(Intake((file,), OTHER, published=True, page="https://liste.example.org"), actor="steward:1")
    gym = named("Gym du Vallon")
    judge(first=gym, second=named("Gymnastique du Vallon"), verdict="same", actor="steward:1", now=datetime.now(UTC))

    answer = with_reason(steward, f"{list_of()}/{name}").get(f"{list_of()}/{name}")

    assert answer.status_code == 200
    assert WHY in text_of(representative(gym).get(f"/my/{gym}/history"))
    assert looks_at(Record.objects.get(uid=named("Chœur de la Clairière"))) == []


def test_a_reason_holds_for_its_list_and_half_an_hour(
    corrected: Record, folder: Path, steward: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(folder, ROWS, OTHER)
    with_reason(steward, f"{list_of()}/told")
    assert NEW in text_of(steward.get(f"{list_of()}/told"))
    assert NEW in steward.get(f"{list_of()}/told.csv").content.decode("utf-8-sig")
    assert "Pourquoi" in text_of(steward.get(f"{list_of(OTHER)}/told"))

    monkeypatch.setattr(looking, "HOLDS", -looking.HOLDS)
    with_reason(steward, f"{list_of()}/told")

    assert "Pourquoi" in text_of(steward.get(f"{list_of()}/told"))
    assert looks_at(corrected) == [WHY, WHY]


def test_a_steward_neither_answers_nor_erases_in_the_holders_place(corrected: Record, steward: Client) -> None:
    holder = signed_in(EMAIL)
    objection = Objection.objects.get()
    row = re.search(r'name="erase" value="([^"]+)"', text_of(holder.get(f"{list_of()}/rejected")))
    assert row
    for name in ("told", "rejected"):
        html = text_of(with_reason(steward, f"{list_of()}/{name}").get(f"{list_of()}/{name}"))
        assert 'name="answer"' not in html
        assert 'name="erase"' not in html

    answered = steward.post(f"{list_of()}/told", {"number": objection.pk, "answer": "removed"})
    erased = steward.post(f"{list_of()}/rejected", {"erase": row[1]})

    assert [answered.status_code, erased.status_code] == [403, 403]
    objection.refresh_from_db()
    assert objection.answer == ""
    assert row[1] in text_of(holder.get(f"{list_of()}/rejected"))


def test_a_reason_left_empty_shows_nothing(corrected: Record, steward: Client) -> None:
    assert steward.post(f"{list_of()}/told", {"reason": "  "}).status_code == 403
    assert NEW not in text_of(steward.get(f"{list_of()}/told"))


def test_whoever_acts_for_the_holder_is_asked_nothing_and_entered_nowhere(corrected: Record, steward: Client) -> None:
    account = get_user_model().objects.get(email=STEWARD)
    holder = find_holder_named(HOLDER)
    assert holder is not None
    invite(holder=holder.uid, email=account.email, actor="steward:command", now=datetime.now(UTC))

    for client in (signed_in(EMAIL), steward):
        for name in ASKED - {"rejected"}:
            assert "Pourquoi" not in client.get(f"{list_of()}/{name}").content.decode(errors="replace")
        assert client.post(f"{list_of()}/told.csv", {"reason": WHY}).status_code == 405
    steward.post(f"{list_of()}/told", {"number": Objection.objects.get().pk, "answer": "removed"})

    assert looks_at(corrected) == []
    assert Objection.objects.get().answer == "removed"
