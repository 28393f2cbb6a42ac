"""Messages to an association go on to its address, where one is known: a while after they were written, by a job.

Whoever writes gets the same answer, after the same work, whether or not there is an address; where there is none, the
message stays with the stewards, who saw all of them meanwhile and may have refused it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from datacoop.directory.actions import settle_message
from datacoop.directory.models import RelayMessage
from datacoop.disclosure.own.reaching import relay_address
from datacoop.lib.phrases import Phrases
from datacoop.post.mailing import Mail, send

_PHRASES = Phrases(Path(__file__).with_name("texts"), ("fr", "de", "it", "en"))


def relay(*, now: datetime, message: int) -> None:
    """Send a message that still waits to the association's address; without one it goes on waiting for a steward.

    Raises: what the mail server answers; the job is tried again, and the message stays with the stewards.
    """
    row = RelayMessage.objects.filter(pk=message, state="waiting", record_uid__isnull=False).first()
    if row is None:
        return
    address = relay_address(UUID(str(row.record_uid)))
    if address is None:
        return
    send(_mail(row, address))
    settle_message(number=row.pk, state="passed_on", now=now)


def _mail(row: RelayMessage, address: str) -> Mail:
    language = row.language
    sender = f"{row.sender_name} <{row.sender_email}>" if row.sender_name else row.sender_email
    us = f"{settings.DATACOOP_BASE_URL}/write"
    text = _PHRASES.say(language, "relay.text", sender=sender, message=row.text, us=us)
    return Mail(address, _PHRASES.say(language, "relay.subject"), text, language, reply_to=row.sender_email)
