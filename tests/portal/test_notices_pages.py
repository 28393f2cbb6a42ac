"""Pages of notices: the agreement before a list, two people who press Send, files to post, answers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from django.core import mail
from django.test import Client, override_settings

from datacoop.accounts.actions import open_account
from datacoop.accounts.models import Mandate
from datacoop.jobs.actions import run_due
from datacoop.pipelines.inviting import dismiss, invite
from datacoop.portal.templatetags.portal import short_day
from datacoop.portal.views.desk.notifying import snippet_of
from datacoop.rights.actions.sending import ZONE
from datacoop.rights.actions.ticking import make_and_compare, tick
from datacoop.rights.models import ContributionAgreement, Notice, Sending
from datacoop.rights.rules.agreements import GROUPS
from datacoop.sources.actions import register_holder
from tests.portal.sitting import EMAIL, HOLDER, OTHER, bring, desk, folder, holder, registered, signed_in, text_of

__all__ = ["folder", "holder"]
pytestmark = pytest.mark.django_db(transaction=True)
ROW = "1;Chœur de la Clairière;Chanter;culture/chant;association;Rue du Lac 7;1005;Lausanne;info@c.example.org;;"
POSTAL = "2;Chœur du Four;Chanter;culture/chant;association;Rue du Four 7;1005;Lausanne;;;"
STEWARD = "steward@example.org"


@pytest.fixture
def steward(transactional_db: None) -> Client:
    open_account(email=STEWARD, name="", now=datetime.now(UTC), is_steward=True)
    return signed_in(STEWARD)


def form_of(version: str = "1", **said: str) -> dict[str, str]:
    bases = {f"basis-{group}": "interest" for group in GROUPS}
    return {"language": "fr", "version": version, "leaves": "keep", "signatory": "Ana Muster", **bases, **said}


class TestAgreement:
    @pytest.fixture
    def unsigned(self, transactional_db: None) -> Client:
        uid = register_holder(name=HOLDER, now=datetime.now(UTC))
        invite(holder=uid, email=EMAIL, actor="steward:command", now=datetime.now(UTC))
        return signed_in(EMAIL)

    def test_comes_before_the_first_list(self, unsigned: Client) -> None:
        assert unsigned.get(f"{desk()}/upload")["Location"] == f"{desk()}/agreement?first"
        assert unsigned.post(f"{desk()}/upload", {})["Location"] == f"{desk()}/agreement?first"
        assert unsigned.get(f"{desk()}/notices")["Location"] == f"{desk()}/agreement?first"
        html = text_of(unsigned.get(f"{desk()}/agreement?first"))
        assert "Convention de contribution" in html
        assert unsigned.post(f"{desk()}/agreement", form_of())["Location"] == f"{desk()}/agreement?signed"
        assert unsigned.get(f"{desk()}/upload").status_code == 200
        row = ContributionAgreement.objects.get()
        assert row.signed_by == f"account:{unsigned.session['_auth_user_id']}"
        assert row.sha256 in text_of(unsigned.get(f"{desk()}/agreement"))

    def test_says_what_is_missing(self, unsigned: Client) -> None:
        answer = unsigned.post(f"{desk()}/agreement", form_of(signatory=""))
        assert answer.status_code == 422
        assert 'role="alert"' in text_of(answer)
        assert not ContributionAgreement.objects.exists()

    def test_waits_until_the_cooperative_says_who_it_is(self, unsigned: Client, steward: Client) -> None:
        with override_settings(DATACOOP_PHONE="", DATACOOP_CONTROLLER_ADDRESS=""):
            html = text_of(unsigned.get(f"{desk()}/agreement?first"))
            assert "son adresse postale (DATACOOP_CONTROLLER_ADDRESS), son numéro de téléphone (DATACOOP_PHONE)" in html
            assert 'value="sign"' not in html
            assert unsigned.post(f"{desk()}/agreement", form_of()).status_code == 422
            assert "DATACOOP_PHONE" in text_of(steward.get("/steward/notices"))
        assert not ContributionAgreement.objects.exists()

    def test_a_steward_enters_a_paper_with_its_date(self, unsigned: Client, steward: Client) -> None:
        assert steward.post(f"{desk()}/agreement", form_of()).status_code == 422
        assert steward.post(f"{desk()}/agreement", form_of(paper_on="2026-01-05")).status_code == 302
        row = ContributionAgreement.objects.get()
        assert str(row.paper_on) == "2026-01-05"
        assert row.signed_by.startswith("steward:")

    def test_another_holder_does_not_sign_it(self, unsigned: Client) -> None:
        other = registered(OTHER, "autre@example.org")
        before = ContributionAgreement.objects.count()
        assert unsigned.post(f"/desk/{other}/agreement", form_of()).status_code == 403
        assert ContributionAgreement.objects.count() == before

    def test_reads_it_without_signing(self, unsigned: Client) -> None:
        unsigned.get(f"{desk()}/agreement?first")
        assert not ContributionAgreement.objects.exists()

    def test_can_be_left(self, holder: Client) -> None:
        holder.post(f"{desk()}/agreement", {"step": "leave"})
        assert holder.get(f"{desk()}/upload").status_code == 302


class TestSending:
    def test_needs_the_holder_and_a_steward(self, holder: Client, steward: Client, folder: Path) -> None:
        bring(folder, [ROW])
        make_and_compare(now=datetime.now(UTC))
        self.prepare(holder, "mail")
        number = Sending.objects.get().pk
        tick(now=datetime.now(UTC))
        assert holder.post(f"{desk()}/notices", {"step": "press", "sending": number}).status_code == 302
        tick(now=datetime.now(UTC))
        assert mail.outbox == []
        assert steward.post("/steward/notices", {"step": "press", "sending": number}).status_code == 302
        tick(now=datetime.now(UTC))
        assert [each.to for each in mail.outbox] == [["info@c.example.org"]]

    def test_a_steward_at_the_desk_is_not_the_holders_hand(self, holder: Client, steward: Client, folder: Path) -> None:
        bring(folder, [ROW])
        make_and_compare(now=datetime.now(UTC))
        self.prepare(holder, "mail")
        number = Sending.objects.get().pk
        assert steward.post(f"{desk()}/notices", {"step": "press", "sending": number}).status_code == 422
        assert Sending.objects.get().holder_pressed_by == ""

    def test_who_let_the_holders_hand_in_is_not_the_other_hand(
        self, holder: Client, steward: Client, folder: Path
    ) -> None:
        steward.post("/steward/holders", {"holder": HOLDER, "email": "second@example.org", "reason": "lettre"})
        second = signed_in("second@example.org")
        bring(folder, [ROW])
        make_and_compare(now=datetime.now(UTC))
        self.prepare(second, "mail")
        number = Sending.objects.get().pk
        assert second.post(f"{desk()}/notices", {"step": "press", "sending": number}).status_code == 302
        account = Mandate.objects.get(account__email="second@example.org").account_id
        dismiss(holder=Mandate.objects.get(account_id=account).subject_uid, account_id=account, actor="steward:command",
                now=datetime.now(UTC))  # fmt: skip
        answer = steward.post("/steward/notices", {"step": "press", "sending": number})
        assert (answer.status_code, "donné l’accès" in text_of(answer)) == (422, True)
        assert Sending.objects.get().steward_pressed_by == ""

    def test_shows_text_count_cost_and_days_before_anybody_presses(self, holder: Client, folder: Path) -> None:
        bring(folder, [ROW, POSTAL])
        make_and_compare(now=datetime.now(UTC))
        self.prepare(holder, "letter")
        html = text_of(holder.get(f"{desk()}/notices"))
        for shown in ("0 sur 1", "CHF 1.50", "Montrer comme proposé", HOLDER, "/genuine"):
            assert shown in html, shown

    def test_reminders_by_post_are_a_batch_of_their_own(self, holder: Client, steward: Client, folder: Path) -> None:
        bring(folder, [POSTAL])
        now = datetime.now(UTC)
        make_and_compare(now=now)
        then = now - timedelta(days=13)
        Notice.objects.update(state=Notice.DELIVERED, channel="letter", sent_at=then, delivered_at=then)
        assert "Préparer un rappel" not in text_of(holder.get(f"{desk()}/notices"))
        Notice.objects.update(delivered_at=now - timedelta(days=15))
        assert "Préparer un rappel" in text_of(holder.get(f"{desk()}/notices"))
        today = now.astimezone(ZONE).date().isoformat()
        said = {"step": "prepare", "kind": "reminder", "first_on": today, "per_day": "50"}
        assert "Choisissez comment" in text_of(holder.post(f"{desk()}/notices", {**said, "channel": "mail"}))
        assert holder.post(f"{desk()}/notices", {**said, "channel": "letter"}).status_code == 302
        sending = Sending.objects.get()
        assert (sending.is_reminder, sending.count, sending.holder_pressed_by) == (True, 1, "")
        for page in (holder.get(f"{desk()}/notices"), steward.get("/steward/notices")):
            assert "Rappel · Par lettre" in text_of(page)

    def test_letters_are_handed_out_by_a_press_and_not_by_a_look(
        self, holder: Client, steward: Client, folder: Path
    ) -> None:
        bring(folder, [POSTAL])
        make_and_compare(now=datetime.now(UTC))
        self.prepare(holder, "letter")
        number = Sending.objects.get().pk
        early = holder.post(f"{desk()}/notices", {"step": "print", "sending": number})
        assert early.status_code == 422
        for client, page in ((holder, f"{desk()}/notices"), (steward, "/steward/notices")):
            client.post(page, {"step": "press", "sending": number})
        holder.get(f"{desk()}/notices", {"step": "print", "sending": number})
        assert Notice.objects.get().composed_at is None
        answer = holder.post(f"{desk()}/notices", {"step": "print", "sending": number})
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
        assert "no-store" in answer["Cache-Control"]
        holder.post(f"{desk()}/notices", {"step": "posted", "sending": number})
        assert Notice.objects.get().state == Notice.SENT
        back = steward.post("/steward/notices", {"step": "returned", "notice": Notice.objects.get().pk})
        assert back.status_code == 302
        assert Notice.objects.get().state == Notice.RETURNED

    def test_another_holders_sending_is_not_found(self, holder: Client, folder: Path) -> None:
        registered(OTHER, "autre@example.org")
        bring(folder, [ROW], OTHER)
        make_and_compare(now=datetime.now(UTC))
        other = signed_in("autre@example.org")
        self.prepare(other, "mail", OTHER)
        number = Sending.objects.get().pk
        assert holder.post(f"{desk()}/notices", {"step": "press", "sending": number}).status_code == 422
        assert holder.post(f"{desk()}/notices", {"step": "stop", "sending": number}).status_code == 422
        assert Sending.objects.get().stopped_at is None

    def test_bringing_a_list_in_sends_nothing(self, holder: Client, folder: Path) -> None:
        bring(folder, [ROW])
        run_due(datetime.now(UTC))
        assert mail.outbox == []
        assert Notice.objects.count() == 1

    def prepare(self, client: Client, channel: str, name: str = HOLDER) -> None:
        sent = {"step": "prepare", "channel": channel, "first_on": today(), "per_day": "50"}
        assert client.post(f"{desk(name)}/notices", sent).status_code == 302


class TestStewards:
    @pytest.mark.parametrize("path", ["/steward/notices", "/steward/answers"])
    def test_alone_enter(self, holder: Client, visitor: Client, path: str) -> None:
        assert visitor.get(path)["Location"] == "/sign-in"
        assert holder.get(path).status_code == 403

    def test_are_told_of_a_code_nobody_has(self, steward: Client) -> None:
        sent = {"step": "enter", "code": "ABCD-EFGH-JKM", "choice": "nothing", "method": "paper"}
        answer = steward.post("/steward/answers", sent)
        assert answer.status_code == 422
        assert "Ce code n&#x27;ouvre rien" in text_of(answer) or "Ce code n'ouvre rien" in text_of(answer)
        assert steward.post("/steward/answers", sent | {"choice": "all"}).status_code == 422


class TestWhatWillLeave:
    def test_both_hands_see_the_legal_part_and_the_letter_before_they_press(
        self, holder: Client, steward: Client, folder: Path
    ) -> None:
        bring(folder, [POSTAL])
        make_and_compare(now=datetime.now(UTC))
        TestSending().prepare(holder, "letter")
        for client, address in ((holder, f"{desk()}/notices"), (steward, "/steward/notices")):
            html = text_of(client.get(address))
            assert "Préposé fédéral" in html
            assert f"Responsables : {HOLDER} pour sa liste ; Coopérative de données de Clairière" in html
            for whose in ("person", "organisation"):
                assert f'src="{desk()}/notices/letter.png?whose={whose}"' in html

    @pytest.mark.parametrize("asked", ["whose=person", "whose=organisation&language=de", "whose=person&language=all"])
    def test_the_letter_is_a_picture_about_nobody(self, holder: Client, folder: Path, asked: str) -> None:
        answer = holder.get(f"{desk()}/notices/letter.png?{asked}")
        assert answer["Content-Type"] == "image/png"
        before = answer.content
        bring(folder, [ROW, POSTAL])
        assert holder.get(f"{desk()}/notices/letter.png?{asked}").content == before

    @pytest.mark.parametrize("asked", ["", "?whose=somebody", "?whose=person&language=xx"])
    def test_there_is_no_other(self, holder: Client, asked: str) -> None:
        assert holder.get(f"{desk()}/notices/letter.png{asked}").status_code == 404

    def test_another_holder_does_not_see_it(self, holder: Client) -> None:
        registered(OTHER, "autre@example.org")
        other = signed_in("autre@example.org")
        assert other.get(f"{desk()}/notices/letter.png?whose=person").status_code == 403

    def test_the_panel_says_when_the_next_wave_leaves(self, holder: Client, steward: Client, folder: Path) -> None:
        bring(folder, [ROW, ROW.replace("1;", "3;", 1).replace("Clairière", "Combe").replace("info@c", "info@d")])
        make_and_compare(now=datetime.now(UTC))
        asked = {"step": "prepare", "channel": "mail", "first_on": today(), "per_day": "1"}
        assert holder.post(f"{desk()}/notices", asked).status_code == 302
        assert "aujourd’hui, une fois les deux" in text_of(holder.get(f"{desk()}/notices")).replace("&#x27;", "’")
        number = Sending.objects.get().pk
        for client, address in ((holder, f"{desk()}/notices"), (steward, "/steward/notices")):
            client.post(address, {"step": "press", "sending": number})
        tick(now=datetime.now(UTC))
        assert len(mail.outbox) == 1
        tomorrow = datetime.now(UTC).astimezone(ZONE).date() + timedelta(days=1)
        html = text_of(steward.get("/steward/notices"))
        assert f"<dt>Prochain départ</dt><dd>{short_day(tomorrow)}</dd>" in html

    def test_the_lines_for_the_holders_own_site_are_whole_and_safe(self, holder: Client) -> None:
        html = text_of(holder.get(f"{desk()}/notices"))
        snippet = unescape(html.partition("<pre><code>")[2].partition("</code>")[0])
        assert "Vous avez reçu une lettre ou un e-mail en notre nom" in snippet
        assert f"{HOLDER} a confié sa liste à Coopérative de données de Clairière." in snippet
        assert '/code" method="post">' in snippet
        assert "<b>&" not in snippet_of("<b>&")

    def test_letters_wait_for_their_first_day_in_words(self, holder: Client, steward: Client, folder: Path) -> None:
        bring(folder, [POSTAL])
        make_and_compare(now=datetime.now(UTC))
        later = (datetime.now(UTC).astimezone(ZONE) + timedelta(days=3)).date()
        asked = {"step": "prepare", "channel": "letter", "first_on": later.isoformat(), "per_day": "50"}
        assert holder.post(f"{desk()}/notices", asked).status_code == 302
        number = Sending.objects.get().pk
        for client, address in ((holder, f"{desk()}/notices"), (steward, "/steward/notices")):
            assert client.post(address, {"step": "press", "sending": number}).status_code == 302
        html = text_of(holder.get(f"{desk()}/notices"))
        assert "À imprimer dès le" in html
        assert 'value="print"' not in html
        answer = holder.post(f"{desk()}/notices", {"step": "print", "sending": number})
        assert (answer.status_code, "rien n" in text_of(answer)) == (422, True)


class TestAnybody:
    def test_reads_whether_a_letter_is_genuine(self, visitor: Client) -> None:
        html = text_of(visitor.get("/genuine"))
        assert 'action="/code"' in html
        assert re.search(r'name="code"', html)

    @pytest.mark.parametrize("name", ["privacy-notice", "participation-terms", "contribution-agreement"])
    def test_reads_the_documents(self, visitor: Client, name: str) -> None:
        assert visitor.get(f"/documents/{name}").status_code == 200
        assert visitor.get("/documents/default-policy").status_code == 404

    def test_reads_nothing_of_the_cooperatives_own_paper(self, visitor: Client, steward: Client) -> None:
        """The impact assessment tells risks and measures: for stewards, and nobody else learns that there is one."""
        address, none = "/documents/impact-assessment", "/documents/none"
        assert steward.get(address).status_code == 200
        open_account(email="ana@example.org", name="", now=datetime.now(UTC))
        for each in (visitor, signed_in("ana@example.org")):
            for asked in ("", "?text=de"):
                hidden, unknown = each.get(address + asked), each.get(none + asked)
                assert (hidden.status_code, unknown.status_code) == (404, 404)
                said = [re.sub(r'value="\w{64}"', "", text_of(answer)) for answer in (hidden, unknown)]
                assert said[0].replace(address, "") == said[1].replace(none, "")

    @pytest.mark.parametrize("language", ["fr", "de", "it", "en"])
    def test_reads_who_answers_for_the_data_in_each_language(self, visitor: Client, language: str) -> None:
        html = text_of(visitor.get(f"/documents/privacy-notice?text={language}"))
        assert f'<div lang="{language}">' in html
        assert "Coopérative de données de Clairière, Rue du Lac 1, 1000 Clairière" in html
        assert "+41 21 555 00 00" in html
        assert "[" not in re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)

    @pytest.mark.parametrize("page", ["/", "/code", "/sign-in", "/add", "/rights", "/write", "/genuine", "/try"])
    def test_finds_the_privacy_notice_on_every_page(self, visitor: Client, page: str) -> None:
        before, _, footer = text_of(visitor.get(page)).partition("<footer")
        assert "/documents/privacy-notice" in footer
        if page not in {"/", "/try"}:
            assert "/documents/privacy-notice" in before

    def test_presses_no_more_without_changing_anything_by_looking(self, visitor: Client) -> None:
        assert "<form" in text_of(visitor.get(f"/n/{'x' * 43}/no-more"))
        assert 'role="status"' in text_of(visitor.post(f"/n/{'x' * 43}/no-more"))


def today() -> str:
    return datetime.now(UTC).astimezone(ZONE).date().isoformat()
