"""A holder's desk: who may sit there, a first list that waits for a steward, what the holder is told, workbooks."""

import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from datacoop.accounts.actions import create_link
from datacoop.accounts.models import Mandate
from datacoop.jobs.actions import run_due
from datacoop.ledger.models import Entry
from datacoop.pipelines import uploads
from datacoop.pipelines.inviting import dismiss
from datacoop.portal.catalogue import LANGUAGES, say
from datacoop.sources.models import Holder, SourceList
from datacoop.sources.owning import find_holder_named, list_own
from tests.portal.conftest import ROWS
from tests.portal.sitting import (
    EMAIL,
    HOLDER,
    LIST,
    OTHER,
    STEWARDS_WORDS,
    Sending,
    bring,
    desk,
    folder,
    holder,
    list_of,
    registered,
    sending,
    signed_in,
    text_of,
)
from tests.portal.test_claims import stale

__all__ = ["folder", "holder", "sending"]
pytestmark = pytest.mark.django_db(transaction=True)


class TestSittingDown:
    PAGES = ("/", "/upload", "/upload/unknown-token-of-some-length")

    def test_visitors_are_sent_to_sign_in(self, holder: Client, visitor: Client) -> None:
        for path in self.PAGES:
            assert visitor.get(desk() + path)["Location"] == "/sign-in"
        assert visitor.get("/desk/")["Location"] == "/sign-in"

    def test_signing_in_leads_to_the_only_desk(self, holder: Client) -> None:
        token = create_link(email=EMAIL, now=datetime.now(UTC))
        assert holder.post(f"/sign-in/{token}")["Location"] == "/desk/"
        assert holder.get("/desk/")["Location"] == f"{desk()}/"
        html = text_of(holder.get(f"{desk()}/"))
        assert HOLDER in html
        assert 'href="/desk/"' in html
        assert "/sign-out" in html
        assert "/steward/" not in html

    def test_another_holders_desk_and_none_at_all_look_alike(self, holder: Client) -> None:
        other = registered(OTHER, "autre@example.org")
        answers = [holder.get(f"/desk/{uid}/") for uid in (other, UUID(int=1))]
        assert [each.status_code for each in answers] == [403, 403]
        shown = [text_of(each).replace(str(uid), "") for each, uid in zip(answers, (other, UUID(int=1)), strict=True)]
        assert len({re.sub(r'csrfmiddlewaretoken" value="\w+"', "", each) for each in shown}) == 1

    def test_another_holders_list_is_not_found_at_ones_own_desk(self, holder: Client, folder: Path) -> None:
        bring(folder, ROWS, OTHER)
        key = list_of(OTHER).rpartition("/")[2]
        for page in ("coverage", "coverage.xlsx", "missing", "changes", "changes.xlsx"):
            assert holder.get(f"{desk()}/lists/{key}/{page}").status_code == 404

    def test_ends_at_once(self, holder: Client) -> None:
        found = find_holder_named(HOLDER)
        assert found is not None
        account = int(holder.session["_auth_user_id"])
        assert dismiss(holder=found.uid, account_id=account, actor="steward:1", now=datetime.now(UTC))
        assert holder.get(f"{desk()}/").status_code == 403
        assert holder.get("/desk/").status_code == 403

    def test_stewards_sit_at_every_desk(self, holder: Client, steward: Client) -> None:
        registered(OTHER, "autre@example.org")
        html = text_of(steward.get("/desk/"))
        assert HOLDER in html
        assert OTHER in html
        assert steward.get(f"{desk()}/").status_code == 200


