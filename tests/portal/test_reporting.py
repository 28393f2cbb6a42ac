"""Adding and reporting without an account: a constant reply, look-alikes from the public view, somebody who answers."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from datacoop.accounts.actions import create_link, give_mandate, open_account
from datacoop.accounts.rules import DECIDE, EDIT
from datacoop.consent.actions import Wish, add_agreement, decide
from datacoop.consent.models import Decision
from datacoop.disclosure.asking import ask
from datacoop.disclosure.readers import reader_of_agreement
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.getting import Found, get
from datacoop.jobs.actions import run_due
from datacoop.portal import limits
from datacoop.portal.views.organisations import find_one
from datacoop.records.actions.erasing import erase_subjects
from datacoop.records.models import Record
from datacoop.records.rules import id_of
from datacoop.rights.actions.reporting import Written, keep_report, settle_report, sweep_reports
from datacoop.rights.models import Report
from tests.portal.conftest import page_of

pytestmark = pytest.mark.django_db(transaction=True)
WRONG = {"kind": "error", "text": "Le téléphone n'est plus bon.", "answer_to": "nora@example.org"}
NEW = {"name": "Atelier du Héron", "addresses.postal_code": "1003", "addresses.city": "Lausanne"}


@pytest.fixture(autouse=True)
def _nobody_reported_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datacoop.portal.views.correcting.reporting.REPORTS", limits.Limit(most=10, seconds=60))
    monkeypatch.setattr("datacoop.portal.views.correcting.reporting.REPORTS_FROM", limits.Limit(most=5, seconds=60))


def text_of(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]


def uid_of(page: str) -> UUID:
    return UUID(str((find_one("organisation", page.removeprefix("/o/")) or {})["id"]))


def is_seen_by_city(uid: UUID) -> bool:
    def look(connected: Reading) -> bool:
        reader = reader_of_agreement(connected, "city")
        assert reader is not None
        found = [str(uid), reader.ids.of(str(uid))] if reader.ids else [str(uid)]
        return any(isinstance(get(connected, reader, "organisation", each), Found) for each in found)

    return ask(look, now=datetime.now(UTC))


def representative(subject: UUID, scope: str = DECIDE, email: str = "nadia@example.org") -> Client:
    now = datetime.now(UTC)
    account = open_account(email=email, name="", now=now)
    since = now - timedelta(days=400)
    give_mandate(account_id=account.pk, subject_uid=subject, scope=scope, valid_from=since, proof="test")
    client = Client(headers={"accept-language": "fr"})
    client.post(f"/sign-in/{create_link(email=email, now=now)}")
    return client


class TestAdding:
    def test_needs_no_account_and_no_cookie(self, visitor: Client) -> None:
        answer = visitor.post("/add", NEW)

        assert answer.status_code == 200
        assert not answer.cookies
        (kept,) = Report.objects.all()
        assert (kept.kind, kept.cells["name"]) == ("add", "Atelier du Héron")

    def test_says_that_it_is_free_for_ever(self, visitor: Client) -> None:
        assert "gratuit, pour toujours" in text_of(visitor.get("/add"))

    def test_without_a_name_nothing_is_kept(self, visitor: Client) -> None:
        answer = visitor.post("/add", {"addresses.city": "Lausanne"})

        assert answer.status_code == 422
        assert 'id="name-problem"' in text_of(answer)
        assert not Report.objects.exists()

    def test_shows_what_looks_alike_first(self, published: Callable[..., None], visitor: Client) -> None:
        published()

        answer = visitor.post("/add", {**NEW, "name": "Choeur de la Clairiere"})
        assert "Chœur de la Clairière" in text_of(answer)
        assert not Report.objects.exists()

        visitor.post("/add", {**NEW, "name": "Choeur de la Clairiere", "not_among": "1"})
        assert Report.objects.count() == 1

    def test_never_among_what_is_hidden(self, published: Callable[..., None], visitor: Client) -> None:
        """A hidden twin changes no byte of the answer."""
        name = {**NEW, "name": "Les Amis du Four"}
        without = visitor.post("/add", name)
        published(published=False)

        twin = visitor.post("/add", name)

        assert text_of(twin) == text_of(without)
        assert Report.objects.count() == 2

    def test_a_program_that_fills_in_everything_is_thanked_and_forgotten(self, visitor: Client) -> None:
        honest = visitor.post("/add", NEW)

        caught = visitor.post("/add", {**NEW, "homepage": "https://spam.example.org"})

        assert text_of(caught) == text_of(honest)
        assert Report.objects.count() == 1

    def test_a_network_is_limited(self, visitor: Client) -> None:
        answers = [visitor.post("/add", NEW) for _ in range(11)]

        assert [each.status_code for each in answers] == [200] * 10 + [429]
        assert answers[-1]["Retry-After"]
        assert Report.objects.count() == 10

    def test_so_is_an_address(self, visitor: Client) -> None:
        answers = [visitor.post("/add", {**NEW, "answer_to": "nora@example.org"}) for _ in range(6)]

        assert [each.status_code for each in answers] == [200] * 5 + [429]

    def test_can_be_framed_but_the_page_itself_cannot(self, visitor: Client) -> None:
        framed, page = visitor.get("/embed/add"), visitor.get("/add")

        assert "frame-ancestors *" in framed["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
        assert 'action="/embed/add"' in text_of(framed)
        assert "<header" not in text_of(framed)

    def test_the_steward_adds_it_with_one_press(self, steward: Client, visitor: Client) -> None:
        visitor.post("/add", NEW)
        (kept,) = Report.objects.all()
        assert "Atelier du Héron" in text_of(steward.get("/steward/reports"))

        steward.post("/steward/reports", {"number": kept.pk, "answer": "accept"})

        assert "Atelier du Héron" in text_of(visitor.get("/organisations", {"q": "heron"}))
        kept.refresh_from_db()
        assert (kept.state, kept.cells, kept.text) == ("accepted", {}, "")

    def test_what_cannot_be_read_is_said_to_the_steward_and_stays(self, steward: Client, visitor: Client) -> None:
        visitor.post("/add", {**NEW, "email": "nowhere"})
        (kept,) = Report.objects.all()

        answer = steward.post("/steward/reports", {"number": kept.pk, "answer": "accept"})

        assert answer.status_code == 422
        kept.refresh_from_db()
        assert kept.state == "waiting"


class TestReporting:
    def test_every_page_leads_to_it(self, published: Callable[..., None], visitor: Client) -> None:
        published()
        page = page_of(visitor, "Clairière")

        assert f'href="{page}/report"' in text_of(visitor.get(page))
        assert visitor.get(f"{page}/report").status_code == 200
        assert "frame-ancestors *" in visitor.get("/embed/report", {"org": page[3:]})["Content-Security-Policy"]

    def test_unknown_and_hidden_are_answered_alike(self, published: Callable[..., None], visitor: Client) -> None:
        published(published=False)
        uid = Record.objects.filter(kind="organisation").values_list("uid", flat=True).first()
        unknown = "00000000-0000-4000-8000-000000000000"

        answers = [visitor.post(f"/o/{each}/report", WRONG) for each in (uid, unknown)]
        pages = [text_of(a).replace(str(u), "UID") for a, u in zip(answers, (uid, unknown), strict=True)]

        assert [a.status_code for a in answers] == [404, 404]
        assert pages[0] == pages[1]
        assert not Report.objects.exists()

    def test_represented_or_not_is_answered_alike(self, published: Callable[..., None], visitor: Client) -> None:
        published()
        pages = page_of(visitor, "Clairière"), page_of(visitor, "Four")
        representative(uid_of(pages[0]))
        visitor.post(f"{pages[1]}/report", {**WRONG, "answer_to": ""})

        found = []
        for page, name in zip(pages, ("Chœur de la Clairière", "Les Amis du Four"), strict=True):
            with CaptureQueriesContext(connection) as queries:
                answer = visitor.post(f"{page}/report", {**WRONG, "answer_to": ""})
            asked = [re.sub(r"'[^']*'|\b\d+\b|x?'[0-9a-f]+'", "?", each["sql"]) for each in queries.captured_queries]
            found.append((text_of(answer).replace(page, "PAGE").replace(name, "NAME"), asked))

        assert found[0] == found[1]

    def test_an_error_needs_words_and_what_is_gone_does_not(
        self, published: Callable[..., None], visitor: Client
    ) -> None:
        published()
        page = page_of(visitor, "Clairière")

        assert visitor.post(f"{page}/report", {"kind": "error", "text": ""}).status_code == 422
        assert visitor.post(f"{page}/report", {"kind": "gone", "text": ""}).status_code == 200

    def test_nothing_changes_by_a_report(self, published: Callable[..., None], visitor: Client) -> None:
        published()
        page = page_of(visitor, "Clairière")
        before = text_of(visitor.get(page))

        visitor.post(f"{page}/report", {"kind": "gone"})

        assert text_of(visitor.get(page)) == before


class TestAnswering:
    def test_the_representative_is_written_to_and_answers(
        self, published: Callable[..., None], visitor: Client, steward: Client
    ) -> None:
        published()
        page = page_of(visitor, "Clairière")
        uid = uid_of(page)
        nadia = representative(uid)
        visitor.post(f"{page}/report", WRONG)
        run_due(datetime.now(UTC))
        (told,) = [
            m for m in mail.outbox if m.to == ["nadia@example.org"] and m.subject == "Quelqu'un signale une erreur"
        ]
        assert f"/my/{uid}/correct" in told.body
        assert "téléphone" not in told.body
        assert "téléphone" not in text_of(steward.get("/steward/reports"))
        assert "téléphone" in text_of(nadia.get(f"/my/{uid}/correct"))
        (kept,) = Report.objects.all()

        assert nadia.post(f"/my/{uid}/correct", {"number": kept.pk, "answer": "decline"}).status_code == 422
        nadia.post(f"/my/{uid}/correct", {"number": kept.pk, "answer": "decline", "reason": "Il est juste."})
        run_due(datetime.now(UTC))

        (answered,) = [each for each in mail.outbox if each.to == ["nora@example.org"]]
        assert "Il est juste." in answered.body
        kept.refresh_from_db()
        assert (kept.state, kept.email, kept.text) == ("declined", "", "")

    def test_what_she_leaves_for_two_weeks_the_steward_sees(
        self, published: Callable[..., None], visitor: Client, steward: Client
    ) -> None:
        published()
        page = page_of(visitor, "Clairière")
        representative(uid_of(page))
        visitor.post(f"{page}/report", WRONG)
        Report.objects.update(created_at=datetime.now(UTC) - timedelta(days=15))

        assert "téléphone" in text_of(steward.get("/steward/reports"))

    def test_what_is_gone_is_no_longer_shown(self, published: Callable[..., None], visitor: Client) -> None:
        published()
        page = page_of(visitor, "Clairière")
        uid = uid_of(page)
        editor, decider = representative(uid, EDIT, "edi@example.org"), representative(uid)
        visitor.post(f"{page}/report", {"kind": "gone"})
        (kept,) = Report.objects.all()

        refused = editor.post(f"/my/{uid}/correct", {"number": kept.pk, "answer": "accept"})
        assert (refused.status_code, visitor.get(page).status_code) == (422, 200)
        decider.post(f"/my/{uid}/correct", {"number": kept.pk, "answer": "accept"})

        assert visitor.get(page).status_code == 404

    def test_a_steward_retires_what_nobody_represents(
        self, published: Callable[..., None], visitor: Client, steward: Client
    ) -> None:
        published()
        page = page_of(visitor, "Clairière")
        visitor.post(f"{page}/report", {"kind": "gone"})
        (kept,) = Report.objects.all()

        steward.post("/steward/reports", {"number": kept.pk, "answer": "accept"})

        assert visitor.get(page).status_code == 404

    @pytest.mark.parametrize("by", ["steward", "decider"])
    def test_what_is_gone_is_shown_to_nobody_it_was_granted_to_either(
        self, published: Callable[..., None], visitor: Client, steward: Client, by: str
    ) -> None:
        published()
        page, now = page_of(visitor, "Clairière"), datetime.now(UTC)
        uid = uid_of(page)
        add_agreement(name="Ville de Test", terms="public-bodies", actor="steward:1", now=now, uid="city")
        for wish in (Wish("agreement:city", True), Wish("terms:public-bodies", True), Wish("cooperators", True)):
            decide(uid=uid, wish=wish, actor="account:1", reason="", now=now)
        decide(uid=uid, wish=Wish("agreement:city", True, "email"), actor="account:1", reason="", now=now)
        decider = representative(uid)
        assert is_seen_by_city(uid)
        visitor.post(f"{page}/report", {"kind": "gone"})
        Report.objects.update(created_at=now - timedelta(days=15))
        sent = {"number": Report.objects.get().pk, "answer": "accept"}

        steward.post("/steward/reports", sent) if by == "steward" else decider.post(f"/my/{uid}/correct", sent)

        assert (visitor.get(page).status_code, is_seen_by_city(uid)) == (404, False)
        assert not any(each.shows for each in Decision.objects.filter(end_revision=None))

    @pytest.mark.parametrize("by", ["steward", "decider"])
    def test_that_something_is_gone_is_told_to_those_it_is_about_and_to_who_reported_it(
        self, published: Callable[..., None], visitor: Client, steward: Client, by: str
    ) -> None:
        published()
        page = page_of(visitor, "Clairière")
        uid = uid_of(page)
        representative(uid, EDIT, "edi@example.org")
        decider = representative(uid)
        visitor.post(f"{page}/report", {"kind": "gone", "answer_to": "nora@example.org"})
        Report.objects.update(created_at=datetime.now(UTC) - timedelta(days=15))
        run_due(datetime.now(UTC))
        mail.outbox.clear()
        sent = {"number": Report.objects.get().pk, "answer": "accept"}

        steward.post("/steward/reports", sent) if by == "steward" else decider.post(f"/my/{uid}/correct", sent)
        run_due(datetime.now(UTC))

        told = {each.to[0]: (each.subject, each.body) for each in mail.outbox}
        others = {"edi@example.org"} | ({"nadia@example.org"} if by == "steward" else set())
        assert set(told) == others | {"nora@example.org"}
        assert told["nora@example.org"][0] == "Votre message a reçu une réponse"
        for each in others:
            assert told[each][0] == "Une page n'est plus montrée"
            assert "parle de quelque chose qui n'existe plus" in " ".join(told[each][1].split())
            assert "/account/" in told[each][1]

    def test_that_something_is_gone_is_told_to_its_address_where_nobody_represents_it(
        self, published: Callable[..., None], visitor: Client, steward: Client
    ) -> None:
        published()
        page = page_of(visitor, "Clairière")
        visitor.post(f"{page}/report", {"kind": "gone"})
        run_due(datetime.now(UTC))
        mail.outbox.clear()

        steward.post("/steward/reports", {"number": Report.objects.get().pk, "answer": "accept"})
        run_due(datetime.now(UTC))

        assert [(each.to, "/write" in each.body) for each in mail.outbox] == [(["info@clairiere.example.org"], True)]

    def test_nobody_answers_for_another(self, published: Callable[..., None], visitor: Client) -> None:
        published()
        page, other = page_of(visitor, "Clairière"), page_of(visitor, "Four")
        visitor.post(f"{page}/report", {"kind": "gone"})
        (kept,) = Report.objects.all()

        stranger = representative(uid_of(other))
        stranger.post(f"/my/{uid_of(other)}/correct", {"number": kept.pk, "answer": "accept"})

        assert visitor.get(page).status_code == 200
        assert visitor.get("/steward/reports").status_code == 302


class TestForgetting:
    def test_the_address_goes_after_thirty_days_even_unanswered(self) -> None:
        now = datetime.now(UTC)
        keep_report(written=Written("add", None, "", "nora@example.org", "fr", {"name": "X"}), now=now)
        (kept,) = Report.objects.all()
        settle_report(number=kept.pk, accepted=True, reason="", actor="steward:1", now=now)

        sweep_reports(now=now + timedelta(days=29))
        assert Report.objects.get().email == "nora@example.org"
        sweep_reports(now=now + timedelta(days=31))
        assert Report.objects.get().email == ""

    def test_a_report_goes_with_whoever_is_erased(self, published: Callable[..., None], visitor: Client) -> None:
        published()
        page = page_of(visitor, "Clairière")
        visitor.post(f"{page}/report", WRONG)

        erase_subjects(subject_ids=[id_of(uid_of(page))], actor="steward:1", now=datetime.now(UTC), why="test")

        assert not Report.objects.exists()
