"""Applications are approved by two stewards, by one after three days of public notice, or by a vote; or refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from datacoop.accounts.queries import is_one_person, steward_accounts
from datacoop.clients.applying import conditions_of
from datacoop.clients.models import Application, Assent, Contact
from datacoop.clients.queries import facts_of
from datacoop.clients.rules import (
    ANNOUNCED,
    APPROVED,
    LONGEST_ADDRESS,
    LONGEST_REASON,
    LONGEST_VOTE,
    OPEN,
    PUBLIC_NOTICE,
    REFUSED,
)
from datacoop.clients.wording import PHRASES
from datacoop.consent.actions import add_agreement
from datacoop.jobs.actions import enqueue
from datacoop.ledger.actions import append
from datacoop.post.mailing import Mail, send
from datacoop.records.actions.revising import take_writers_lock

APPROVE, MAIL = "clients.approve_announced", "clients.mail_decision"
_CLOCK = "clock"


class NotApprovable(ValueError):
    """It is settled already, or this steward cannot; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The application cannot be settled like that: {code}.")
        self.code = code


@dataclass(frozen=True)
class Vote:
    """A vote of the cooperators: its number, its day, and where it is published (an address)."""

    number: str
    on: date
    address: str


def assent(*, agreement: str, steward: int, now: datetime) -> str:
    """Note that a steward approves, and return the state after it.

    Two different persons approve; where there is one steward only, everybody has three days to speak up. Nobody
    approves of what they asked for themselves. Raises: NotApprovable.
    """
    with transaction.atomic():
        take_writers_lock()
        found = _waiting(agreement)
        if is_one_person(steward, found.applicant):
            raise NotApprovable("own")
        others = [each.steward for each in found.assents.all()]
        if any(is_one_person(steward, each) for each in others):
            raise NotApprovable("twice")
        Assent.objects.create(application=found, steward=steward, at=now)
        _enter("client.assented", found, f"steward:{steward}", now)
        if others:
            return _approve(found, f"steward:{steward}", now)
        if any(not is_one_person(steward, each) for each in steward_accounts()):
            return found.state
        Application.objects.filter(pk=found.pk).update(state=ANNOUNCED, notice_until=now + PUBLIC_NOTICE)
        _enter("client.announced", found, f"steward:{steward}", now)
        return ANNOUNCED


def approve_by_vote(*, agreement: str, vote: Vote, steward: int, now: datetime) -> None:
    """Approve what the cooperators voted for. Raises: NotApprovable."""
    host = urlsplit(vote.address)
    is_address = host.scheme in ("http", "https") and host.hostname and len(vote.address) <= LONGEST_ADDRESS
    if not (vote.number.strip() and len(vote.number) <= LONGEST_VOTE and is_address and vote.on <= now.date()):
        raise NotApprovable("vote")
    with transaction.atomic():
        take_writers_lock()
        found = _waiting(agreement)
        fields = {"vote": vote.number.strip(), "vote_on": vote.on, "vote_at": vote.address}
        Application.objects.filter(pk=found.pk).update(**fields)
        _approve(found, f"steward:{steward}", now, vote=vote.number.strip(), on=vote.on.isoformat(), at=vote.address)


def refuse(*, agreement: str, reason: str, steward: int, now: datetime) -> None:
    """Refuse, with a reason that the client reads. Raises: NotApprovable."""
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise NotApprovable("reason")
    with transaction.atomic():
        take_writers_lock()
        found = _waiting(agreement)
        _settle(found, REFUSED, now, reason=reason.strip())
        _enter("client.refused", found, f"steward:{steward}", now)


def approve_announced(*, now: datetime) -> int:
    """Approve what one steward approved three days ago and nobody refused. A job; return how many."""
    due = Application.objects.filter(state=ANNOUNCED, notice_until__lte=now).order_by("pk")
    return sum(_approve_due(each.agreement, now) for each in due)


def _approve_due(agreement: str, now: datetime) -> bool:
    """Looked at again under the lock: somebody may have refused meanwhile."""
    with transaction.atomic():
        take_writers_lock()
        found = Application.objects.filter(agreement=agreement, state=ANNOUNCED, notice_until__lte=now).first()
        return found is not None and bool(_approve(found, _CLOCK, now))


def mail_decision(*, application: int, now: datetime) -> int:
    """Tell a client's contacts what became of its application; return how many mails left. A job."""
    found = Application.objects.filter(pk=application, state__in=(APPROVED, REFUSED)).first()
    if found is None:
        return 0
    contacts = Contact.objects.filter(agreement=found.agreement).order_by("pk")
    for each in contacts:
        values = {"client": found.name, "reason": found.reason, "address": _address(found.agreement)}
        subject = PHRASES.say(each.language, f"clients.{found.state}_subject", client=found.name)
        text = PHRASES.say(each.language, f"clients.{found.state}", **values)
        send(Mail(each.email, subject, text, each.language))
    return len(contacts)


def _waiting(agreement: str) -> Application:
    found = Application.objects.filter(agreement=agreement, state__in=(OPEN, ANNOUNCED)).first()
    if found is None:
        raise NotApprovable("settled")
    return found


def _approve(found: Application, actor: str, now: datetime, **vote: str) -> str:
    _settle(found, APPROVED, now)
    add_agreement(
        name=found.name, terms=found.terms, actor=actor, now=now, uid=found.agreement, live_only=found.live_only,
        conditions=conditions_of(facts_of(found)),
    )  # fmt: skip
    _enter("client.approved", found, actor, now, **vote)
    return APPROVED


def _settle(found: Application, state: str, now: datetime, **fields: str) -> None:
    Application.objects.filter(pk=found.pk).update(state=state, decided_at=now, **fields)
    enqueue(name=MAIL, payload={"application": found.pk}, due_at=now, now=now)


def _enter(kind: str, found: Application, actor: str, now: datetime, **said: str) -> None:
    append(at=now, kind=kind, payload={"agreement": found.agreement, "actor": actor, **said})


def _address(agreement: str) -> str:
    return f"{settings.DATACOOP_BASE_URL}/clients/{agreement}"