class TestInviting:
    def test_a_steward_gives_and_takes_access_and_the_invited_gets_no_mail(self, steward: Client) -> None:
        steward.post("/steward/holders", {"holder": HOLDER, "email": EMAIL, "reason": "lettre du 3 mars"})
        (entry,) = Entry.objects.all()
        html = text_of(steward.get("/steward/holders"))
        assert EMAIL in html
        run_due(datetime.now(UTC))
        assert mail.outbox == []
        assert EMAIL not in repr(entry.payload)
        assert signed_in(EMAIL).get(f"{desk()}/").status_code == 200

        account = re.search(r'name="account" value="(\d+)"', html)
        uid = re.search(r'name="holder_uid" value="([^"]+)"', html)
        assert account
        assert uid
        steward.post("/steward/holders", {"holder_uid": uid[1], "account": account[1]})
        assert EMAIL not in text_of(steward.get("/steward/holders"))

    @pytest.mark.parametrize(
        "given",
        [
            {"holder": "", "email": EMAIL, "reason": "x"},
            {"holder": HOLDER, "email": "nobody", "reason": "x"},
            {"holder": HOLDER, "email": EMAIL, "reason": " "},
        ],
    )
    def test_says_what_is_missing(self, steward: Client, given: dict[str, str]) -> None:
        answer = steward.post("/steward/holders", given)
        assert answer.status_code == 422
        assert 'role="alert"' in text_of(answer)

    def test_tells_those_of_the_holder_and_its_published_contact_and_keeps_why(self, steward: Client) -> None:
        uid = registered(HOLDER, EMAIL)
        run_due(datetime.now(UTC))
        mail.outbox.clear()
        SourceList.objects.create(
            source_id=1, holder=Holder.objects.get(uid=uid), name="Liste", kind="organisation",
            created_at=datetime.now(UTC), contact="bureau@example.org",
        )  # fmt: skip
        steward.post("/steward/holders", {"holder": HOLDER, "email": "autre@example.org", "reason": "lettre du 3 mars"})
        run_due(datetime.now(UTC))
        assert {each.to[0] for each in mail.outbox} == {EMAIL, "bureau@example.org"}
        assert all("autre@example.org" not in str(each.body) for each in mail.outbox)
        assert Mandate.objects.get(account__email="autre@example.org").proof.endswith(" lettre du 3 mars")

    def test_letting_in_asks_for_a_fresh_proof(self, steward: Client) -> None:
        given = {"holder": HOLDER, "email": EMAIL, "reason": "lettre"}
        assert stale(steward).post("/steward/holders", given)["Location"].startswith("/account/confirm")
        assert not Mandate.objects.exists()

    def test_an_invited_holder_outlives_a_trial(self, sending: Sending) -> None:
        """A trial leaves nothing of a new list, but whoever was invited keeps the desk."""
        sending.confirm(sending.send(), step="trial")
        assert sending.client.get(f"{desk()}/").status_code == 200


