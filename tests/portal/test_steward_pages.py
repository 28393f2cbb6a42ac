"""Pages for stewards: who may enter, bringing in a list, deciding, judging, passing messages on."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from datacoop.accounts.actions import close_account, create_link, open_account
from datacoop.directory.queries import count_waiting
from datacoop.jobs.actions import run_due
from datacoop.kinds.definition import all_kinds
from datacoop.lib.geo import GRIDS
from datacoop.pipelines import contribute as contribution
from datacoop.pipelines import preparing, uploads
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.intake import CORRECTIONS, Intake
from datacoop.portal import limits
from datacoop.portal.catalogue import LANGUAGES, catalogue
from datacoop.portal.targets import targets_of
from datacoop.records.rules import MARK_CODES
from datacoop.sources import rows
from datacoop.sources.countries import CANDIDATES
from datacoop.sources.mapping import is_target
from datacoop.sources.masking import CONTACT_IN_TEXT, plain_name
from tests.portal.conftest import HEADER, ROWS, page_of

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = ["/steward/", "/steward/lists", "/steward/upload", "/steward/review", "/steward/messages"]
LIST = "\n".join([HEADER, *ROWS]).encode()


class TestSigningIn:
    @pytest.fixture(autouse=True)
    def _fresh_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("datacoop.portal.views.signing.SIGN_INS", limits.Limit(most=10, seconds=60))

    def test_answers_the_same_for_known_unknown_and_closed_addresses(self) -> None:
        now = datetime.now(UTC)
        open_account(email="known@example.org", name="Known", now=now)
        close_account(account_id=open_account(email="gone@example.org", name="Gone", now=now).pk, now=now)
        replies, writes = [], []
        for email in ("known@example.org", "newcomer@example.org", "gone@example.org"):
            visitor = Client(headers={"accept-language": "fr"})
            with CaptureQueriesContext(connection) as queries:
                asked = visitor.post("/sign-in", {"email": email})
            page = visitor.get(asked["Location"]).content.decode().replace(email, "…")
            replies.append((asked.status_code, asked["Location"], re.sub(r'csrfmiddlewaretoken" value="\w+', "", page)))
            writes.append([each["sql"].split(" ")[0] for each in queries])
        assert replies[0] == replies[1] == replies[2]
        assert writes[0] == writes[1]
        assert mail.outbox == []
        run_due(now + timedelta(minutes=1))
        assert [message.to for message in mail.outbox] == [["known@example.org"], ["newcomer@example.org"]]
        texts = {re.sub(r"\d{4} \d{4}", "", str(message.body)) for message in mail.outbox}
        assert len(texts) == 1

    @override_settings(EMAIL_BACKEND="nowhere.at.all")
    def test_answers_the_same_when_no_mail_can_be_sent(self, visitor: Client) -> None:
        open_account(email="known@example.org", name="Known", now=datetime.now(UTC))
        assert visitor.post("/sign-in", {"email": "known@example.org"}).status_code == 302
        run_due(datetime.now(UTC))
        assert visitor.get("/sign-in").status_code == 200

    def test_the_link_shows_a_button_and_works_once(self, visitor: Client) -> None:
        now = datetime.now(UTC)
        open_account(email="known@example.org", name="Known", now=now)
        path = f"/sign-in/{create_link(email='known@example.org', now=now)}"
        assert "session" not in visitor.get(path).cookies
        assert visitor.post(path).status_code == 302
        assert visitor.post(path).status_code == 410

    def test_signing_in_needs_a_form_of_ours(self) -> None:
        open_account(email="known@example.org", name="Known", now=datetime.now(UTC))
        token = create_link(email="known@example.org", now=datetime.now(UTC))
        assert Client(enforce_csrf_checks=True).post(f"/sign-in/{token}").status_code == 403


class TestEntering:
    @pytest.mark.parametrize("path", PAGES)
    def test_is_for_stewards_alone(self, visitor: Client, steward: Client, path: str) -> None:
        assert visitor.get(path)["Location"] == "/sign-in"
        assert steward.get(path).status_code == 200
        open_account(email="other@example.org", name="Other", now=datetime.now(UTC))
        visitor.post(f"/sign-in/{create_link(email='other@example.org', now=datetime.now(UTC))}")
        assert visitor.get(path).status_code == 403

    def test_signing_out_ends_it(self, steward: Client) -> None:
        steward.post("/sign-out")
        assert steward.get("/steward/")["Location"] == "/sign-in"


class TestBringingIn:
    @pytest.fixture(autouse=True)
    def _own_folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def send(self, steward: Client, content: bytes = LIST) -> str:
        sent = SimpleUploadedFile("../Liste des sociétés.csv", content)
        answer = steward.post("/steward/upload", {"file": sent, "holder": "Faîtière d’essai", "published": "on"})
        return str(answer["Location"])

    def confirmed(self, html: str) -> dict[str, str]:
        """What a browser would send back of the preview's form."""
        names = dict(re.findall(r'name="(name-\d+)" value="([^"]*)"', html))
        selects = re.findall(r'<select name="(column-\d+)".*?</select>', html, re.S)
        targets = re.findall(r'<select name="(column-\d+)"[^>]*>(.*?)</select>', html, re.S)
        chosen = {}
        for name, options in targets:
            found = re.search(r'value="([^"]*)" selected', options)
            chosen[name] = found.group(1) if found else ""
        assert len(selects) == len(names)
        return names | chosen

    def test_shows_the_mapping_before_anything_changes(self, steward: Client, visitor: Client) -> None:
        with override_settings(DATACOOP_DATA_DIR=self.folder):
            html = steward.get(self.send(steward)).content.decode()
        assert "Chœur de la Clairière" in html
        assert self.confirmed(html)["column-1"] == "name"
        assert "0 organisation<" in visitor.get("/organisations").content.decode()

    def test_brings_it_in_as_corrected_and_removes_the_file(self, steward: Client, visitor: Client) -> None:
        with override_settings(DATACOOP_DATA_DIR=self.folder):
            address = self.send(steward)
            form = self.confirmed(steward.get(address).content.decode())
            website = next(name for name, value in form.items() if value == "website")
            answer = steward.post(address, {**form, website: "", "step": "import"})
            assert answer.status_code == 200
            assert list(self.folder.glob("uploads/*")) == []
            assert steward.get(address).status_code == 404
        assert "3 organisations" in visitor.get("/organisations").content.decode()
        assert "https://clairiere.example.org" not in visitor.get(page_of(visitor, "Clairière")).content.decode()

    def test_keeps_coordinates_in_one_column(self, steward: Client) -> None:
        rows = "\n".join(f"Club {n};46.5{n}, 6.6{n}" for n in range(9))
        with override_settings(DATACOOP_DATA_DIR=self.folder):
            html = steward.get(self.send(steward, f"Nom;Coordonnées\n{rows}".encode())).content.decode()
        assert self.confirmed(html)["column-1"] == "point"

    @pytest.mark.parametrize("kind", all_kinds())
    def test_every_path_a_column_can_become_is_offered(self, kind: str) -> None:
        of = all_kinds()[kind]
        parts = {part for path, _ in targets_of(of, "fr") for part in path.split(".")[1:]} | {"city", "lat", "bfs"}
        paths = {f"{each.name}.{part}" for each in of.properties for part in parts}
        paths |= {each.name for each in of.properties}
        offered = {path for path, _ in targets_of(of, "fr")}
        assert {path for path in paths if is_target(path, of)} <= offered

    @pytest.mark.parametrize(
        ("content", "why"), [(b"Nom;Localit\xc3\xa9\n", "Il n’y a aucune ligne."), (b"%PDF-1.7 x", "C’est un PDF.")]
    )
    def test_says_why_nothing_was_brought_in(self, steward: Client, content: bytes, why: str) -> None:
        with override_settings(DATACOOP_DATA_DIR=self.folder):
            html = steward.get(self.send(steward, content)).content.decode()
        assert "Rien n’a été versé" in html
        assert why in html
        assert 'value="import"' not in html, "no mapping makes this file readable"

    def test_says_in_words_what_is_wrong_with_a_row(self, steward: Client) -> None:
        with override_settings(DATACOOP_DATA_DIR=self.folder):
            html = steward.get(
                self.send(steward, f"{HEADER}\n{ROWS[0]}\n9;Sans adresse;;;;;;;nowhere;;".encode())
            ).content.decode()
        assert "Ce n’est pas une adresse e-mail." in html

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_code_of_a_report_has_words(self, language: str) -> None:
        texts = catalogue(language)
        for code in (*MARK_CODES.values(), CONTACT_IN_TEXT, "subject-decided", "default-policy", "unpublished-list"):
            assert f"steward.because.{code}" in texts
        # Every code that a reader of cells refuses with; those of `identifier` and of dates are made of two parts.
        files = [*Path(rows.__file__).parent.glob("*.py"), Path(preparing.__file__), Path(contribution.__file__)]
        source = "".join(each.read_text(encoding="utf-8") for each in files)
        pattern = r'(?:ValueRefused\(\s*|Problem\([^"]*(?:"",? )?|append\(\(None, )"([a-z]+(?:-[a-z]+)+)"'
        codes = set(re.findall(pattern, source)) | {"name-missing", "duplicate-row", "reference-unknown"}
        codes |= {f"date-{code}" for code in ("unreadable", "incomplete", "swapped", "impossible")}
        assert {"too-long", "phone-unreadable", "coordinates-unreadable", "commune-unreadable"} <= codes
        assert {code for code in codes if f"steward.row_problems.{code}" not in texts} == set()

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_way_of_putting_coordinates_right_has_words(self, language: str) -> None:
        assert {"swapped", "decimal-comma", *GRIDS.values()} == set(CORRECTIONS)
        for code in CORRECTIONS:
            assert f"steward.corrected.{code}.one" in catalogue(language)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_country_and_every_reason_for_one_has_words(self, language: str) -> None:
        texts = catalogue(language)
        whys = ("given", "remembered", "differs", "named", "fits", "assumed", "unclear")
        keys = [f"countries.{each}" for each in CANDIDATES] + [f"country_why.{each}" for each in whys]
        keys += [f"country_evidence.{each}" for each in ("countries", "postcodes", "phones", "coordinates")]
        assert [key for key in keys if f"steward.{key}" not in texts] == []

    def test_says_which_country_was_taken_and_takes_another_that_is_chosen(self, steward: Client) -> None:
        french = "\n".join(f"Club {n};49000;Angers;02 41 55 {n:02} 37" for n in range(10, 20))
        with override_settings(DATACOOP_DATA_DIR=self.folder):
            address = self.send(steward, f"Nom;NPA;Localité;Téléphone\n{french}".encode())
            html = steward.get(address).content.decode()
            assert "France : les valeurs de la liste le disent (codes postaux : 10 sur 10, téléphones" in html
            html = steward.post(address, {**self.confirmed(html), "country": "CH", "step": "trial"}).content.decode()
        assert "Suisse : comme vous l’avez choisi" in html
        assert re.search(r'value="CH" selected', html)
        assert "Ce n’est pas un numéro de téléphone." in html

    def test_many_vanished_rows_are_told_before_and_accepted_without_a_second_upload(
        self, steward: Client, visitor: Client
    ) -> None:
        with override_settings(DATACOOP_DATA_DIR=self.folder):
            first = self.send(steward)
            steward.post(first, {**self.confirmed(steward.get(first).content.decode()), "step": "import"})
            address = self.send(steward, "\n".join([HEADER, *ROWS[:2]]).encode())
            html = steward.get(address).content.decode()
            assert "Pour cette raison, rien ne serait versé" in html
            assert "<strong>2</strong>visibles" in html
            assert "<li>0 –" not in html
            form = self.confirmed(html)
            assert "Rien n’a été versé" in steward.post(address, {**form, "step": "import"}).content.decode()
            ticked = {**form, "accept_removals": "on"}
            tried = steward.post(address, {**ticked, "step": "trial"}).content.decode()
            assert re.search(r'name="accept_removals" checked', tried)
            assert "serait" not in tried
            assert "C’est fait" in steward.post(address, {**ticked, "step": "import"}).content.decode()
        assert "2 organisations" in visitor.get("/organisations").content.decode()

    def test_wants_a_file_and_a_holder(self, steward: Client) -> None:
        assert steward.post("/steward/upload", {"holder": ""}).status_code == 422

    @pytest.mark.parametrize("name", ["../../etc/passwd", "..", "a/b\\c.csv", "", ".hidden"])
    def test_file_names_cannot_leave_their_folder(self, name: str) -> None:
        plain = plain_name(name)
        assert plain
        assert not set(plain) & set("/\\")
        assert not plain.startswith(".")

    @pytest.mark.parametrize("name", ["wished.json", "wished.json.half", "sent", "表" * 110 + ".csv"])
    def test_files_of_any_name_are_kept_beside_what_was_said(self, name: str) -> None:
        wished = uploads.Wished(name=plain_name(name), holder="Commune d'Exemple")

        token = uploads.keep([b"Nom\nGym\n"], wished).token

        found = uploads.find(token)
        assert found is not None
        assert found.wished == wished
        assert found.file.read_bytes() == b"Nom\nGym\n"
        uploads.wait(found, mapping={"Nom": "name"}, now=datetime.now(UTC))
        assert [each.token for each in uploads.list_waiting()] == [token]
        uploads.discard(token)
        assert uploads.find(token) is None

    def test_file_names_lose_their_contacts_before_anything_else(self, steward: Client) -> None:
        file = SimpleUploadedFile("Liste zq.canari@example.org 079 555 13 01.csv", b"Nom;NPA\nGym;1005\n")

        page = steward.post("/steward/upload", {"file": file, "holder": "Commune d'Exemple"})["Location"]

        found = uploads.find(page.rpartition("/")[2])
        assert found is not None
        assert found.wished.name == "Liste_…_….csv"


