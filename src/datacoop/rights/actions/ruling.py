"""What a steward decides for somebody: hides for anybody, shows for organisations alone that never spoke themselves.

No steward makes a person visible, however many buttons they press: that is the person's own word (law 6), entered
from a letter or a call in `entering` and confirmed by a second letter. Whoever it is about is told.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from datacoop.accounts.queries import list_representing
from datacoop.consent.actions import DecisionError, Wish, decide_in
from datacoop.consent.minors import is_person, minor_until
from datacoop.consent.rules import DecisionContext
from datacoop.consent.speaking import concerns_person, has_spoken, subject_uids
from datacoop.disclosure.own.reaching import mailboxes_of
from datacoop.disclosure.own.subjects import group_of
from datacoop.jobs.actions import enqueue
from datacoop.post.mailing import Mail, send
from datacoop.records.actions.revising import revision
from datacoop.rights.actions.asking_persons import way_to
from datacoop.rights.links import Wanted, make_links, token_of
from datacoop.rights.models.notices import Notice
from datacoop.rights.rules.notices import is_shared_mailbox
from datacoop.rights.wording import PHRASES

TELL = "rights.tell_of_ruling"


class NotForStewards(DecisionError):
    """It would show more of a person, or of somebody who has spoken: only they do that."""


class HowMissing(DecisionError):
    """It is not said how the steward learnt what the subject wants."""


def rule(*, uid: uuid.UUID, wish: Wish, how: str, actor: str, now: datetime) -> int:
    """Record what a steward decides, tell the subject by mail where an address is known, and return the revision.

    Whether it may be shown is found under the writers' lock: a subject that speaks at the same moment is heard.

    Raises: NotForStewards; HowMissing; DecisionError; UnknownAudienceError.
    """
    if not how.strip():
        raise HowMissing("Say how you learnt what the subject wants.")
    with revision(actor=actor, now=now, why="decision") as draft:
        if wish.shows and (concerns_person(uid) or has_spoken(uid)):
            raise NotForStewards("A steward does not show what is said of a person, or of somebody who has spoken.")
        decide_in(draft, uid=uid, wish=wish, reason=how.strip(), context=DecisionContext(capacity="steward"))
        enqueue(name=TELL, payload={"uid": str(uid)}, due_at=now, now=now)
    return draft.number


def tell_of_ruling(*, uid: str, now: datetime) -> int:
    """Write to whoever a steward decided about, and return how many mails left. A job: addresses are found now.

    A person gets a link of their own. No mail tells what was decided, nor about whom: the page does.
    """
    return _write(uuid.UUID(uid), "ruled", now)


def tell_of_code(*, uid: str, now: datetime) -> int:
    """Write to whoever a letter's code showed more of, where another way to them is known; return how many mails left.

    Somebody else may have held the letter: who prints it, or takes it out of a letter-box.
    """
    return _write(uuid.UUID(uid), "coded", now)


def _write(uid: uuid.UUID, about: str, now: datetime) -> int:
    readers = readers_of(uid, now)
    for each in readers:
        text = PHRASES.say(each.language, f"{about}.{each.text}", address=each.page)
        send(Mail(each.email, PHRASES.say(each.language, f"{about}.subject"), text, each.language))
    return len(readers)


@dataclass(frozen=True)
class Reader:
    """Who is written to, in which language, and the page that the mail leads to."""

    email: str
    language: str
    page: str
    text: str = "text"


def readers_of(uid: uuid.UUID, now: datetime) -> list[Reader]:
    """Return whoever a record is about, whatever they do in it: their own record, a function, an offer."""
    group = subject_uids(uid)
    for person in sorted(group):
        if is_person(person) and (reader := _person(person, now)) is not None:
            return [reader]
    if concerns_person(uid):
        return []
    page = f"{settings.DATACOOP_BASE_URL}/account/"
    known = list_representing(group, now=now)
    if known:
        return [Reader(each.email, each.language or "fr", page) for each in known]
    # Also where the address has just been hidden: what is said of it is theirs.
    found = mailboxes_of(uid)[:1]
    return [Reader(each.address, "fr", f"{settings.DATACOOP_BASE_URL}/write") for each in found]


def _person(person: uuid.UUID, now: datetime) -> Reader | None:
    """Return how a person is told: with a link where they are known to read there, else without one.

    Whom only a list knows may not be who reads that mailbox, and was perhaps told of nothing yet: such a mail leads to
    no page of theirs and names nothing; one that several read gets none at all, nor does a child's.
    """
    if (way := way_to(person, now=now)) is not None:
        about = way.parts[0]
        with transaction.atomic():
            (link,) = make_links([Wanted(person, about.channel, about.notice_id)], now=now)
        return Reader(way.email, way.languages[0], f"{settings.DATACOOP_BASE_URL}/n/{token_of(link)}")
    wants_none = Notice.objects.filter(subject_id__in=group_of(person), quiet_at__isnull=False).exists()
    if wants_none or minor_until(person) is not None:
        return None
    own = (each for each in mailboxes_of(person) if not is_shared_mailbox(each.address, own_domains=each.own_domains))
    found = next(own, None)
    return Reader(found.address, "fr", f"{settings.DATACOOP_BASE_URL}/write", "text_of_lists") if found else None
