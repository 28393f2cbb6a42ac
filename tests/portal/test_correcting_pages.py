"""The pages where a representative corrects and tells holders, the holder's page, and the yearly question."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client

from datacoop.accounts.queries import find_account
from datacoop.accounts.rules import EDIT
from datacoop.disclosure.actions import settle
from datacoop.jobs.actions import run_due
from datacoop.portal.views.correcting import outside
from datacoop.records import withdrawals
from datacoop.records.actions.erasing import erase_subjects
from datacoop.records.models import Record, Statement
from datacoop.records.rules import id_of
from datacoop.rights.actions.confirming import ask_if_correct
from datacoop.rights.actions.objecting import stop_again
from datacoop.rights.actions.representing import leave
from datacoop.rights.models import Confirmation, Link, Objection, Passed
from datacoop.rights.rules.confirmations import PER_DAY
from datacoop.rights.typesetting import OutsideLetter, outside_pdf
from tests.portal.conftest import ROWS, page_of
from tests.portal.sitting import EMAIL, HOLDER, OTHER, bring, desk, folder, list_of, registered, signed_in, text_of
from tests.portal.test_reporting import representative, uid_of

__all__ = ["folder"]
pytestmark = pytest.mark.django_db(transaction=True)
NEW_PHONE = "+41 21 555 77 77"


def named(name: str) -> UUID:
    """The uid of the organisation of a name, hidden or not."""

    found = Statement.objects.filter(property="name", value=f'"{name}"').values_list("record_id", flat=True)
    return Record.objects.get(id=found[0]).uid


CHOIR, BAKERS = "Chœur de la Clairière", "Les Amis du Four"


@pytest.fixture
def two_lists(transactional_db: None, tmp_path: Path) -> UUID:
    """Two holders that do not publish, naming the same choir; nothing is merged by hand."""
    registered()
    registered(OTHER, "autre@example.org")
    bring(tmp_path, ROWS)
    return named(CHOIR)


def correct_phone(client: Client, uid: UUID) -> str:
    """Nadia types another telephone number."""
    answer = client.post(f"/my/{uid}/correct/{uid}", {"step": "save", "phones": NEW_PHONE})
    assert answer.status_code == 302, text_of(answer)
    return text_of(client.get(f"/my/{uid}/correct/{uid}"))


def scope_of(html: str, name: str) -> dict[str, str]:
    """The field of the form that asks to let everybody see a property."""
    found = re.search(rf'name="(scope-\d+-{name})" value="everybody"', html)
    assert found
    return {found[1]: "everybody"}


def show(client: Client, uid: UUID, name: str) -> None:
    """Look at what showing a property to everybody changes, and do it."""
    html = text_of(client.get(f"/my/{uid}/correct/{uid}"))
    if f'-{name}" value="everybody"' not in html:
        decided = client.get(f"/my/{uid}/fields")
        number = re.search(rf'name="scope-(\d+)-{name}"', text_of(decided))
        assert number
        scope = {f"scope-{number[1]}-{name}": "everybody"}
    else:
        scope = scope_of(html, name)
    looked = text_of(client.post(f"/my/{uid}/answer", {"what": "fields", "step": "look", **scope}))
    seen = re.search(r'name="seen" value="(\d+)"', looked)
    assert seen
    assert client.post(f"/my/{uid}/answer", {"what": "fields", "seen": seen[1], **scope}).status_code == 302


def without_tokens(answer: object) -> str:
    """A page without what differs at every look: the tokens of its forms."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text_of(answer))


