"""A client says where it is told that its feed has something new: give, change, sign anew, stop, say once more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from datacoop.accounts.rules import LONGEST_OVERLAP, OVERLAP
from datacoop.disclosure.asking import ask
from datacoop.disclosure.readers import reader_of_agreement
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.feeding import feed_position
from datacoop.feeds.models import Message, Webhook
from datacoop.feeds.rules import DEAD, LONGEST_ADDRESS, PAUSE, WAITING, new_secret
from datacoop.jobs.actions import enqueue
from datacoop.ledger.actions import append
from datacoop.records.actions.revising import take_writers_lock
from datacoop.records.sealing import opened, sealed
from datacoop.sources.connecting import addresses_of
from datacoop.sources.reaching import FetchFailed, Reach, check_address

SEND = "feeds.send_message"


class WebhookRefused(ValueError):
    """It cannot be done; `code` says why: one of `sources.reaching`, or of those below."""

    def __init__(self, code: str) -> None:
        super().__init__(f"{_MEANINGS.get(code, 'The address cannot be used')} ({code}).")
        self.code = code


_MEANINGS = {
    "not-https": "The address must begin with https://",
    "characters": "The address contains characters that cannot be seen, such as a line break: write it anew",
    "fragment": "The address must not contain a # and what follows it: that is never sent to a server",
    "too-long": f"The address must have {LONGEST_ADDRESS} characters at most",
    "no-feed": "There is no such client, it is suspended, or it keeps nothing and has no feed",
    "none": "This client gave no address, or no such message was given up",
    "address-private": "The address leads into a private network",
}


def reach() -> Reach:
    """Return what may be reached: the public web, and the hosts that the operator named for this."""
    return Reach(settings.DATACOOP_WEBHOOK_HOSTS)


def give_address(*, agreement: str, address: str, actor: str, now: datetime) -> str | None:
    """Let a client be told at an address from now on; return the secret to check messages by where it is the first.

    Another address is told with the same secret, also what waits. Raises: WebhookRefused.
    """
    plain = _checked(address)
    position = _feed_end(agreement, now)
    with transaction.atomic():
        take_writers_lock()
        found = Webhook.objects.filter(agreement=agreement).first()
        secret = None if found else new_secret()
        if found is None:
            found = Webhook.objects.create(
                agreement=agreement, address=plain, secret=sealed(secret or "", about=_about(agreement)),
                position=position, given_at=now,
            )  # fmt: skip
        else:
            Webhook.objects.filter(pk=found.pk).update(address=plain, given_at=now, gone_at=None)
            # Whoever gives one address after the other makes us knock at doors once a minute, as everybody does.
            for each in found.messages.filter(state=WAITING):
                _try_at(each, max(now, found.given_at + PAUSE), now)
        _enter("given", agreement, actor, now)
    return secret


def rotate_secret(*, agreement: str, actor: str, now: datetime, overlap: timedelta = OVERLAP) -> str:
    """Give a client a new secret; until the overlap is over messages are signed with the one before, too.

    Without overlap the old one ends at once: somebody has seen it. Raises: WebhookRefused.
    """
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise ValueError(f"The old secret may count for 0 to {LONGEST_OVERLAP.days} days more.")
    secret = new_secret()
    with transaction.atomic():
        take_writers_lock()
        found = _found(agreement)
        Webhook.objects.filter(pk=found.pk).update(
            secret=sealed(secret, about=_about(agreement)),
            former_secret=found.secret if overlap else None,
            former_until=now + overlap if overlap else None,
        )
        _enter("signed_anew", agreement, actor, now)
    return secret


def remove_address(*, agreement: str, actor: str, now: datetime) -> None:
    """Tell a client nothing any more, and forget its secret and what it was not told. Raises: WebhookRefused."""
    with transaction.atomic():
        take_writers_lock()
        _found(agreement).delete()
        _enter("removed", agreement, actor, now)


def say_again(*, agreement: str, now: datetime, message: str = "") -> int:
    """Try again what was given up, one message or all of a client's, and return how many will be.

    Of several that were given up the newest is said: it says all that the others did. Raises: WebhookRefused.
    """
    with transaction.atomic():
        take_writers_lock()
        found = _found(agreement)
        dead = [each for each in found.messages.filter(state=DEAD).order_by("pk") if message in {"", each.name}]
        if not dead or found.gone_at is not None:
            raise WebhookRefused("none")
        if found.messages.filter(state=WAITING).exists():
            # One waits already, and says as much.
            Message.objects.filter(pk__in=[each.pk for each in dead]).delete()
            return 0
        *others, last = dead
        Message.objects.filter(pk__in=[each.pk for each in others]).delete()
        Message.objects.filter(pk=last.pk).update(state=WAITING, position=dead[0].position)
        _try_at(last, now, now)
    return 1


def keys_of(webhook: Webhook, *, now: datetime) -> Iterator[str]:
    """Yield the secrets that a message is signed with now, the newest first. For the sender alone."""
    yield opened(bytes(webhook.secret), about=_about(webhook.agreement))
    if webhook.former_secret is not None and webhook.former_until is not None and webhook.former_until > now:
        yield opened(bytes(webhook.former_secret), about=_about(webhook.agreement))


def _try_at(message: Message, due_at: datetime, now: datetime) -> None:
    Message.objects.filter(pk=message.pk).update(attempts=0, due_at=due_at)
    enqueue(name=SEND, payload={"message": message.pk}, due_at=due_at, now=now)


def _checked(address: str) -> str:
    """Raises: WebhookRefused."""
    if len(address.strip()) > LONGEST_ADDRESS:
        raise WebhookRefused("too-long")
    # Left out in silence, they would make another address of it than the one that was given.
    if not address.strip().isprintable():
        raise WebhookRefused("characters")
    if "#" in address:
        raise WebhookRefused("fragment")
    try:
        plain = check_address(address, reach())
    except FetchFailed as failed:
        raise WebhookRefused(failed.code) from failed
    parts = urlsplit(plain)
    host, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}[parts.scheme]
    # Inside the operator's own network a certificate may be too much to ask for.
    if parts.scheme != "https" and not reach().allows(host, port):
        raise WebhookRefused("not-https")
    if len(plain) > LONGEST_ADDRESS:
        raise WebhookRefused("too-long")
    _check_where_it_leads(host, port)
    return plain


def _check_where_it_leads(host: str, port: int) -> None:
    """Raises: WebhookRefused, where a name leads into a private network now; every attempt looks again."""
    try:
        addresses_of(host, port, reach())
    except FetchFailed as failed:
        # A name that nobody knows may be entered tomorrow.
        if failed.code == "address-private":
            raise WebhookRefused(failed.code) from failed


def _feed_end(agreement: str, now: datetime) -> list[int]:
    """Raises: WebhookRefused, Due."""

    def asked(reading: Reading) -> list[int] | None:
        reader = reader_of_agreement(reading, agreement)
        return list(feed_position(reading, reader)) if reader is not None and not reader.live_only else None

    position = ask(asked, now=now)
    if position is None:
        raise WebhookRefused("no-feed")
    return position


def _found(agreement: str) -> Webhook:
    found = Webhook.objects.filter(agreement=agreement).first()
    if found is None:
        raise WebhookRefused("none")
    return found


def _about(agreement: str) -> str:
    return f"webhook {agreement}"


def _enter(step: str, agreement: str, actor: str, now: datetime) -> None:
    append(at=now, kind=f"webhook.{step}", payload={"agreement": agreement, "actor": actor})