class TestRecord:
    def test_is_shown_for_a_reason_only_and_a_decision_holds_at_once(
        self, steward: Client, visitor: Client, published: Callable[..., None]
    ) -> None:
        published()
        page = page_of(visitor, "Clairière")
        address = steward.get("/steward/find", {"record": f"https://directory.example.org{page}"})["Location"]
        assert "info@clairiere" not in steward.get(address).content.decode()
        assert "info@clairiere" in steward.post(address, {"reason": "essai"}).content.decode()

        wish = {"reason": "essai", "property": "email", "audience": "public", "shows": "no", "said_how": "lettre"}
        assert steward.post(address, wish).status_code == 200
        assert "info@clairiere" not in visitor.get(page).content.decode()

    def test_refuses_decisions_that_make_no_sense(
        self, steward: Client, visitor: Client, published: Callable[..., None]
    ) -> None:
        published()
        address = steward.get("/steward/find", {"record": page_of(visitor, "Four")})["Location"]
        wish = {
            "reason": "essai",
            "property": "email",
            "audience": "agreement:nobody",
            "shows": "yes",
            "said_how": "lettre",
        }
        assert steward.post(address, wish).status_code == 422

    def test_entries_are_found_by_name_too(
        self, steward: Client, visitor: Client, published: Callable[..., None]
    ) -> None:
        published()
        by_address = steward.get("/steward/find", {"record": page_of(visitor, "Four")})["Location"]
        assert steward.get("/steward/find", {"record": "Les Amis du Four"})["Location"] == by_address

        published([*ROWS, "8;Club de la Rive;;;;;1005;Lausanne;;;", "9;Club du Pont;;;;;1005;Lausanne;;;"])
        html = steward.get("/steward/find", {"record": "club"}).content.decode()
        assert "Club de la Rive" in html
        assert html.count('href="/steward/records/') == 2

    def test_unknown_entries_are_not_found(self, steward: Client) -> None:
        assert steward.get("/steward/find", {"record": "nothing"})["Location"] == "/steward/?not-found"
        unknown = "/steward/records/00000000-0000-4000-8000-000000000000"
        assert steward.post(unknown, {"reason": "essai"}).status_code == 404


