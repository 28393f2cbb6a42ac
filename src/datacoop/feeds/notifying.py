"""Tell clients that their feed has something new: look once a minute, send, try again for days, give up visibly.

A client is told when its own feed has an item, and only then (law 2): whatever it is not shown makes no message and
moves none. Nothing is sent while somebody waits for an answer: all of it is done by jobs.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from datacoop.disclosure.asking import ask
from datacoop.disclosure.readers import reader_of_agreement
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.feeding import news
from datacoop.feeds.actions import SEND, keys_of, reach
from datacoop.feeds.models import Message, Webhook
from datacoop.feeds.rules import DEAD, MOST_DEAD, PAUSE, WAITING, body_of, headers_of, pause_after
from datacoop.feeds.unreached import MAIL
from datacoop.jobs.actions import enqueue
from datacoop.sources import connecting
from datacoop.sources.connecting import Guard, asked
from datacoop.sources.reaching import FetchFailed, Reach, check_address

LOOK = "feeds.look_for_news"
#: Seconds for one attempt in all, and for each of its steps. Of the answer its status counts; no body is read.
SECONDS, STEP_SECONDS = 15.0, 10.0
_GONE = 410
_FIGURES = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt; `problem` is empty where the message arrived."""

    problem: str = ""
    status: int | None = None
    put_off: timedelta = timedelta()


def look_for_news(*, now: datetime) -> int:
    """Note for each client whose feed has something new that it is to be told. A job, once a minute; return how many.

    One message of a client waits at most, and says all that came since: it fetches everything at once.
    """
    told_before = Q(told_at__isnull=True) | Q(told_at__lte=now - PAUSE)
    due = Webhook.objects.filter(told_before, gone_at__isnull=True).exclude(messages__state=WAITING).order_by("pk")
    return sum(_note(each, now) for each in due)


def _note(webhook: Webhook, now: datetime) -> bool:
    end = _news(webhook.agreement, webhook.position, now)
    if end is None:
        return False
    with transaction.atomic():
        # Whoever looked at the same moment, or gave another address, was first.
        seen = Webhook.objects.filter(pk=webhook.pk, told_at=webhook.told_at, gone_at__isnull=True)
        if not seen.update(position=end, told_at=now):
            return False
        made = Message.objects.create(webhook=webhook, position=webhook.position, made_at=now, due_at=now)
        enqueue(name=SEND, payload={"message": made.pk}, due_at=now, now=now)
    return True


def send_message(*, message: int, now: datetime) -> bool:
    """Try to say one message, and return whether it arrived. A job; what was said already, or waits longer, is let be.

    Whoever was suspended meanwhile is told nothing, nor is anybody whose feed has nothing to fetch any more.
    """
    found = Message.objects.filter(pk=message, state=WAITING, due_at__lte=now).select_related("webhook").first()
    if found is None:
        return False
    if _news(found.webhook.agreement, found.position, now) is None:
        found.delete()
        return False
    body = body_of(found.made_at)
    headers = headers_of(message=found.name, body=body, keys=keys_of(found.webhook, now=now), now=now)
    outcome = post(found.webhook.address, headers, body, reach())
    with transaction.atomic():
        _settle(found, outcome, now)
    return not outcome.problem


def post(address: str, headers: dict[str, str], body: bytes, allowed: Reach) -> Outcome:
    """Send a message to an address that may be anybody's: checked again each time, and no redirect followed."""
    guard = Guard(allowed, time.monotonic() + SECONDS, STEP_SECONDS)
    sent = {"User-Agent": "datacoop", "Content-Type": "application/json", **headers}
    try:
        with asked(check_address(address, allowed), sent, guard, content=body) as response:
            if 200 <= response.status < 300:
                return Outcome()
            return Outcome("status", response.status, _put_off(connecting.headers_of(response)))
    except FetchFailed as failed:
        return Outcome(failed.code)


def _put_off(said: dict[str, str]) -> timedelta:
    """Return how long the receiver asks us to wait, in seconds; a date is let be."""
    asked_for = said.get("retry-after", "").strip()
    return timedelta(seconds=int(asked_for)) if _FIGURES.fullmatch(asked_for) else timedelta()


def _settle(message: Message, outcome: Outcome, now: datetime) -> None:
    """Note what came of an attempt, unless somebody changed the message meanwhile: then that counts."""
    same = Message.objects.filter(pk=message.pk, state=WAITING, due_at=message.due_at)
    attempts = message.attempts + 1
    webhook = Webhook.objects.filter(pk=message.webhook_id, address=message.webhook.address)
    if not outcome.problem:
        same.delete()
        webhook.update(reached_at=now)
        return
    failed = {"attempts": attempts, "problem": outcome.problem, "status": outcome.status}
    chance = secrets.SystemRandom().random()
    pause = pause_after(attempts, put_off=outcome.put_off, chance=chance)
    if outcome.status == _GONE and webhook.update(gone_at=now):
        pause = None
    if pause is None:
        if same.update(state=DEAD, **failed) and outcome.status != _GONE:
            enqueue(name=MAIL, payload={"message": message.pk}, due_at=now, now=now)
        _drop_oldest(message.webhook_id)
    elif same.update(due_at=now + pause, **failed):
        enqueue(name=SEND, payload={"message": message.pk}, due_at=now + pause, now=now)


def _drop_oldest(webhook: int) -> None:
    dead = Message.objects.filter(webhook=webhook, state=DEAD).order_by("-pk")
    Message.objects.filter(pk__in=list(dead.values_list("pk", flat=True)[MOST_DEAD:])).delete()


def _news(agreement: str, position: Sequence[int], now: datetime) -> list[int] | None:
    """Return where the client's feed ends if it has anything after a position. None for whoever reads no feed now."""

    def looked(reading: Reading) -> list[int] | None:
        reader = reader_of_agreement(reading, agreement)
        if reader is None or reader.live_only:
            return None
        end = news(reading, reader, position)
        return list(end) if end is not None else None

    return ask(looked, now=now)