class TestBringingIn:
    def test_a_first_delivery_waits_for_a_steward(self, sending: Sending, steward: Client, visitor: Client) -> None:
        preview = sending.send(published="on")

        html = sending.confirm(preview)

        assert "attend notre confirmation" in html
        assert "Clairière" not in text_of(visitor.get("/organisations"))
        assert "liste.csv" in text_of(sending.client.get(f"{desk()}/"))
        token = preview.rpartition("/")[2]
        assert f"/steward/upload/{token}" in text_of(steward.get("/steward/waiting"))
        assert "Clairière" not in text_of(visitor.get("/organisations"))

        Sending(steward, "").confirm(f"/steward/upload/{token}")

        assert "Clairière" in text_of(visitor.get("/organisations"))
        shown = text_of(sending.client.get(f"{desk()}/"))
        assert "En attente" not in shown
        assert 'data-label="acceptées">3</td>' in shown

    def test_the_mapping_the_holder_settled_on_is_the_stewards_first(self, sending: Sending, steward: Client) -> None:
        preview = sending.send()
        html = text_of(sending.client.get(preview))
        columns = dict(re.findall(r'name="(name-\d+)" value="([^"]*)"', html))
        of_mail = next(name for name, text in columns.items() if text == "E-mail").replace("name", "column")

        sending.confirm(preview, **{of_mail: ""})

        shown = text_of(steward.get(f"/steward/upload/{preview.rpartition('/')[2]}"))
        found = re.search(rf'<select name="{of_mail}".*?</select>', shown, re.S)
        assert found
        assert re.findall(r'value="([^"]*)" selected', found[0]) == [""]

    def test_a_later_delivery_needs_no_steward(self, sending: Sending, folder: Path, visitor: Client) -> None:
        bring(folder, ROWS, published=True)
        (own,) = list_own(find_holder_named(HOLDER).uid)  # type: ignore[union-attr]
        renamed = LIST.replace(b"Les Amis du Four", b"Les Amies du Four")

        html = sending.confirm(sending.send(renamed, list=own.key))

        assert "C’est fait" in html
        assert "Les Amies du Four" in text_of(visitor.get("/organisations"))

    @pytest.mark.parametrize("ticked", ["published", "with_persons"])
    def test_what_shows_or_names_more_than_before_waits(self, sending: Sending, folder: Path, ticked: str) -> None:
        bring(folder, ROWS)
        (own,) = list_own(find_holder_named(HOLDER).uid)  # type: ignore[union-attr]

        html = sending.confirm(sending.send(list=own.key, **{ticked: "on"}))

        assert "attend notre confirmation" in html

    def test_nothing_is_sent_to_anybody(self, sending: Sending, steward: Client) -> None:
        preview = sending.send(published="on")
        sending.confirm(preview)
        Sending(steward, "").confirm(f"/steward/upload/{preview.rpartition('/')[2]}")
        run_due(datetime.now(UTC))
        assert mail.outbox == []

    def test_a_file_that_cannot_be_taken_waits_for_nobody(self, sending: Sending, steward: Client) -> None:
        preview = sending.send(b"Nom;Localit\xc3\xa9\n;\n;\n")
        sending.confirm(preview)
        assert preview.rpartition("/")[2] not in text_of(steward.get("/steward/waiting"))

    def test_the_holder_may_take_a_waiting_file_back(self, sending: Sending, steward: Client) -> None:
        preview = sending.send()
        sending.confirm(preview)
        sending.client.post(preview, {"step": "discard"})
        assert sending.client.get(preview).status_code == 404
        assert "/steward/upload/" not in text_of(steward.get("/steward/waiting"))

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_holder_is_told_that_a_waiting_file_was_thrown_away(
        self, sending: Sending, steward: Client, language: str
    ) -> None:
        sending.client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        preview = sending.send(name="associations.csv")
        sending.confirm(preview)
        told = say(language, "desk.thrown_away")
        assert told not in text_of(sending.client.get(f"{desk()}/"))

        steward.post(f"/steward/upload/{preview.rpartition('/')[2]}", {"step": "discard"})

        page = text_of(sending.client.get(f"{desk()}/"))
        assert told in page
        assert page.index(told) < page.index("associations.csv")
        assert say(language, "desk.waiting") not in page
        assert "/steward/upload/" not in text_of(steward.get("/steward/waiting"))
        assert sending.client.get(preview).status_code == 404
        kept = [path for path in uploads._folder().rglob("*") if path.is_file()]
        assert [path.name for path in kept] == ["wished.json"], "nothing of the file itself"
        for days, is_told in ((29, True), (31, False)):
            uploads.sweep(now=datetime.now(UTC) + timedelta(days=days))
            assert (told in text_of(sending.client.get(f"{desk()}/"))) == is_told

    def test_a_thrown_away_file_is_told_to_its_own_sender_alone(self, sending: Sending, steward: Client) -> None:
        registered(OTHER, "autre@example.org")
        preview = sending.send(name="associations.csv")
        sending.confirm(preview)
        steward.post(f"/steward/upload/{preview.rpartition('/')[2]}", {"step": "discard"})

        assert "associations.csv" not in text_of(signed_in("autre@example.org").get(f"{desk(OTHER)}/"))

    def test_a_file_waits_a_week_and_an_unfinished_one_a_day(self, sending: Sending) -> None:
        waiting, unfinished = sending.send(), sending.send()
        sending.confirm(waiting)
        for days, left in ((0.9, [200, 200]), (1.1, [200, 404]), (6.9, [200, 404]), (7.1, [404, 404])):
            uploads.sweep(now=datetime.now(UTC) + timedelta(days=days))
            assert [sending.client.get(each).status_code for each in (waiting, unfinished)] == left, days

    def test_a_file_of_another_sender_is_not_found(self, sending: Sending, steward: Client) -> None:
        registered(OTHER, "autre@example.org")
        foreign = Sending(signed_in("autre@example.org"), desk(OTHER)).send()
        stewards = steward.post("/steward/upload", {"file": SimpleUploadedFile("x.csv", LIST), "holder": HOLDER})[
            "Location"
        ]
        for address in (foreign, stewards):
            assert sending.client.get(f"{desk()}/upload/{address.rpartition('/')[2]}").status_code == 404


