"""Keeping messages to organisations, and settling them. Sends nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from datacoop.jobs.actions import enqueue
from datacoop.records.recognising import Traits

from . import rules
from .models import RelayMessage


@dataclass(frozen=True)
class Letter:
    """What a visitor wrote; checked by `rules.problems` before."""

    sender_name: str
    sender_email: str
    text: str
    language: str


class MessageRefused(Exception):
    """The message cannot be kept; `problems` names the fields."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("The message is not complete.")
        self.problems = problems


def keep_message(*, record_uid: UUID | None, letter: Letter, now: datetime) -> None:
    """Keep a message; to no record means to the cooperative itself. Raises: MessageRefused.

    A while later it goes on to the record's address (`relaying`), known or not: until then, and without one, it waits
    for a steward. The same is done for all.
    """
    problems = rules.problems(sender_name=letter.sender_name, sender_email=letter.sender_email, text=letter.text)
    if problems:
        raise MessageRefused(problems)
    with transaction.atomic():
        kept = RelayMessage.objects.create(
            record_uid=record_uid,
            sender_name=letter.sender_name,
            sender_email=letter.sender_email,
            text=letter.text,
            language=letter.language,
            created_at=now,
        )
        if record_uid is not None:
            enqueue(name=rules.RELAY, payload={"message": kept.pk}, due_at=now + rules.HELD_FOR, now=now)


def settle_message(*, number: int, state: str, now: datetime) -> bool:
    """Mark a waiting message passed on or refused, erase who wrote what; False if settled before."""
    waiting = RelayMessage.objects.filter(pk=number, state="waiting")
    erased = {"sender_name": "", "sender_email": "", "text": ""}
    return bool(waiting.update(state=state, settled_at=now, **erased))


def forget(*, record_uids: Collection[UUID]) -> int:
    """Remove the messages to records that are erased, settled ones too; returns how many."""
    return RelayMessage.objects.filter(record_uid__in=list(record_uids)).delete()[0]


def forget_naming(traits: Traits) -> int:
    """Remove the messages that somebody of these traits wrote or stands in, whoever they went to; returns how many."""
    kept = RelayMessage.objects.exclude(text="", sender_name="", sender_email="")
    found = [m.pk for m in kept.iterator() if traits.stand_in((m.sender_name, m.sender_email, m.text))]
    return RelayMessage.objects.filter(pk__in=found).delete()[0]
