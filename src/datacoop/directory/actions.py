"""Keeping messages to organisations, and settling them. Sends nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

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
    """Keep a message for the steward; to no record means to the cooperative itself. Raises: MessageRefused."""
    problems = rules.problems(sender_name=letter.sender_name, sender_email=letter.sender_email, text=letter.text)
    if problems:
        raise MessageRefused(problems)
    RelayMessage.objects.create(
        record_uid=record_uid,
        sender_name=letter.sender_name,
        sender_email=letter.sender_email,
        text=letter.text,
        language=letter.language,
        created_at=now,
    )


def settle_message(*, number: int, state: str, now: datetime) -> bool:
    """Mark a waiting message passed on or refused, erase who wrote what; False if settled before."""
    waiting = RelayMessage.objects.filter(pk=number, state="waiting")
    erased = {"sender_name": "", "sender_email": "", "text": ""}
    return bool(waiting.update(state=state, settled_at=now, **erased))
