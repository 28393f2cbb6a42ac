"""Invented people who claim the choir of the village, and how their post is read."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.core import mail

from datacoop.accounts.actions import give_mandate, open_account
from datacoop.accounts.queries import has_mandate
from datacoop.disclosure.actions import settle as settle_due
from datacoop.jobs.actions import run_due
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, state
from datacoop.records.rules import Origin, id_of
from datacoop.rights.actions import claiming
from datacoop.rights.actions.claim_steps import Wanted
from datacoop.rights.published import published
from datacoop.rights.queries.claims import find_claim
from datacoop.rights.rules.claims import MAILBOX
from tests.rights.people import NOW, Village

CHOIR_MAILBOX = "choeur@example.org"
WEEK = timedelta(days=7)


def account(name: str, *, is_steward: bool = False) -> int:
    return open_account(email=f"{name}@example.org", name=name.title(), now=NOW, is_steward=is_steward).pk


def represent(village: Village, name: str, *scopes: str, at: datetime = NOW) -> int:
    """Somebody who represents the choir already."""
    number = account(name)
    for scope in scopes or ("edit", "decide"):
        give_mandate(account_id=number, subject_uid=village.choir, scope=scope, valid_from=at, proof="test")
    return number


def claim(village: Village, who: int, method: str = MAILBOX, scope: str = "decide", *, at: datetime = NOW) -> int:
    settle_due(at)
    wanted = Wanted(village.choir, scope, method)
    return claiming.open_claim(account_id=who, wanted=wanted, possible=published(village.choir).methods, now=at)


def may(village: Village, who: int, scope: str = "decide", *, at: datetime = NOW) -> bool:
    return has_mandate(account_id=who, subject_uid=village.choir, scope=scope, now=at)


def post(at: datetime = NOW) -> list[mail.EmailMessage]:
    """Everything written until a moment, and empty the post-box."""
    run_due(at)
    found = list(mail.outbox)
    mail.outbox.clear()
    return found


def code_in(messages: list[mail.EmailMessage], to: str = CHOIR_MAILBOX) -> str:
    *_, text = [each.body for each in messages if each.to == [to] and re.search(r"\b\d{4} \d{4}\b", each.body)]
    found = re.search(r"\b\d{4} \d{4}\b", text)
    assert found is not None
    return found[0]


def token_in(messages: list[mail.EmailMessage], to: str) -> str:
    (text,) = [each.body for each in messages if each.to == [to] and "/claims/" in each.body]
    return text.split("/claims/")[1].split()[0]


def proven(village: Village, name: str = "ana") -> tuple[int, int]:
    """An account that typed the code from the choir's mailbox, and its claim."""
    who = account(name)
    number = claim(village, who)
    assert claiming.prove_by_code(claim_id=number, account_id=who, text=code_in(post()), now=NOW)
    return who, number


def state_of(number: int) -> str:
    found = find_claim(number)
    assert found is not None
    return found.state


def say(village: Village, *said: Said) -> None:
    with revision(actor="steward:1", now=NOW, why="test") as draft:
        state(draft, record_id=id_of(village.choir), said=list(said), origin=Origin.STEWARD)
    settle_due(NOW)
