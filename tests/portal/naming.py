"""Somebody who is named: the village of the tests of rights, a link to their page, and what a browser does there."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from django.test import Client

from datacoop.accounts.actions import create_link, give_mandate, open_account
from datacoop.records.rules import id_of
from datacoop.rights.links import LETTER, MAIL, Wanted, code_for, make_links, token_of
from datacoop.rights.models.notices import Notice
from datacoop.sources.models import Holder, SourceList
from tests.rights.people import Village


def holder_of(village: Village, place: int = 0) -> Holder:
    """Let one of the village's two lists have its holder, as a contribution would."""
    holder, _ = Holder.objects.get_or_create(
        name=("Ville de Clairière", "Fédération des clubs")[place], defaults={"created_at": datetime.now(UTC)}
    )
    SourceList.objects.get_or_create(
        source_id=village.lists[place],
        defaults={"holder": holder, "name": "liste", "kind": "organisation", "created_at": datetime.now(UTC)},
    )
    return holder


def noticed(village: Village, place: int = 0, subject: uuid.UUID | None = None) -> Notice:
    """Let a holder's notice to the person (or another subject) wait."""
    now = datetime.now(UTC)
    return Notice.objects.create(
        subject_id=id_of(subject or village.person), holder=holder_of(village, place), natural=subject is None,
        state=Notice.DELIVERED, created_at=now, due_at=now,
    )  # fmt: skip


def link_to(subject: uuid.UUID, *, channel: str = MAIL, notice: int | None = None) -> int:
    """Make a link to a subject's page and return its number."""
    return make_links([Wanted(subject, channel, notice)], now=datetime.now(UTC))[0]


def opened(subject: uuid.UUID, *, notice: int | None = None, language: str = "fr") -> Client:
    """Somebody who followed the link of a message, and proved nothing."""
    client = Client(headers={"accept-language": language})
    answer = client.get(f"/n/{token_of(link_to(subject, notice=notice))}")
    assert answer.status_code == 302, answer.content.decode()
    return client


def by_letter(subject: uuid.UUID) -> Client:
    """Somebody who typed the code of a letter, which proves that it was received."""
    client = Client(headers={"accept-language": "fr"})
    answer = client.post("/code", {"code": code_for(link_to(subject, channel=LETTER))})
    assert answer.status_code == 302, answer.content.decode()
    return client


def representing(subject: uuid.UUID, scope: str, email: str = "comite@example.org") -> Client:
    """Somebody signed in whose account may act for a subject."""
    now = datetime.now(UTC)
    account = open_account(email=email, name="Comité", now=now)
    give_mandate(account_id=account.pk, subject_uid=subject, scope=scope, valid_from=now, proof="steward:1")
    client = Client(headers={"accept-language": "fr"})
    client.post(f"/sign-in/{create_link(email=email, now=now)}")
    return client


def page(subject: uuid.UUID, rest: str = "") -> str:
    """The address of a subject's page."""
    return f"/my/{subject}/{rest}"


def choose(client: Client, subject: uuid.UUID, choice: str, seen: int | None = None):
    """Press one of the three choices, as the page has it."""
    form = {"what": "choice", "choice": choice}
    if seen is None:
        html = client.get(page(subject)).content.decode()
        form["seen"] = html.split('name="seen" value="')[1].split('"')[0]
    else:
        form["seen"] = str(seen)
    return client.post(page(subject, "answer"), form)
