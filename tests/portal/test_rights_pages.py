"""Six buttons: what each does, for whom, and what of it needs a proof; the package; what stewards and everybody see."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import orjson
import pytest
from django.test import Client

from datacoop.accounts import proofs
from datacoop.accounts.actions import create_link, give_mandate, open_account
from datacoop.accounts.rules import DECIDE, EDIT, SCOPES, SELF
from datacoop.consent.actions import Wish, decide
from datacoop.consent.rules import CAPACITIES, METHODS
from datacoop.directory import rules as relays
from datacoop.disclosure.describe import self_body
from datacoop.disclosure.own.packing import pack
from datacoop.feeds.packages import Told, record_files
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.intake import Intake
from datacoop.portal import catalogue, limits
from datacoop.portal.views.own import rights
from datacoop.portal.views.own.package_lines import line
from datacoop.portal.views.own.package_page import index_page
from datacoop.portal.views.own.package_words import Words
from datacoop.records.models import Statement
from datacoop.records.rules import id_of
from datacoop.rights.links import LETTER, code_for
from datacoop.rights.models.requests import Request
from datacoop.rights.rules import claims, reports, requests
from datacoop.rights.rules.answers import CHOICES
from datacoop.rights.rules.registry import tables
from tests.portal.naming import link_to
from tests.portal.test_claims import stale
from tests.rights.people import EMAIL, NAME, Village, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def village() -> Village:
    return settle()


@pytest.fixture(autouse=True)
def _nobody_asked_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "PACKAGES", limits.Limit(most=6, seconds=60))


def with_link(subject: UUID) -> Client:
    """Somebody who opened a link they were sent."""
    from datacoop.rights.links import MAIL, Wanted, make_links  # noqa: PLC0415

    now = datetime.now(UTC)
    (number,) = make_links([Wanted(subject, MAIL)], now=now)
    client = Client(headers={"accept-language": "fr"})
    session = client.session
    session["links"] = {subject.hex: [number, now.isoformat()]}
    session.save()
    client.cookies["session"] = session.session_key
    return client


def with_account(subject: UUID, scope: str = SELF, email: str = EMAIL) -> Client:
    now = datetime.now(UTC)
    account = open_account(email=email, name=NAME, now=now)
    give_mandate(account_id=account.id, subject_uid=subject, scope=scope, valid_from=now - timedelta(days=1))
    client = Client(headers={"accept-language": "fr"})
    client.post(f"/sign-in/{create_link(email=email, now=now)}")
    return client


def prove(client: Client, subject: UUID, method: str, *, minutes: int) -> None:
    """A proof given so many minutes ago."""
    session = client.session
    session["proofs"] = {subject.hex: [method, (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()]}
    session.save()


def unpacked(answer: object) -> dict[str, bytes]:
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


class TestTheButtons:
    def test_a_stranger_learns_nothing(self, village: Village) -> None:
        for address in (village.person, UUID(int=5)):
            answer = Client().get(f"/my/{address}/rights")
            assert answer.status_code == 403
        known, unknown = (Client().get(f"/my/{u}/rights").content for u in (village.person, UUID(int=5)))
        assert known.replace(str(village.person).encode(), b"") == unknown.replace(str(UUID(int=5)).encode(), b"")
        assert Client().post(f"/my/{village.person}/rights/package", {"right": "access"}).status_code == 403

    def test_looking_changes_nothing(self, village: Village) -> None:
        client = with_account(village.person)
        for path in ("", "/erase", "/package"):
            client.get(f"/my/{village.person}/rights{path}")
        assert not Request.objects.exists()
        assert Statement.objects.filter(record_id=id_of(village.person)).exists()

    @pytest.mark.parametrize("right", ["restrict", "object"])
    def test_a_link_hides_at_once(self, village: Village, right: str) -> None:
        client = with_link(village.person)
        answer = client.post(f"/my/{village.person}/rights", {"right": right}, follow=True)

        assert "Plus personne ne voit rien de vous" in answer.content.decode()
        assert Request.objects.get().state == "done"

    def test_a_link_that_erases_hides_and_asks_for_a_proof(self, village: Village) -> None:
        client = with_link(village.person)
        answer = client.post(f"/my/{village.person}/rights", {"right": "erase"}, follow=True)
        assert "Tout est effacé quand vous avez montré" in answer.content.decode()

        assert client.post(f"/my/{village.person}/rights/erase").status_code == 403
        assert client.post(f"/my/{village.person}/rights/package", {"right": "access"}).status_code == 403
        assert client.post(f"/my/{village.person}/rights", {"right": "lift"}).status_code == 403
        assert Request.objects.get().state == "received"
        assert Statement.objects.filter(record_id=id_of(village.person)).exists()

    def test_erasing_asks_once_more_and_the_browser_forgets(self, village: Village) -> None:
        client = with_account(village.person)
        answer = client.post(f"/my/{village.person}/rights", {"right": "erase"})
        assert answer["Location"] == f"/my/{village.person}/rights/erase"
        assert "Vraiment tout effacer" in client.get(answer["Location"]).content.decode()

        answer = client.post(answer["Location"])

        html = answer.content.decode()
        assert "Tout est effacé" in html
        assert NAME not in html
        assert "3 fiches" in html
        assert not Statement.objects.filter(record_id=id_of(village.person)).exists()
        assert client.get(f"/my/{village.person}/rights").status_code == 403
        assert "session" not in client.cookies or not client.cookies["session"].value

    def test_an_account_left_open_erases_nothing(self, village: Village) -> None:
        client = stale(with_account(village.person))
        address = f"/my/{village.person}/rights/erase"

        for answer in (client.get(address), client.post(address)):
            assert answer["Location"] == f"/account/confirm?{urlencode({'next': address})}"

        assert Statement.objects.filter(record_id=id_of(village.person)).exists()
        assert client.get(f"/my/{village.person}/rights").status_code == 200

    @pytest.mark.parametrize("method", [proofs.EMAIL_CODE, proofs.LETTER_CODE])
    def test_a_proof_of_a_while_ago_is_given_again(self, village: Village, method: str) -> None:
        client, address = with_link(village.person), f"/my/{village.person}/rights/erase"
        prove(client, village.person, method, minutes=11)
        assert "3 fiches" not in client.post(address).content.decode()
        assert "Montrez encore une fois" in client.get(address).content.decode()
        assert 'name="step" value="letter"' in client.get(f"/my/{village.person}/prove").content.decode()
        assert Statement.objects.filter(record_id=id_of(village.person)).exists()

        prove(client, village.person, method, minutes=9)

        assert 'name="step" value="letter"' not in client.get(f"/my/{village.person}/prove").content.decode()
        assert "Tout est effacé" in client.post(address).content.decode()

    def test_a_letters_code_typed_once_more_erases(self, village: Village) -> None:
        client, address = with_link(village.person), f"/my/{village.person}/rights/erase"
        prove(client, village.person, proofs.EMAIL_CODE, minutes=20)
        code = code_for(link_to(village.person, channel=LETTER))

        answer = client.post(f"/my/{village.person}/prove", {"step": "letter", "code": code, "next": address})

        assert answer["Location"] == address
        assert client.get(address).status_code == 200

    def test_what_was_hidden_can_be_shown_again_with_a_proof(self, village: Village) -> None:
        client = with_account(village.person)
        client.post(f"/my/{village.person}/rights", {"right": "restrict"})
        assert "Montrer de nouveau" in client.get(f"/my/{village.person}/rights").content.decode()
        client.post(f"/my/{village.person}/rights", {"right": "lift"})
        assert "Montrer de nouveau" not in client.get(f"/my/{village.person}/rights").content.decode()

    def test_whoever_may_only_correct_decides_nothing(self, village: Village) -> None:
        client = with_account(village.choir, EDIT, "redaction@example.org")
        assert client.get(f"/my/{village.choir}/rights").status_code == 200
        assert client.post(f"/my/{village.choir}/rights", {"right": "restrict"}).status_code == 404
        assert client.post(f"/my/{village.choir}/rights/erase").status_code == 404
        assert client.post(f"/my/{village.choir}/rights/package", {"right": "access"}).status_code == 404
        assert not Request.objects.exists()

    def test_no_other_right(self, village: Village) -> None:
        client = with_account(village.person)
        assert client.post(f"/my/{village.person}/rights", {"right": "everything"}).status_code == 404


class TestWhileAllIsHidden:
    def test_the_choices_say_that_they_show_nothing_until_it_is_lifted(self, village: Village) -> None:
        client, home = with_account(village.person), f"/my/{village.person}/"
        assert "ne se verra qu" not in client.get(home).content.decode()

        client.post(f"{home}rights", {"right": "restrict"})
        html = client.get(home).content.decode()
        assert "ne se verra qu" in html
        (seen,) = set(re.findall(r'name="seen" value="(\d+)"', html))
        done = client.post(f"{home}answer", {"what": "choice", "choice": "proposed", "seen": seen})
        assert "ne se verra qu" in client.get(done["Location"]).content.decode()

        client.post(f"{home}rights", {"right": "lift"})
        assert "ne se verra qu" not in client.get(home).content.decode()


class TestThePackage:
    def test_holds_a_page_a_document_records_and_tables(self, village: Village) -> None:
        client = with_account(village.person)
        answer = client.post(f"/my/{village.person}/rights/package", {"right": "access"})
        files = unpacked(answer)

        assert "no-store" in answer["Cache-Control"]
        assert {
            "index.html",
            "data.jsonld",
            "records/persons.csv",
            "records/persons.jsonld",
            "tables/values.csv",
        } <= set(files)
        for name in ("index.html", "data.jsonld", "records/persons.csv", "tables/values.csv"):
            assert NAME in files[name].decode(), name
        assert "Ville de Clairière" in files["tables/values.csv"].decode(), "where it comes from"
        assert orjson.loads(files["data.jsonld"])["dataFeedElement"]
        assert Request.objects.get().state == "done"

    def test_speaks_as_people_do(self, village: Village) -> None:
        """Names and functions for records, days as one says them, words for codes: on the page and in the tables."""
        files = unpacked(with_account(village.person).post(f"/my/{village.person}/rights/package", {"right": "access"}))
        html, values = unescape(files["index.html"].decode()), files["tables/values.csv"].decode()

        for text in (html, values):
            assert "Votre fonction dans Chœur de la Clairière" in text
            assert not re.findall(r"(?<![/\w-])[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{22}", text), "records are not numbers"
            assert not re.findall(r"20\d\d-\d\d-\d\d", text), "days are not codes"
            assert not re.findall(r"\b(?:terms:|account:\d|steward:\d|link:\d|quarantined|waiting)\b", text)
        assert "personne ne le voit, à part vous" in html
        assert "Personne :" not in html, "“personne” says nobody"
        assert values.splitlines()[0].startswith("\ufeffFiche,Champ,")
        assert str(village.person) in files["data.jsonld"].decode(), "programs keep the numbers"
        said = orjson.loads(files["data.jsonld"])["datacoop:values"]
        assert {"Chœur de la Clairière", NAME} <= {each.get("record_name") for each in said}, "and read names too"

    def test_has_one_line_of_words_for_every_row(self, village: Village) -> None:
        found = pack(village.person, now=datetime.now(UTC))
        assert found is not None
        for language in catalogue.LANGUAGES:
            words = Words(found, language)
            for chapter, rows in found.chapters.items():
                for said in (line(words, chapter, row) for row in rows):
                    assert said, (language, chapter)
                    assert "{" not in said

    def test_tells_a_decision_that_another_took_the_place_of_or_that_is_over_as_past(self, village: Village) -> None:
        now = datetime.now(UTC)
        for wish, at in (
            (Wish("public", True, "email"), now - timedelta(days=9)),
            (Wish("public", False, "email"), now - timedelta(days=5)),
            (Wish("public", True, "name", until=now - timedelta(days=1)), now - timedelta(days=4)),
        ):
            decide(uid=village.person, wish=wish, actor="link:1", reason="", now=at)
        found = pack(village.person, now=now)
        assert found is not None

        rows = found.chapters["decisions"]
        said = [line(Words(found, "fr"), "decisions", row) for row in rows]

        assert [(row["property"], row["ended"]) for row in rows] == [("email", False), ("email", True), ("name", True)]
        assert ": caché à tout le monde depuis le " in said[0]
        assert all("était montré à tout le monde, par une décision du " in each for each in said[1:])
        assert not any("depuis le" in each for each in said[1:])
        for language, over in (("de", "nicht mehr gilt"), ("it", "non vale più"), ("en", "no longer holds")):
            told = [line(Words(found, language), "decisions", row) for row in rows]
            assert [over in each for each in told] == [False, True, True], told

    def test_words_the_codes_that_procedures_use(self) -> None:
        texts = catalogue.catalogue("fr")
        states = {*requests.STATES, *claims.STATES, *claims.REMOVAL_STATES, *relays.STATES, reports.ACCEPTED}
        wanted = {
            *(f"coded.state_{each}" for each in states - {claims.WAITING, claims.DONE}),
            *(f"coded.method_{each}" for each in (*METHODS, *claims.METHODS)),
            *(f"coded.capacity_{each}" for each in CAPACITIES),
            *(f"coded.scope_{each}" for each in SCOPES),
            *(f"coded.choice_{each}" for each in CHOICES),
        }
        assert wanted - texts.keys() == set()

    def test_says_all_that_the_law_asks_for(self, village: Village) -> None:
        found = pack(village.person, now=datetime.now(UTC))
        assert found is not None
        for language in catalogue.LANGUAGES:
            html = unescape(index_page(found, language).decode())
            for block in ("who", "what", "purpose", "kept", "origin", "automatic", "received", "rights", "authority"):
                title = catalogue.say(language, f"package.{block}_title")
                heading = html.index(f"<h2>{title}</h2>")
                after = html[heading:].split("</h2>", 1)[1].split("<h2>", 1)[0]
                assert len(after) > 40, (language, block)
            assert "<script" not in html
            assert 'src="' not in html

    def test_says_who_answers_by_name_address_and_telephone(self, village: Village) -> None:
        found = pack(village.person, now=datetime.now(UTC))
        assert found is not None
        for language in catalogue.LANGUAGES:
            html = unescape(index_page(found, language).decode())
            who = html.split(f"<h2>{catalogue.say(language, 'package.who_title')}</h2>")[1].split("<h2>")[0]
            for each in ("Coopérative de données de Clairière", "Rue du Lac 1, 1000 Clairière", "+41 21 555"):
                assert each in who, language

    def test_speaks_french_before_a_vowel_and_of_our_program_as_of_a_thing(self, village: Village) -> None:
        found = pack(village.person, now=datetime.now(UTC))
        assert found is not None
        words = Words(found, "fr")
        row = {"list": "Chœurs", "holder": "Union des chœurs", "at": "hier", "accepted_at": "hier"}
        assert "de Union" not in line(words, "deliveries_in", row)
        assert "d'Union des chœurs" in line(words, "deliveries_in", row)
        for language in catalogue.LANGUAGES:
            said = Words(found, language).cell("actor", {"actor": "rights"})
            assert said == catalogue.say(language, "coded.actor_house")
            assert said != catalogue.say(language, "history.who_house")

    def test_a_second_person_cannot_get_it(self, village: Village) -> None:
        other = with_account(village.choir, SELF, "autre@example.org")
        answer = other.post(f"/my/{village.person}/rights/package", {"right": "access"})
        assert answer.status_code == 403
        assert NAME not in answer.content.decode()

    def test_can_be_taken_along_and_read_again(self, village: Village) -> None:
        client = with_account(village.person)
        files = unpacked(client.post(f"/my/{village.person}/rights/package", {"right": "port"}))

        assert set(files) == {
            "LISEZ-MOI.txt",
            *(f"records/{n}.{e}" for n in ("persons", "roles") for e in ("csv", "jsonld")),
        }
        assert Request.objects.get().kind == "port"

    @pytest.mark.parametrize("right", ["port", "access"])
    def test_is_bound_by_no_licence_and_says_whose_it_is(self, village: Village, right: str) -> None:
        files = unpacked(with_account(village.person).post(f"/my/{village.person}/rights/package", {"right": right}))
        documents = {name: orjson.loads(text) for name, text in files.items() if name.endswith(".jsonld")}

        assert len(documents) >= 2
        for name, found in documents.items():
            assert not {"license", "usageInfo"} & found.keys(), name
            assert "Ces données sont les vôtres" in found["conditionsOfAccess"], name
        assert "Aucune licence" in files["LISEZ-MOI.txt"].decode()
        whole = b"".join(files.values())
        assert b"creativecommons" not in whole
        assert b"/api/#terms" not in whole

    @pytest.mark.parametrize("extension", ["csv", "jsonld"])
    def test_an_organisation_comes_back_as_it_was(self, village: Village, tmp_path: Path, extension: str) -> None:
        """Taken along and brought in again elsewhere, by the import that everybody uses."""
        with_account(village.choir, DECIDE, "choeur@example.org")
        package = pack(village.choir, now=datetime.now(UTC))
        assert package is not None
        files = dict(record_files(package, base_url="http://127.0.0.1:8000", told=Told("Les vôtres.")))
        file = tmp_path / f"organisations.{extension}"
        file.write_bytes(files[f"records/organisations.{extension}"])

        contribute(Intake((file,), "Ailleurs", published=True), actor="steward:1")

        again = Statement.objects.filter(source__holder="Ailleurs", record__kind="organisation")
        (record,) = {each.record for each in again}
        body = self_body(uid=record.uid, now=datetime.now(UTC)) or {}
        before = package.bodies["organisation"][0]
        assert {n: body.get(n) for n in ("name", "email", "phones")} == {
            n: before.get(n) for n in ("name", "email", "phones")
        }

    def test_is_made_a_few_times_an_hour(self, village: Village) -> None:
        client = with_account(village.person)
        statuses = [
            client.post(f"/my/{village.person}/rights/package", {"right": "port"}).status_code for _ in range(7)
        ]
        assert statuses == [200] * 6 + [429]

    def test_every_chapter_and_field_has_a_word(self) -> None:
        texts = catalogue.catalogue("fr")
        told = [t for t in tables().values() if t.is_personal]
        assert {f"package.chapter_{t.chapter}" for t in told} - texts.keys() == set()
        assert {f"package.field_{field}" for t in told for field in t.told.values()} - texts.keys() == set()


class TestStewards:
    def test_see_what_is_owed_and_settle_it(self, village: Village, steward: Client) -> None:
        with_link(village.person).post(f"/my/{village.person}/rights", {"right": "rectify", "words": "C'est faux."})
        Request.objects.update(due_at=datetime(2026, 1, 1, tzinfo=UTC))
        html = steward.get("/steward/requests").content.decode()
        assert "C&#x27;est faux." in html
        assert "en retard" in html
        assert NAME not in html
        assert "1 en retard" in steward.get("/steward/").content.decode()
        number = str(Request.objects.get().pk)

        assert steward.post("/steward/requests", {"number": number, "step": "refuse"}).status_code == 409
        steward.post("/steward/requests", {"number": number, "step": "later", "because": "many"})
        steward.post("/steward/requests", {"number": number, "step": "refuse", "because": "not_them"})

        kept = Request.objects.get()
        assert (kept.state, kept.refused_because, kept.later_because) == ("refused", "not_them", "many")
        assert steward.post("/steward/requests", {"number": number, "step": "done"}).status_code == 409
        assert "C'est" not in Client().get("/rights").content.decode()

    def test_carry_out_an_erasure(self, village: Village, steward: Client) -> None:
        with_link(village.person).post(f"/my/{village.person}/rights", {"right": "erase"})
        steward.post("/steward/requests", {"number": str(Request.objects.get().pk), "step": "done"})
        assert not Statement.objects.filter(record_id=id_of(village.person)).exists()

    def test_read_what_is_kept(self, steward: Client) -> None:
        html = steward.get("/steward/processing").content.decode()
        assert "consent_decision" in html
        assert Client().get("/steward/processing").status_code == 302


class TestEverybody:
    def test_is_told_no_small_number(self, village: Village) -> None:
        before = Client().get("/rights").content
        with_link(village.person).post(f"/my/{village.person}/rights", {"right": "restrict"})
        assert Client().get("/rights").content == before