class TestWaiting:
    def test_messages_are_erased_when_settled(
        self, steward: Client, visitor: Client, published: Callable[..., None]
    ) -> None:
        published()
        visitor.post(f"{page_of(visitor, 'Four')}/write", {"text": "Bonjour !", "email": "nora@example.org"})
        html = steward.get("/steward/messages").content.decode()
        assert "nora@example.org" in html
        number = re.search(r'name="number" value="(\d+)"', html).group(1)  # type: ignore[union-attr]
        steward.post("/steward/messages", {"number": number, "state": "passed_on"})
        assert count_waiting() == 0


class TestReviewing:
    def test_a_pair_is_judged_once(self, steward: Client, published: Callable[..., None]) -> None:
        published(
            [
                "1;Les Amis du Four;;quartier/vie;association;Chemin du Four 2;1020;Renens VD;;;",
            ]
        )
        assert steward.get("/steward/review").status_code == 200
        nobody = "00000000-0000-4000-8000-000000000000"
        assert (
            steward.post("/steward/review", {"first": nobody, "second": nobody, "verdict": "same"}).status_code == 404
        )
        assert steward.post("/steward/review", {"first": "x", "second": "y", "verdict": "maybe"}).status_code == 404

    def test_says_why_a_pair_looks_alike(self, steward: Client, published: Callable[..., None], tmp_path: Path) -> None:
        published()
        other = tmp_path / "autre.csv"
        row = "1;Chœur de la Clairière, section juniors;;culture/chant;association;Rue du Pont 1;1005;Lausanne;"
        row += "info@clairiere.example.org;;"
        other.write_text("\n".join([HEADER, row]), encoding="utf-8")
        intake = Intake((other,), "Autre registre", published=True, page="https://autre.example.org")
        contribute(intake, actor="steward:test")
        html = steward.get("/steward/review").content.decode()
        assert "même adresse e-mail" in html
        assert "une autre section ou un autre groupe" in html
        assert "peu probable au départ" in html


def test_an_address_that_no_account_keeps_is_refused_in_words(steward: Client) -> None:
    long = f"anna@{'.'.join(['a' * 60] * 4)}.example.org"
    form = {"holder": "Ville de Test", "email": long, "reason": "convention"}
    answer = steward.post("/steward/holders", form)
    assert answer.status_code == 422
    assert "254 caractères" in answer.content.decode()
