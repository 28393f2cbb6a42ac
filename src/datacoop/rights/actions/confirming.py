"""The yearly question "still correct?": asked in waves, answered without signing in. Silence hides nothing."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction

from datacoop.accounts.queries import list_represented_since, representatives_of
from datacoop.accounts.rules import REPRESENTING
from datacoop.disclosure.own.telling import own_records
from datacoop.jobs.actions import enqueue
from datacoop.kinds.definition import kind as kind_named
from datacoop.post.mailing import Mail, send
from datacoop.records.actions.revising import revision
from datacoop.records.erasers import Erasure
from datacoop.records.rules import id_of
from datacoop.records.tracing import About
from datacoop.rights.actions.answering import Answerer, answer
from datacoop.rights.links import MAIL, Wanted, get_link, make_links, token_of
from datacoop.rights.models.confirmations import Confirmation
from datacoop.rights.rules.answers import NOTHING, Asked, Spoken, chosen
from datacoop.rights.rules.confirmations import EVERY, FIRST_AFTER, PER_DAY
from datacoop.rights.wording import PHRASES

ASK, ASK_ONE = "rights.ask_if_correct", "rights.ask_one_if_correct"


def ask_if_correct(*, now: datetime) -> int:
    """Ask the representatives of some organisations, those asked longest ago first, and return of how many.

    A job, once a day: at most `PER_DAY` organisations, each once a year, never in the first year of its
    representatives, who have just looked at everything.
    """
    represented = {id_of(uid): uid for uid in list_represented_since(now=now, since=now - FIRST_AFTER)}
    known = {row.record_id: row for row in Confirmation.objects.filter(record_id__in=list(represented))}
    fresh = now - EVERY
    due = [
        number
        for number in represented
        if (row := known.get(number)) is None or max(_moments(row), default=fresh) <= fresh
    ]
    due.sort(key=lambda number: (max(_moments(known[number]), default=fresh) if number in known else fresh, number))
    asked = [number for number in due[:PER_DAY] if _ask(represented[number], now)]
    return len(asked)


def ask_one(*, link: int, account: int, now: datetime) -> None:
    """Write to one representative. A job: the address and the name are looked up now, and stand nowhere else.

    Whoever may only correct is not asked whether it is to be hidden.
    """
    found = get_link(link, now=now)
    if found is None:
        return
    written = _representatives(found.subject_uid, now).get(account)
    if written is None:
        return
    language, email = written
    title = next((each.title for each in own_records(found.subject_uid, now=now, proven=True)), "")
    address = f"{settings.DATACOOP_BASE_URL}/still/{token_of(link)}"
    hide = PHRASES.say(language, "still.hide", withdraw=f"{address}/withdraw") + "\n\n" if found.may_decide else ""
    text = PHRASES.say(
        language, "still.text", name=title, correct=f"{address}/correct", change=f"{address}/change", hide=hide
    )
    send(Mail(email, PHRASES.say(language, "still.subject"), text, language))


def confirm_all(*, subject: uuid.UUID, actor: str, now: datetime) -> None:
    """Note that somebody who may say so says that everything said of a subject is correct."""
    with revision(actor=actor, now=now, why="still correct") as draft:
        number = id_of(subject)
        Confirmation.objects.update_or_create(record_id=number, defaults={"confirmed_at": now})
        draft.enter("rights.confirmed", about=[About(number)])


def withdraw_all(*, by: Answerer, now: datetime) -> int:
    """Hide everything said of a subject, with `by.sources` by these lists, as any link may; return the revision."""
    records = own_records(by.subject_uid, now=now, sources=by.sources)
    asked = [
        Asked(r.id, kind_named(r.kind), tuple(Spoken(a, name or None, s) for a, name, s in r.standing)) for r in records
    ]
    return answer(by=by, meaning=chosen(NOTHING, asked, {}), seen=None, now=now)


def forget(erasure: Erasure) -> None:
    """Remove what was asked of whoever is erased; inside the revision."""
    Confirmation.objects.filter(record_id__in=erasure.record_ids).delete()


def _ask(subject: uuid.UUID, now: datetime) -> bool:
    """One link and one mail for each representative, in one transaction: whoever is asked is noted as asked."""
    with transaction.atomic():
        Confirmation.objects.update_or_create(record_id=id_of(subject), defaults={"asked_at": now})
        accounts = sorted(_representatives(subject, now))
        links = make_links([Wanted(subject, MAIL, account_id=each) for each in accounts], now=now)
        for account, link in zip(accounts, links, strict=True):
            enqueue(name=ASK_ONE, payload={"link": link, "account": account}, due_at=now, now=now)
    return bool(accounts)


def _representatives(subject: uuid.UUID, now: datetime) -> dict[int, tuple[str, str]]:
    """Language and address of whoever may act for an organisation, by account."""
    found: dict[int, tuple[str, str]] = {}
    for scope in REPRESENTING:
        for each in representatives_of(subject_uid=subject, scope=scope, now=now):
            found[each.account_id] = (each.language, each.email)
    return found


def _moments(row: Confirmation) -> list[datetime]:
    return [moment for moment in (row.asked_at, row.confirmed_at) if moment is not None]
