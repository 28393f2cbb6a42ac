"""The three links of the yearly question to a person, followed by a browser without any account."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.test import Client

from datacoop.accounts import proofs
from datacoop.accounts.actions import open_account
from datacoop.charter.queries import current
from datacoop.disclosure.own.subjects import uids_of_subjects
from datacoop.disclosure.own.telling import own_records
from datacoop.ledger.models import Entry
from datacoop.rights.actions.answering import Answerer, answer
from datacoop.rights.actions.asking_persons import ask_one, ask_persons
from datacoop.rights.actions.ticking import tick
from datacoop.rights.models import Confirmation, Link, Notice
from datacoop.rights.queries.foreseeing import asked_of
from datacoop.rights.rules.answers import PROPOSED, chosen
from tests.portal.sitting import signed_in, text_of
from tests.rights.lists import CHOIR, ROW, bring, let_go, signed

pytestmark = pytest.mark.django_db(transaction=True)
Asked = Callable[..., tuple[uuid.UUID, dict[str, str]]]


def shows(subject: uuid.UUID) -> bool:
    records = own_records(subject, now=datetime.now(UTC))
    return any(s.shows for each in records for found in each.sights.values() for s in found)


@pytest.fixture
def asked(tmp_path: Path, transactional_db: None) -> Asked:
    """Somebody told 400 days ago who showed what was proposed, and the three links of today's question."""

    def ask(row: str = ROW) -> tuple[uuid.UUID, dict[str, str]]:
        now = datetime.now(UTC)
        past = now - timedelta(days=400)
        holder = signed(now=past)
        bring(tmp_path, [row], now=past)
        let_go(holder, now=past)
        for days in (0, 3):
            tick(now=past + timedelta(days=days))
        (number,) = Notice.objects.filter(natural=True).values_list("subject_id", flat=True)
        subject = uids_of_subjects([number])[number]
        then = past + timedelta(days=4)
        meaning = chosen(PROPOSED, asked_of(own_records(subject, now=then)), current("choices").text)
        answer(by=Answerer(subject, "proof", "email_code"), meaning=meaning, seen=None, now=then)
        assert ask_persons(now=now) == 1
        mail.outbox.clear()
        ask_one(links=list(Link.objects.filter(subject_uid=subject, made_at=now).values_list("pk", flat=True)), now=now)
        (sent,) = mail.outbox
        found = re.findall(r"https?://[^/]+(/still/[^\s/]+/(correct|change|withdraw))", str(sent.body))
        return subject, {each: path for path, each in found}

    return ask


def browser(language: str = "fr") -> Client:
    return Client(headers={"accept-language": language})


@pytest.mark.parametrize("language", ["fr", "de", "it", "en"])
def test_looking_decides_nothing(asked: Asked, language: str) -> None:
    subject, links = asked()
    for path in links.values():
        for answered in (browser(language).get(path), browser(language).head(path)):
            assert answered.status_code == 200
        html = text_of(browser(language).get(path))
        assert f'<html lang="{language}"' in html
        for secret in ("Vernehaut", "Chœur de la Clairière", "marlyse@"):
            assert secret not in html
    assert shows(subject)
    assert Confirmation.objects.get(asked_at__isnull=False).confirmed_at is None


def test_correct_is_one_press(asked: Asked) -> None:
    _, links = asked()
    assert "noté" in text_of(browser().post(links["correct"]))
    assert Confirmation.objects.get(confirmed_at__isnull=False).confirmed_at is not None
    assert Entry.objects.filter(kind="rights.confirmed").count() == 1


def test_withdraw_is_one_press_and_hides_at_once(asked: Asked) -> None:
    subject, links = asked()
    assert "plus personne" in text_of(browser().post(links["withdraw"]))
    assert not shows(subject)


def test_change_asks_for_a_proof_first(asked: Asked) -> None:
    subject, links = asked()
    visitor = browser()
    assert visitor.post(links["change"])["Location"] == f"/my/{subject}/correct"
    assert visitor.get(f"/my/{subject}/correct").status_code == 403


class TestAMailboxOthersRead:
    @pytest.fixture
    def shared(self, asked: Asked) -> tuple[uuid.UUID, dict[str, str]]:
        return asked(CHOIR + "Marlyse de Vernehaut;comite@example.net")

    def test_hides(self, shared: tuple[uuid.UUID, dict[str, str]]) -> None:
        subject, links = shared
        browser().post(links["withdraw"])
        assert not shows(subject)

    def test_confirms_nothing_before_a_proof_and_does_after_it(
        self, shared: tuple[uuid.UUID, dict[str, str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        subject, links = shared
        visitor = browser()
        assert "que c'est moi" in text_of(visitor.get(links["correct"])).replace("&#x27;", "'")
        answered = visitor.post(links["correct"])
        assert answered["Location"] == f"/my/{subject}/prove?next=/my/{subject}/correct"
        assert visitor.post(f"/my/{subject}/correct", {"step": "confirm"}).status_code == 403
        assert not Confirmation.objects.filter(confirmed_at__isnull=False).exists()

        monkeypatch.setattr(proofs, "proven", lambda *_, **__: proofs.EMAIL_CODE)
        html = text_of(visitor.get(f"/my/{subject}/correct"))
        assert "Pas encore confirmé" in html
        assert visitor.post(f"/my/{subject}/correct", {"step": "confirm"}).status_code == 302
        assert Confirmation.objects.filter(confirmed_at__isnull=False).count() == 1
        assert "Confirmé le" in text_of(visitor.get(f"/my/{subject}/correct"))


def test_silence_is_told_to_the_person_and_to_stewards_and_hides_nothing(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject, links = asked()
    Confirmation.objects.update(asked_at=datetime.now(UTC) - timedelta(days=91))
    assert shows(subject)
    visitor = browser()
    visitor.post(links["change"])
    monkeypatch.setattr(proofs, "proven", lambda *_, **__: proofs.EMAIL_CODE)
    assert "peut-être plus juste" in text_of(visitor.get(f"/my/{subject}/correct"))
    open_account(email="steward@example.org", name="", now=datetime.now(UTC), is_steward=True)
    steward = signed_in("steward@example.org")
    assert "peut-être plus juste" in text_of(steward.post(f"/steward/records/{subject}", {"reason": "demande"}))


def test_a_letters_link_is_none_of_these(asked: Asked) -> None:
    _, links = asked()
    Link.objects.update(channel="letter")
    for path in links.values():
        assert browser().get(path).status_code == 404
