"""Reading where clients are told that something is new, and what of it failed. No secret passes here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from datacoop.feeds.models import Message, Webhook
from datacoop.feeds.rules import DEAD


@dataclass(frozen=True)
class MessageFacts:
    """A message that waits for another attempt at `due_at`, or was given up (`is_dead`)."""

    name: str
    made_at: datetime
    is_dead: bool
    attempts: int
    due_at: datetime
    problem: str
    status: int | None


@dataclass(frozen=True)
class WebhookFacts:
    """The address of one client and how it goes: `messages` are those that did not arrive, the newest first."""

    agreement: str
    address: str
    given_at: datetime
    reached_at: datetime | None
    gone_at: datetime | None
    former_until: datetime | None
    messages: tuple[MessageFacts, ...]


def find_webhook(agreement: str, *, now: datetime) -> WebhookFacts | None:
    """Return where a client is told, None where it gave no address."""
    row = Webhook.objects.filter(agreement=agreement).first()
    return _facts(row, now) if row else None


def list_webhooks(*, now: datetime) -> list[WebhookFacts]:
    """Return all of them, in the order they were given."""
    return [_facts(row, now) for row in Webhook.objects.order_by("pk")]


def _facts(row: Webhook, now: datetime) -> WebhookFacts:
    messages = tuple(map(_message, row.messages.order_by("-pk")))
    former = row.former_until if row.former_until and row.former_until > now else None
    return WebhookFacts(row.agreement, row.address, row.given_at, row.reached_at, row.gone_at, former, messages)


def _message(row: Message) -> MessageFacts:
    is_dead = row.state == DEAD
    return MessageFacts(row.name, row.made_at, is_dead, row.attempts, row.due_at, row.problem, row.status)