class TestCorrecting:
    def test_the_form_is_filled_in_and_rivals_are_told(self, two_lists: UUID) -> None:
        nadia = representative(two_lists)

        html = text_of(nadia.get(f"/my/{two_lists}/correct/{two_lists}"))

        assert 'value="info@clairiere.example.org"' in html
        assert HOLDER in html
        assert "csrfmiddlewaretoken" in html

    def test_strangers_get_the_closed_page(self, two_lists: UUID, visitor: Client) -> None:
        unknown = "00000000-0000-4000-8000-000000000000"
        answers = [visitor.get(f"/my/{uid}/correct") for uid in (two_lists, unknown)]

        assert [each.status_code for each in answers] == [403, 403]
        assert text_of(answers[0]).replace(str(two_lists), "U") == text_of(answers[1]).replace(unknown, "U")

    def test_another_organisations_record_is_not_there(self, two_lists: UUID) -> None:
        nadia = representative(two_lists)

        assert nadia.get(f"/my/{two_lists}/correct/{named(BAKERS)}").status_code == 404

    def test_a_hidden_telephone_stays_hidden_until_show_is_pressed(self, two_lists: UUID, visitor: Client) -> None:
        nadia = representative(two_lists)
        html = correct_phone(nadia, two_lists)
        assert NEW_PHONE in html
        assert visitor.get(f"/o/{two_lists}").status_code == 404

        for name in ("name", "phones"):
            show(nadia, two_lists, name)

        assert NEW_PHONE in text_of(visitor.get(f"/o/{two_lists}?show=phones", follow=True))

    def test_what_looks_private_is_no_longer_shown_only_where_somebody_saw_it(self, two_lists: UUID) -> None:
        nadia, path = representative(two_lists), f"/my/{two_lists}/correct/{two_lists}"

        def street(text: str) -> str:
            place = {"addresses.postal_code": "1003", "addresses.city": "Lausanne"}
            assert nadia.post(path, {"step": "save", "addresses.street": text, **place}).status_code == 302
            return text_of(nadia.get(path))

        unseen = street("c/o Jean Exemple, Rue du Four 3")
        assert "est donc montré à personne. Vous pouvez le montrer plus bas : Adresses" in unseen
        assert "plus montré" not in unseen
        street("Rue du Lac 1")
        for name in ("name", "addresses"):
            show(nadia, two_lists, name)

        seen = street("c/o Jean Exemple, Rue du Four 3")
        assert "est donc plus montré. Vous pouvez le montrer plus bas : Adresses" in seen
        assert "montré à personne" not in seen

    @pytest.mark.parametrize(
        ("language", "decides", "further"),
        [
            ("fr", "Qui décide pour l'organisation peut le montrer", "plus bas"),
            ("de", "Wer für die Organisation entscheidet, kann es zeigen", "unten"),
            ("it", "Chi decide per l'organizzazione può mostrarlo", "più (?:sotto|in basso)"),
            ("en", "Whoever decides for the organisation can show it", "further down"),
        ],
    )
    def test_whoever_may_only_edit_is_told_who_shows_what_looks_private(
        self, two_lists: UUID, language: str, decides: str, further: str
    ) -> None:
        nadia, editor = representative(two_lists), representative(two_lists, EDIT, "edi@example.org")
        path, spoken = f"/my/{two_lists}/correct/{two_lists}", {"headers": {"accept-language": language}}
        place = {"addresses.postal_code": "1003", "addresses.city": "Lausanne"}

        def told(text: str) -> str:
            editor.post(path, {"step": "save", "addresses.street": text, **place})
            html = unescape(text_of(editor.get(path, **spoken)))
            (note,) = re.findall(r'<div class="note" role="status">.*?</div>', html, re.DOTALL)
            (hint,) = re.findall(r'<p class="soft">(.*?)</p>(?=\s*<form class="letter entry")', html)
            assert not re.search(further, note + hint), "there is no button for them"
            return str(note)

        assert decides in told("c/o Jean Exemple, Rue du Four 3")
        told("Rue du Lac 1")
        for name in ("name", "addresses"):
            show(nadia, two_lists, name)
        assert decides in told("c/o Jean Exemple, Rue du Four 3")

    def test_showing_is_looked_at_first_and_hiding_takes_one_press(self, two_lists: UUID, visitor: Client) -> None:
        nadia = representative(two_lists)
        html = correct_phone(nadia, two_lists)
        form = {"what": "fields", "step": "look", **scope_of(html, "phones")}
        looked = nadia.post(f"/my/{two_lists}/answer", form)
        assert "Ce qui va changer" in text_of(looked)
        assert visitor.get(f"/o/{two_lists}").status_code == 404
        for name in ("name", "phones"):
            show(nadia, two_lists, name)
        corrected = text_of(nadia.get(f"/my/{two_lists}/correct/{two_lists}"))
        assert re.search('<button class="plain" name="step" value="hide" aria-label="[^"]*: Téléphones"', corrected)

        nadia.post(f"/my/{two_lists}/correct/{two_lists}", {"step": "hide", "property": "phones"})

        assert NEW_PHONE not in text_of(visitor.get(f"/o/{two_lists}", follow=True))
        again = text_of(nadia.get(f"/my/{two_lists}/correct/{two_lists}"))
        assert "phones" in scope_of(again, "phones").popitem()[0]
        assert not re.search('value="hide" aria-label="[^"]*: Téléphones"', again)

    def test_whoever_may_only_edit_can_neither_show_nor_hide(self, two_lists: UUID, visitor: Client) -> None:
        editor = representative(two_lists, EDIT, "edi@example.org")
        html = correct_phone(editor, two_lists)
        assert "scope-" not in html
        assert 'value="hide"' not in html
        nadia = representative(two_lists, email="nadia2@example.org")
        shown = text_of(nadia.get(f"/my/{two_lists}/correct/{two_lists}"))
        scope = scope_of(shown, "phones")

        editor.post(f"/my/{two_lists}/answer", {"what": "fields", "seen": "0", **scope})

        assert visitor.get(f"/o/{two_lists}").status_code == 404
        show(nadia, two_lists, "name")
        before = text_of(visitor.get(f"/o/{two_lists}", follow=True))
        editor.post(f"/my/{two_lists}/correct/{two_lists}", {"step": "hide", "property": "name"})
        assert text_of(visitor.get(f"/o/{two_lists}", follow=True)) == before

    def test_the_word_is_taken_back(self, two_lists: UUID) -> None:
        nadia = representative(two_lists)
        correct_phone(nadia, two_lists)

        nadia.post(f"/my/{two_lists}/correct/{two_lists}", {"step": "back", "property": "phones"})

        assert NEW_PHONE not in text_of(nadia.get(f"/my/{two_lists}/correct/{two_lists}"))

    def test_a_field_that_cannot_be_read_is_marked(self, two_lists: UUID) -> None:
        nadia = representative(two_lists)

        answer = nadia.post(f"/my/{two_lists}/correct/{two_lists}", {"step": "save", "email": "nowhere"})

        assert answer.status_code == 422
        assert 'id="email-problem"' in text_of(answer)

    def test_a_letter_to_others_names_the_law(self, two_lists: UUID) -> None:
        html = text_of(representative(two_lists).get(f"/my/{two_lists}/correct/letter"))

        assert CHOIR in html
        assert "30, al. 2, let. b" in html

    @pytest.mark.parametrize(("language", "law"), [("fr", "LPD"), ("de", "DSG"), ("it", "LPD"), ("en", "FADP")])
    def test_it_is_taken_as_one_page_filled_in(
        self, two_lists: UUID, language: str, law: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        nadia, written = representative(two_lists), list[OutsideLetter]()
        monkeypatch.setattr(outside, "outside_pdf", lambda made: written.append(made) or outside_pdf(made))

        answer = nadia.post(
            f"/my/{two_lists}/correct/letter",
            {"recipient": "Annuaire privé\r\n\r\nRue du Lac 1", "corrections": "L’adresse"},
            headers={"accept-language": language},
        )

        assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
        assert len(re.findall(rb"/Type\s*/Page\b", answer.content)) == 1
        assert "no-store" in answer["Cache-Control"]
        (made,) = written
        assert (made.language, made.name, made.sender) == (language, CHOIR, ())
        assert (made.recipient, made.corrections) == (("Annuaire privé", "Rue du Lac 1"), ("L’adresse",))
        assert law in " ".join(made.closing)

    @pytest.mark.parametrize("typed", [{"recipient": "x\n" * 5}, {"sender": "x" * 51}, {"corrections": "x" * 601}])
    def test_too_much_for_a_page_is_said_and_stays_in_the_form(self, two_lists: UUID, typed: dict[str, str]) -> None:
        answer = representative(two_lists).post(f"/my/{two_lists}/correct/letter", typed)

        assert answer.status_code == 422
        assert "trop long" in text_of(answer)
        assert next(iter(typed.values())).strip() in text_of(answer)

    def test_a_link_alone_gets_no_letter(self, two_lists: UUID) -> None:
        assert Client().post(f"/my/{two_lists}/correct/letter", {}).status_code == 403


class TestTellingHolders:
    def test_an_objection_goes_out_and_its_answer_comes_back(self, two_lists: UUID) -> None:
        nadia, holder = representative(two_lists), signed_in(EMAIL)
        uid = re.search(r"/desk/(.+)", desk()).group(1)  # type: ignore[union-attr]

        nadia.post(f"/my/{two_lists}/correct/{two_lists}", {"step": "tell", "object": uid})
        nadia.post(f"/my/{two_lists}/correct/{two_lists}", {"step": "tell", "object": uid})

        (objection,) = Objection.objects.all()
        html = text_of(holder.get(f"{list_of()}/told"))
        assert CHOIR in html
        refused = holder.post(f"{list_of()}/told", {"number": objection.pk, "answer": "kept"})
        assert refused.status_code == 422
        holder.post(f"{list_of()}/told", {"number": objection.pk, "answer": "kept", "note": "Registre officiel."})
        assert "Registre officiel." in text_of(nadia.get(f"/my/{two_lists}/correct"))

    def test_another_holder_answers_nothing(self, two_lists: UUID, tmp_path: Path) -> None:
        bring(tmp_path, ROWS[1:], OTHER)
        uid = re.search(r"/desk/(.+)", desk()).group(1)  # type: ignore[union-attr]
        representative(two_lists).post(f"/my/{two_lists}/correct/{two_lists}", {"step": "tell", "object": uid})
        (objection,) = Objection.objects.all()

        signed_in("autre@example.org").post(f"{list_of(OTHER)}/told", {"number": objection.pk, "answer": "removed"})

        objection.refresh_from_db()
        assert objection.answer == ""

    def test_one_that_does_not_name_it_is_told_nothing(self, two_lists: UUID, tmp_path: Path) -> None:
        bring(tmp_path, ROWS[1:], OTHER)
        uid = re.search(r"/desk/(.+)", desk(OTHER)).group(1)  # type: ignore[union-attr]

        nadia = representative(two_lists)
        nadia.post(f"/my/{two_lists}/correct/{two_lists}", {"step": "tell", "object": uid, "pass": uid})

        assert not Objection.objects.exists()
        assert not Passed.objects.exists()

    def test_what_is_no_longer_passed_on_stays_so_after_a_restore(self, two_lists: UUID) -> None:
        nadia = representative(two_lists)
        address = f"/my/{two_lists}/correct/{two_lists}"
        uid = re.search(r"/desk/(.+)", desk()).group(1)  # type: ignore[union-attr]
        nadia.post(address, {"step": "save", "name": CHOIR, "phones": "+41 21 555 12 99"})
        nadia.post(address, {"step": "tell", "pass": uid})
        kept = list(Passed.objects.values())
        assert kept
        withdrawals.path().unlink(missing_ok=True)
        nadia.post(address, {"step": "stop", "holder": uid})
        assert not Passed.objects.exists()

        Passed.objects.bulk_create([Passed(**row) for row in kept])
        lines = list(withdrawals.lines(withdrawals.path().read_bytes()))
        assert stop_again(frozenset()) == 0
        assert stop_again({line.what for line in lines if line.what is not None}) == len(kept)
        assert not Passed.objects.exists()

    def test_a_correction_is_told_to_no_holder_it_was_not_passed_to(self, two_lists: UUID) -> None:
        nadia, holder = representative(two_lists), signed_in(EMAIL)
        before = without_tokens(holder.get(f"{list_of()}/told"))
        correct_phone(nadia, two_lists)
        assert without_tokens(holder.get(f"{list_of()}/told")) == before

        uid = re.search(r"/desk/(.+)", desk()).group(1)  # type: ignore[union-attr]
        nadia.post(f"/my/{two_lists}/correct/{two_lists}", {"step": "tell", "pass": uid})

        html = text_of(holder.get(f"{list_of()}/told"))
        assert "Téléphone" in html
        assert NEW_PHONE in html
        assert NEW_PHONE in holder.get(f"{list_of()}/told.csv").content.decode("utf-8-sig")
        assert holder.get(f"{list_of()}/told.xlsx").content[:2] == b"PK"

        nadia.post(f"/my/{two_lists}/correct/{two_lists}", {"step": "stop", "holder": uid})
        assert NEW_PHONE not in text_of(holder.get(f"{list_of()}/told"))

    def test_whoever_may_only_edit_passes_nothing_on(self, two_lists: UUID) -> None:
        editor, holder = representative(two_lists, EDIT, "edi@example.org"), signed_in(EMAIL)
        html = correct_phone(editor, two_lists)
        assert 'name="pass"' not in html
        uid = re.search(r"/desk/(.+)", desk()).group(1)  # type: ignore[union-attr]

        editor.post(f"/my/{two_lists}/correct/{two_lists}", {"step": "tell", "pass": uid, "object": uid})

        assert NEW_PHONE not in text_of(holder.get(f"{list_of()}/told"))
        assert not Objection.objects.exists()

    def test_what_is_corrected_after_it_was_passed_on_is_not_told_of_other_properties(self, two_lists: UUID) -> None:
        nadia, holder = representative(two_lists), signed_in(EMAIL)
        correct_phone(nadia, two_lists)
        uid = re.search(r"/desk/(.+)", desk()).group(1)  # type: ignore[union-attr]
        nadia.post(f"/my/{two_lists}/correct/{two_lists}", {"step": "tell", "pass": uid})

        nadia.post(f"/my/{two_lists}/correct/{two_lists}", {"step": "save", "website": "https://secret.example.org"})

        assert "secret.example.org" not in text_of(holder.get(f"{list_of()}/told"))


class TestStillCorrect:
    def _asked(self, uid: UUID) -> dict[str, str]:
        """The three links of the mail to Nadia."""
        now = datetime.now(UTC)
        ask_if_correct(now=now)
        run_due(now)
        (sent,) = [each for each in mail.outbox if each.subject == "Est-ce encore juste ?"]
        assert "gratuit, pour toujours" in sent.body
        found = re.findall(r"https?://[^/]+(/still/[^\s/]+/(correct|change|withdraw))", sent.body)
        return {answer: path for path, answer in found}

    def test_is_answered_with_one_press_and_looking_changes_nothing(
        self, published: Callable[..., None], visitor: Client
    ) -> None:
        published()
        page = page_of(visitor, "Clairière")
        representative(uid_of(page))
        links = self._asked(uid_of(page))
        stranger = Client(headers={"accept-language": "fr"})

        for path in links.values():
            assert stranger.get(path).status_code == 200
        assert Confirmation.objects.get().confirmed_at is None
        assert visitor.get(page).status_code == 200

        assert "noté" in text_of(stranger.post(links["correct"]))
        assert f"en {datetime.now(UTC).year}" in text_of(visitor.get(page))

        stranger.post(links["withdraw"])
        assert visitor.get(page).status_code == 404

    def test_whoever_may_only_correct_is_not_asked_to_hide_and_hides_nothing(
        self, published: Callable[..., None], visitor: Client
    ) -> None:
        published()
        page = page_of(visitor, "Clairière")
        uid = uid_of(page)
        representative(uid, EDIT)
        links = self._asked(uid)
        assert set(links) == {"correct", "change"}
        assert "\n\n\n" not in mail.outbox[-1].body
        stranger = Client(headers={"accept-language": "fr"})

        assert stranger.post(links["correct"].replace("correct", "withdraw")).status_code == 404
        assert stranger.post(links["change"]).status_code == 302
        hide = {"what": "choice", "choice": "nothing", "seen": "0"}
        assert stranger.post(f"/my/{uid}/answer", hide).status_code == 403
        assert stranger.post(f"/my/{uid}/rights", {"right": "restrict"}).status_code == 404
        assert visitor.get(page).status_code == 200

    def test_ends_with_the_mandate_of_whoever_was_asked(self, published: Callable[..., None], visitor: Client) -> None:
        published()
        page = page_of(visitor, "Clairière")
        uid = uid_of(page)
        representative(uid)
        links, opened = self._asked(uid), Client(headers={"accept-language": "fr"})
        opened.post(links["change"])
        assert opened.get(f"/my/{uid}/").status_code == 200

        account = find_account("nadia@example.org")
        assert account is not None
        leave(account_id=account.id, subject_uid=uid, now=datetime.now(UTC))

        assert {opened.post(link).status_code for link in links.values()} == {404}
        assert opened.get(f"/my/{uid}/").status_code == 403
        assert visitor.get(page).status_code == 200
        assert Confirmation.objects.get().confirmed_at is None

    def test_change_leads_to_the_proof_first(self, published: Callable[..., None], visitor: Client) -> None:
        published()
        uid = uid_of(page_of(visitor, "Clairière"))
        representative(uid)
        links = self._asked(uid)
        stranger = Client(headers={"accept-language": "fr"})

        answer = stranger.post(links["change"])

        assert answer["Location"] == f"/my/{uid}/correct"
        assert "/prove?next=" in text_of(stranger.get(f"/my/{uid}/correct"))

    def test_silence_is_told_and_hides_nothing(self, published: Callable[..., None], visitor: Client) -> None:
        published()
        page = page_of(visitor, "Clairière")
        representative(uid_of(page))
        self._asked(uid_of(page))
        assert "Pas confirmé" not in text_of(visitor.get(page))

        Confirmation.objects.update(asked_at=datetime.now(UTC) - timedelta(days=91))
        settle(datetime.now(UTC))

        answer = visitor.get(page)
        assert answer.status_code == 200
        assert "Pas confirmé" in text_of(answer)

    def test_asks_once_a_year(self, published: Callable[..., None], visitor: Client) -> None:
        published()
        representative(uid_of(page_of(visitor, "Clairière")))
        now = datetime.now(UTC)

        asked = [ask_if_correct(now=now + timedelta(days=days)) for days in (0, 1, 364, 366)]

        assert asked == [1, 0, 0, 1]

    def test_asks_in_waves(self, transactional_db: None) -> None:
        now = datetime.now(UTC)
        for number in range(PER_DAY + 3):
            representative(UUID(int=(number + 1) << 80, version=4), email=f"n{number}@example.org")

        assert [ask_if_correct(now=now), ask_if_correct(now=now), ask_if_correct(now=now)] == [PER_DAY, 3, 0]
        assert Link.objects.count() == PER_DAY + 3

    @pytest.mark.parametrize("answer", ["correct", "withdraw", "anything"])
    def test_unknown_links_are_not_there(self, visitor: Client, answer: str) -> None:
        assert visitor.get(f"/still/{'x' * 43}/{answer}").status_code == 404
        assert visitor.post(f"/still/{'x' * 43}/{answer}").status_code == 404


def test_what_was_told_goes_with_whoever_is_erased(two_lists: UUID) -> None:

    uid = re.search(r"/desk/(.+)", desk()).group(1)  # type: ignore[union-attr]
    nadia = representative(two_lists)
    correct_phone(nadia, two_lists)
    nadia.post(f"/my/{two_lists}/correct/{two_lists}", {"step": "tell", "object": uid, "pass": uid})
    Confirmation.objects.create(record_id=id_of(two_lists))
    assert Objection.objects.exists()
    assert Passed.objects.exists()

    erase_subjects(subject_ids=[id_of(two_lists)], actor="steward:1", now=datetime.now(UTC), why="test")

    assert [each.objects.count() for each in (Objection, Passed, Confirmation)] == [0, 0, 0]
