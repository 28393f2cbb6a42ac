"""A client's contacts are written to where a message to its address was given up: it may know nothing of it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from datacoop.clients.queries import contacts_of
from datacoop.clients.wording import PHRASES
from datacoop.consent.queries import list_agreements
from datacoop.feeds.models import Message
from datacoop.feeds.rules import DEAD
from datacoop.post.mailing import Mail, send

MAIL = "feeds.mail_of_failure"


def mail_of_failure(*, message: int, now: datetime) -> int:
    """Write to a client's contacts that a message was given up, and return how many mails left. A job."""
    found = Message.objects.filter(pk=message, state=DEAD).select_related("webhook").first()
    agreement = found.webhook.agreement if found else ""
    client = next((each.name for each in list_agreements() if each.uid == agreement and not each.suspended), "")
    if found is None or not client:
        return 0
    values = {"client": client, "hook": found.webhook.address}
    values["address"] = f"{settings.DATACOOP_BASE_URL}/clients/{agreement}/webhook"
    contacts = contacts_of(agreement)
    for email, language in contacts:
        subject = PHRASES.say(language, "clients.unreached_subject", client=client)
        send(Mail(email, subject, PHRASES.say(language, "clients.unreached", **values), language))
    return len(contacts)