class TestWhatAHolderIsTold:
    def test_no_count_that_depends_on_others(self, sending: Sending, folder: Path) -> None:
        bring(folder, ROWS, OTHER, published=True)
        bring(folder, ROWS)
        (own,) = list_own(find_holder_named(HOLDER).uid)  # type: ignore[union-attr]
        preview = sending.send(list=own.key)
        pages = [
            text_of(sending.client.get(preview)),
            sending.confirm(preview),
            text_of(sending.client.get(f"{desk()}/")),
        ]
        for html in pages:
            assert "lues" in html
            assert "refusées" in html
            assert not [word for word in STEWARDS_WORDS if word in html]

    def test_the_reply_is_the_same_whatever_others_keep(self, sending: Sending, folder: Path) -> None:
        bring(folder, ROWS)
        (own,) = list_own(find_holder_named(HOLDER).uid)  # type: ignore[union-attr]

        def replies() -> list[str]:
            preview = sending.send(list=own.key)
            pages = [text_of(sending.client.get(preview)), sending.confirm(preview, step="trial")]
            sending.client.post(preview, {"step": "discard"})
            token = preview.rpartition("/")[2]
            return [re.sub(r'csrfmiddlewaretoken" value="\w+"', "", each.replace(token, "")) for each in pages]

        before = replies()
        bring(folder, [row.replace("+41 21 555 12 34", "+41 21 555 99 99") for row in ROWS], OTHER)
        assert replies() == before

    def test_its_own_row_errors(self, sending: Sending, folder: Path) -> None:
        bring(folder, ROWS)
        (own,) = list_own(find_holder_named(HOLDER).uid)  # type: ignore[union-attr]
        wrong = LIST.replace(b"info@clairiere.example.org", b"info clairiere")
        assert "Ce n’est pas une adresse e-mail." in sending.confirm(sending.send(wrong, list=own.key), step="trial")

    @pytest.mark.parametrize(
        ("language", "text"),
        [
            ("fr", "latitude et longitude étaient interverties : 2 lignes (2, 3)"),
            ("de", "Breite und Länge waren vertauscht: 2 Zeilen (2, 3)"),
            ("it", "latitudine e longitudine erano invertite: 2 righe (2, 3)"),
            ("en", "latitude and longitude had changed places: 2 rows (2, 3)"),
        ],
    )
    def test_whose_coordinates_were_put_right(self, sending: Sending, language: str, text: str) -> None:
        rows = "\n".join(f"Club {n};1005;Lausanne;6.63{n};46.51{n}" for n in (1, 2))
        preview = sending.send(f"Nom;NPA;Localité;Latitude;Longitude\n{rows}".encode())
        sending.client.cookies["language"] = language
        assert text in text_of(sending.client.get(preview, headers={"accept-language": language}))


