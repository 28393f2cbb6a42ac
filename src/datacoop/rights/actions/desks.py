"""Who was let in to a holder's desk, and by whom: told to those it concerns, and remembered when Send is pressed."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings

from datacoop.accounts.queries import proofs_given, representatives_of
from datacoop.accounts.rules import HOLDER
from datacoop.post.mailing import Mail, send
from datacoop.rights.wording import PHRASES
from datacoop.sources.owning import contacts_of, find_holder

TELL = "rights.tell_of_desk"
#: What a mandate keeps of how it was proven.
_LONGEST = 200


def given_by(actor: str, reason: str) -> str:
    """Return what a right to a desk keeps: who gave it, and why."""
    return f"{actor} {reason}".strip()[:_LONGEST]


def let_in_by(*, holder: uuid.UUID, account_id: int, actor: str) -> bool:
    """Return whether an actor ever let an account in at a holder's desk: the two do not press for both sides."""
    given = proofs_given(account_id=account_id, subject_uid=holder, scope=HOLDER)
    return any(each.partition(" ")[0] == actor for each in given)


def tell_of_desk(*, holder: str, account: int, now: datetime) -> int:
    """Write to whoever else acts for a holder, and to the contact of its lists, that somebody was let in.

    A job: addresses are found now. Return how many mails left. Who was let in is told to nobody by mail.
    """
    found = find_holder(uuid.UUID(holder))
    if found is None:
        return 0
    others = representatives_of(subject_uid=found.uid, scope=HOLDER, now=now)
    readers = {each.email: each.language or "fr" for each in others if each.account_id != account}
    let_in = {each.email for each in others if each.account_id == account}
    readers |= {each: "fr" for each in contacts_of(found.uid) if each not in readers and each not in let_in}
    for email, language in readers.items():
        text = PHRASES.say(
            language, "desk_given.text", holder=found.name, address=f"{settings.DATACOOP_BASE_URL}/write"
        )
        send(Mail(email, PHRASES.say(language, "desk_given.subject", holder=found.name), text, language))
    return len(readers)
