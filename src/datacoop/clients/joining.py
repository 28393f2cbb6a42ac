"""Approved clients join their class: those who show the class anything are told first, and have 14 days to exclude it.

Told once a week at most, of all new clients in one mail, to accounts that may decide; on their own page everybody else.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from datacoop.accounts.queries import deciding_accounts, find_accounts
from datacoop.clients.models import Application
from datacoop.clients.rules import APPROVED, TO_EXCLUDE
from datacoop.clients.wording import LANGUAGES, PHRASES
from datacoop.consent.joining import granted_to, is_waiting
from datacoop.disclosure.joining import join
from datacoop.jobs.actions import enqueue
from datacoop.ledger.actions import append
from datacoop.post.mailing import Mail, send
from datacoop.records.actions.revising import take_writers_lock

TELL, MAIL, JOIN = "clients.tell_of_new", "clients.mail_of_new", "clients.join"
_HERE = ZoneInfo("Europe/Zurich")


def tell_of_new(*, now: datetime) -> int:
    """Tell those concerned of all clients approved since, and return how many accounts are written to. A weekly job.

    From now on the days run; what is not read by mail stands on everybody's own page.
    """
    with transaction.atomic():
        take_writers_lock()
        new = [each for each in _approved().filter(told_at__isnull=True) if is_waiting(each.agreement)]
        accounts = _concerned({each.terms for each in new}, now)
        joins_at = now + TO_EXCLUDE
        for each in new:
            Application.objects.filter(pk=each.pk).update(told_at=now, joins_at=joins_at)
            append(at=now, kind="client.told", payload={"agreement": each.agreement})
        for account in sorted(accounts):
            enqueue(name=MAIL, payload={"account": account}, due_at=now, now=now)
    return len(accounts)


def mail_of_new(*, account: int, now: datetime) -> int:
    """Write one mail to an account of all clients that are about to join; return whether it left. A job.

    Its address and what concerns it are looked up now: whoever shows nothing any more is not written to.
    """
    found = find_accounts([account]).get(account)
    joining = list_joining(now=now)
    concerned = {terms for terms in {each.terms for each in joining} if account in _concerned({terms}, now)}
    new = [each for each in joining if each.terms in concerned]
    if found is None or not new:
        return 0
    language = found.language if found.language in LANGUAGES else LANGUAGES[0]
    line = "clients.joining_line"
    lines = [PHRASES.say(language, line, client=each.name, country=each.country) for each in new]
    day = min(each.joins_at for each in new if each.joins_at)
    text = PHRASES.say(
        language, "clients.joining", lines="\n".join(lines), day=f"{day.astimezone(_HERE):%d.%m.%Y}",
        address=f"{settings.DATACOOP_BASE_URL}/account/",
    )  # fmt: skip
    send(Mail(found.email, PHRASES.say(language, "clients.joining_subject"), text, language))
    return 1


def join_due(*, now: datetime) -> int:
    """Let those join whose days are over. A job; return how many."""
    due = _approved().filter(joins_at__lte=now).order_by("joins_at", "pk")
    return sum(join(agreement=each.agreement, actor="clock", now=now) for each in due if is_waiting(each.agreement))


def list_joining(*, now: datetime) -> list[Application]:
    """Return the clients that those concerned were told of and that have not joined yet, the next to join first."""
    told = _approved().filter(joins_at__gt=now).order_by("joins_at", "name")
    return [each for each in told if is_waiting(each.agreement)]


def _concerned(terms: Collection[str], now: datetime) -> frozenset[int]:
    return deciding_accounts({uid for each in terms for uid in granted_to(each, now=now)}, now=now)


def _approved() -> QuerySet[Application]:
    return Application.objects.filter(state=APPROVED)
