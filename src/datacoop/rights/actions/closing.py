"""The cooperative ends: everybody who can be written to is told of the day, and what they can still do until then.

The day stands in the ledger. Nothing is taken back and nothing erased here.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from datacoop.accounts.queries import find_accounts, list_active
from datacoop.charter.controller import controller
from datacoop.clients.queries import contacts_of
from datacoop.consent.queries import list_agreements
from datacoop.jobs.actions import enqueue
from datacoop.ledger.actions import append
from datacoop.ledger.queries import last_of
from datacoop.post.mailing import Mail, send
from datacoop.records.actions.revising import take_writers_lock
from datacoop.rights.wording import LANGUAGES, PHRASES

MAIL = "rights.mail_closing"
#: So long everybody has to take away what is theirs.
NOTICE = timedelta(days=30)
_ANNOUNCED, _CLIENT = "cooperative.closing", "agreement:"


class NotAnnounced(ValueError):
    """The day cannot be that one; the message says why."""


def closing_day() -> date | None:
    """Return the day that was announced last, None where none was."""
    found = last_of(_ANNOUNCED)
    return date.fromisoformat(str(found.payload["on"])) if found else None


def announce(*, on: date, actor: str, now: datetime) -> int:
    """Note the day on which the cooperative ends and tell everybody who can be written to; return how many.

    The same day once more tells nobody again; another one may only be later. Raises: NotAnnounced.
    """
    with transaction.atomic():
        take_writers_lock()
        before = closing_day()
        if before == on:
            return 0
        if on < (now + NOTICE).date():
            raise NotAnnounced(f"People have {NOTICE.days} days: the day is {(now + NOTICE).date()} at the earliest.")
        if before is not None and on < before:
            raise NotAnnounced(f"{before} was announced already; it can only be put off.")
        append(at=now, kind=_ANNOUNCED, payload={"on": on.isoformat(), "actor": actor})
        told: list[dict[str, object]] = [{"account": account} for account in list_active()]
        told += [{"client": f"{_CLIENT}{each.uid}"} for each in list_agreements() if not each.suspended]
        for payload in told:
            enqueue(name=MAIL, payload=payload, due_at=now, now=now)
    return len(told)


def mail_closing(*, now: datetime, account: int | None = None, client: str = "") -> int:
    """Write to one account, or to the contacts of one client, of the day that holds now. A job; how many mails left."""
    day = closing_day()
    found = find_accounts([account]).get(account) if account is not None else None
    readers = [(found.email, found.language)] if found else contacts_of(client.removeprefix(_CLIENT))
    if day is None or day < now.date():
        return 0
    about = "account" if account is not None else "client"
    for email, spoken in readers:
        language = spoken if spoken in LANGUAGES else LANGUAGES[0]
        values = {
            "who": controller().name,
            "day": f"{day:%d.%m.%Y}",
            "address": f"{settings.DATACOOP_BASE_URL}/account/",
        }
        subject = PHRASES.say(language, "closing.subject", who=values["who"])
        send(Mail(email, subject, PHRASES.say(language, f"closing.{about}", **values), language))
    return len(readers)
