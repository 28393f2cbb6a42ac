"""The cooperative ends: everybody who can be written to is told of the day, and what they can still do until then.

The day stands in the ledger. Nothing is taken back and nothing erased here.
"""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Told:
    """How many accounts are written to, and the contacts of how many clients; `silent` are clients that have none."""

    accounts: int = 0
    clients: int = 0
    silent: tuple[str, ...] = ()


def check_day(on: date, *, now: datetime) -> bool:
    """Return whether the day is another one than was announced last. Raises: NotAnnounced, where it is too early."""
    before = closing_day()
    if before == on:
        return False
    if on < (now + NOTICE).date():
        raise NotAnnounced(f"People have {NOTICE.days} days: the day is {(now + NOTICE).date()} at the earliest.")
    if before is not None and on < before:
        raise NotAnnounced(f"{before} was announced already; it can only be put off.")
    return True


def announce(*, on: date, actor: str, now: datetime) -> Told:
    """Note the day on which the cooperative ends and tell everybody who can be written to; return who that is.

    The same day once more tells nobody again; another one may only be later. Raises: NotAnnounced.
    """
    with transaction.atomic():
        take_writers_lock()
        if not check_day(on, now=now):
            return Told()
        append(at=now, kind=_ANNOUNCED, payload={"on": on.isoformat(), "actor": actor})
        accounts = list_active()
        clients = [each for each in list_agreements() if not each.suspended]
        mails: list[dict[str, object]] = [{"account": account} for account in accounts]
        # Also a client that has no contact yet: it may be given one before the worker comes to it.
        mails += [{"client": f"{_CLIENT}{each.uid}"} for each in clients]
        for payload in mails:
            enqueue(name=MAIL, payload=payload, due_at=now, now=now)
        silent = tuple(each.name for each in clients if not contacts_of(each.uid))
    return Told(len(accounts), len(clients) - len(silent), silent)


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
