"""Remind clients that have not acknowledged in time what they were to erase, and keep whom to write to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from datacoop.accounts.queries import steward_mailboxes
from datacoop.accounts.rules import plain_email
from datacoop.clients.models import HELD, LATE, Contact, Reminder
from datacoop.clients.wording import LANGUAGES, PHRASES
from datacoop.disclosure.late import Late, list_late
from datacoop.jobs.actions import enqueue
from datacoop.post.mailing import Mail, send
from datacoop.records.actions.revising import take_writers_lock

REMIND, MAIL = "clients.remind", "clients.mail_reminder"
_HERE = ZoneInfo("Europe/Zurich")


class ContactError(ValueError):
    """Nobody can be written to like that; the message says why."""


def check_contact(*, email: str, language: str) -> None:
    """Refuse what nobody can be written to by. Raises: ContactError."""
    if language not in LANGUAGES:
        raise ContactError(f"There is no language “{language}”. Use one of: {', '.join(LANGUAGES)}.")
    name, at, host = plain_email(email).partition("@")
    if not (name and at and "." in host) or any(each.isspace() for each in email.strip()):
        raise ContactError(f"“{email}” is no e-mail address.")


def add_contact(*, agreement: str, email: str, language: str) -> None:
    """Note where a client is written to; once more changes the language. Raises: ContactError."""
    check_contact(email=email, language=language)
    Contact.objects.update_or_create(
        agreement=agreement, email=plain_email(email), defaults={"language": language}
    )  # fmt: skip


def remind(*, now: datetime) -> int:
    """Remind every client that is late, once for each time it is, and once more when something is held back for it.

    A job; return how many reminders were made. Suspended clients are not written to: they find what they owe where they
    acknowledge it.
    """
    return sum(_remind(late, now) for late in list_late(now=now))


def _remind(late: Late, now: datetime) -> bool:
    """What became late after the last reminder of its kind is a new time."""
    step = HELD if late.agreement.held else LATE
    with transaction.atomic():
        take_writers_lock()
        said = Reminder.objects.filter(agreement=late.agreement.uid, step=step, at__gte=late.since)
        if said.exists():
            return False
        made = Reminder.objects.create(agreement=late.agreement.uid, step=step, at=now)
        enqueue(name=MAIL, payload={"reminder": made.pk}, due_at=now, now=now)
    return True


def mail_reminder(*, reminder: int, now: datetime) -> int:
    """Write what a reminder says to the client's contacts, or to the stewards where it gave none. A job.

    Return how many mails left: none where it acknowledged meanwhile.
    """
    made = Reminder.objects.filter(pk=reminder).first()
    late = next((each for each in list_late(now=now) if made and each.agreement.uid == made.agreement), None)
    if made is None or late is None:
        return 0
    count = 0
    for email, language in _readers(made.agreement):
        subject = PHRASES.say(language, f"clients.{made.step}_subject", client=late.agreement.name)
        send(Mail(email, subject, PHRASES.say(language, f"clients.{made.step}", **_told(late)), language))
        count += 1
    return count


def _readers(agreement: str) -> Iterator[tuple[str, str]]:
    contacts = list(Contact.objects.filter(agreement=agreement).order_by("pk").values_list("email", "language"))
    yield from contacts or steward_mailboxes()


def _told(late: Late) -> dict[str, object]:
    """Of the client alone: no name, no number and no property of anybody else."""
    return {
        "client": late.agreement.name,
        "until": _day(late.since),
        "holding": _day(late.held_from),
        "address": f"{settings.DATACOOP_BASE_URL}/api/v1/acknowledgements",
    }


def _day(at: datetime) -> str:
    return f"{at.astimezone(_HERE):%d.%m.%Y, %H:%M}"