class TestCoverage:
    @pytest.fixture
    def poured(self, folder: Path) -> None:
        names = ["Cerfs", "Lunes", "Ponts", "Moulins", "Sapins", "Rives", "Vallons", "Fours"]
        more = [
            f"{n};Club des {name};;sport/football;;;1005;Lausanne;;;https://{name.lower()}.example.org"
            for n, name in enumerate(names, 10)
        ]
        bring(folder, [*ROWS, *more], OTHER, published=True)
        bring(folder, [ROWS[0], *more[:7]], "Commune d’essai", published=True)
        mine = ROWS[0].replace("+41 21 555 12 34", "+41 21 555 77 77").replace("Rue du Lac 7", "Chemin Neuf 1")
        bring(folder, [mine, more[0]])

    def test_shows_the_figures_and_what_they_rest_on(self, holder: Client, poured: None) -> None:
        html = text_of(holder.get(f"{list_of()}/coverage"))
        assert "Votre liste compte 2 lignes. 11 organisations sont publiques ici ; 9 ne sont pas" in html
        assert "Au moins 11 environ" in html
        assert "Thèmes où c’était possible : Sport." in html
        assert "Ce que ce calcul suppose" in html
        assert "missing?theme=sport" in html

    def test_lists_what_is_missing_and_filters_it(self, holder: Client, poured: None) -> None:
        html = text_of(holder.get(f"{list_of()}/missing"))
        assert "Les Amis du Four" in html
        assert "Chœur de la Clairière" not in html
        assert "four@amis-du-four.example.org" not in html
        html = text_of(holder.get(f"{list_of()}/missing", {"theme": "quartier"}))
        assert "Les Amis du Four" in html
        assert "FC Pré-Vert" not in html

    def test_the_workbook_holds_the_figures_and_the_missing_in_own_columns(self, holder: Client, poured: None) -> None:
        answer = holder.get(f"{list_of()}/coverage.xlsx")
        book = load_workbook(io.BytesIO(answer.content))
        figures = {row[0]: row[1] for row in book["Chiffres"].iter_rows(min_row=2, values_only=True)}
        assert (figures["lignes dans ma liste"], figures["publiques en tout"]) == (2, 11)
        missing = list(book["pas dans ma liste"].iter_rows(values_only=True))
        assert missing[0][:3] == ("Nom", "But", "Thème") or "Nom" in missing[0]
        assert len(missing) == 1 + 9
        assert "E-mail" in missing[0]
        assert "example.org/" not in repr([row[missing[0].index("E-mail")] for row in missing[1:]])
        assert [row[missing[0].index("E-mail")] for row in missing[1:] if row[missing[0].index("E-mail")]] == []
        assert answer.content == holder.get(f"{list_of()}/coverage.xlsx").content

    def test_no_formula_leaves_in_a_workbook(self, holder: Client, folder: Path) -> None:
        bring(folder, ["1;=HYPERLINK(1);;;;;1005;Lausanne;;;", "2;@SUM(1);;;;;1005;Lausanne;;;"], OTHER, published=True)
        bring(folder, ROWS[:1])
        book = load_workbook(io.BytesIO(holder.get(f"{list_of()}/coverage.xlsx").content))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert "f" not in {cell.data_type for cell in cells}

    def test_shows_differences_in_own_columns(self, holder: Client, poured: None) -> None:
        html = text_of(holder.get(f"{list_of()}/changes"))
        assert "1 ligne de votre liste diffère" in html
        assert "Chemin Neuf 1" in html
        assert "Rue du Lac 7" in html
        assert "+41 21 555 12 34" not in html
        assert "à lire sur sa page" in html
        answer = holder.get(f"{list_of()}/changes.xlsx")
        book = load_workbook(io.BytesIO(answer.content))
        lines = [line[1:4] for line in book["Différences"].iter_rows(min_row=2, values_only=True)]
        assert lines == [
            ("Rue", "Chemin Neuf 1", "Rue du Lac 7"),
            ("Téléphone", "+41 21 555 77 77", "à lire sur sa page"),
        ]
        marked = [cell for row in book["Dans mes colonnes"].iter_rows(min_row=2) for cell in row if cell.comment]
        assert [cell.value for cell in marked] == ["Chemin Neuf 1", "+41 21 555 77 77"]
        assert "Rue du Lac 7" in marked[0].comment.text

    def test_long_lists_are_paged(self, holder: Client, folder: Path) -> None:
        rows = [f"{n};Club {chr(65 + n // 26)}{chr(97 + n % 26)}x;;;;;1005;Lausanne;;;" for n in range(120)]
        bring(folder, rows, OTHER, published=True)
        bring(folder, ROWS[:1])
        first = text_of(holder.get(f"{list_of()}/missing"))
        assert "?page=2" in first
        assert "1–50 / 120" in first
        last = text_of(holder.get(f"{list_of()}/missing", {"page": "3"}))
        assert "101–120 / 120" in last
        assert "101–120 / 120" in text_of(holder.get(f"{list_of()}/missing", {"page": "99"}))
        assert "1–50 / 120" in text_of(holder.get(f"{list_of()}/missing", {"page": "²"}))

    def test_answers_are_the_same_bytes_whatever_others_keep(self, holder: Client, poured: None, folder: Path) -> None:
        """Law 2, at the door: pages and workbooks."""
        pages = ("coverage", "coverage.xlsx", "missing", "changes", "changes.xlsx")

        def answers() -> list[bytes]:
            found = [holder.get(f"{list_of()}/{page}") for page in pages]
            assert [each.status_code for each in found] == [200] * len(pages)
            return [re.sub(rb'csrfmiddlewaretoken" value="\w+"', b"", each.content) for each in found]

        before = answers()
        bring(folder, [*(row.replace("+41 21 555 12 34", "") for row in ROWS), "9;Ligue cachée;;;;;1005;Lausanne;;;"],
              "Étranger")  # fmt: skip
        assert answers() == before

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_speaks_every_language(self, holder: Client, poured: None, language: str) -> None:
        for page in ("coverage", "missing", "changes"):
            assert f'lang="{language}"' in text_of(
                holder.get(f"{list_of()}/{page}", headers={"accept-language": language})
            )
        assert holder.get(f"{list_of()}/coverage.xlsx", headers={"accept-language": language}).status_code == 200


class TestAnotherFileThanTheLast:
    def test_asks_whether_it_is_the_right_one(self, sending: Sending, folder: Path) -> None:
        rows = [f"{n};Club {chr(65 + n)}lpha;;sport/football;association;;1005;Lausanne;;;" for n in range(8)]
        bring(folder, rows)
        (own,) = list_own(find_holder_named(HOLDER).uid)  # type: ignore[union-attr]
        other = "\n".join(["Nom;Plat;Prix", *(f"Pizza {chr(65 + n)};four;{n}.50" for n in range(8))]).encode()
        preview = sending.send(other, list=own.key, partial="on")

        html = text_of(sending.client.get(preview))

        assert "Est-ce le bon fichier ?" in html
        assert "colonnes du dernier fichier manquent" in html
        assert 'name="accept_unlike"' in html
        assert "Est-ce le bon fichier ?" in sending.confirm(preview)
        assert "C’est fait" in sending.confirm(preview, accept_unlike="on")
