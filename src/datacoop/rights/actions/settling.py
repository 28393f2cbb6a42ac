"""What stewards do about a request: carry it out, take longer once and say why, or refuse it and say why.

Whoever asked is written to where a personal address is known: a job that holds the request's number finds the address
and makes the text when it runs. Of an erasure the mail goes first, because afterwards there is no address.
"""

from __future__ import annotations

import smtplib
from datetime import datetime

from datacoop.accounts.queries import address_of
from datacoop.disclosure.own.reaching import personal_address
from datacoop.jobs.actions import enqueue
from datacoop.post.mailing import Mail, send
from datacoop.records.actions.revising import revision
from datacoop.records.sealing import sealed
from datacoop.records.tracing import About
from datacoop.rights.actions.requesting import Erased, erase_for
from datacoop.rights.models.requests import Request
from datacoop.rights.queries.requests import SEALED_FOR, RequestFacts, find_request
from datacoop.rights.rules.notices import is_shared_mailbox
from datacoop.rights.rules.requests import DONE, ERASE, GROUNDS, LATER, RECEIVED, REFUSED, later_due
from datacoop.rights.wording import PHRASES

JOB = "rights.tell_settled"
LONGEST_REPLY = 2000


class NotOpen(Exception):
    """The request is settled, erased, or was never made."""


class ReasonNeeded(ValueError):
    """A request is refused, or takes longer, for one of the reasons there are."""


class ExtendedAlready(Exception):
    """It may take longer once only (GDPR 12(3))."""


def carry_out(*, request_id: int, actor: str, now: datetime, reply: str = "") -> Erased | None:
    """Settle a request as done; an erasure is carried out here and now, and what it reached returned.

    Raises: NotOpen.
    """
    found = _open(request_id)
    if found.kind == ERASE and found.subject_id is not None:
        tell_settled(now=now, request=request_id, done=True)
        return erase_for(subject_ids=[found.subject_id], actor=actor, now=now)
    _settle(found, DONE, "", reply, actor, now)
    return None


def refuse(*, request_id: int, because: str, actor: str, now: datetime, reply: str = "") -> None:
    """Refuse a request, saying why. What was restricted meanwhile stays so until its subject takes that back.

    Raises: NotOpen; ReasonNeeded without one of `rules.requests.GROUNDS`.
    """
    if because not in GROUNDS:
        raise ReasonNeeded(f"A request is refused because of one of: {', '.join(GROUNDS)}.")
    _settle(_open(request_id), REFUSED, because, reply, actor, now)


def extend(*, request_id: int, because: str, actor: str, now: datetime) -> datetime:
    """Take two months longer, once, saying why, and return when it is owed then.

    Raises: NotOpen, ExtendedAlready; ReasonNeeded without one of `rules.requests.LATER`.
    """
    if because not in LATER:
        raise ReasonNeeded(f"A request takes longer because of one of: {', '.join(LATER)}.")
    found = _open(request_id)
    with revision(actor=actor, now=now, why="request extended") as draft:
        rows = Request.objects.filter(pk=request_id, state=RECEIVED, extended_at__isnull=True)
        due = later_due(found.due_at)
        if not rows.update(extended_at=now, later_because=because, due_at=due):
            raise ExtendedAlready("It was extended before.")
        draft.enter("rights.extended", about=_about(found), right=found.kind, because=because)
        enqueue(name=JOB, payload={"request": request_id}, due_at=now, now=now)
    return due


def tell_settled(*, now: datetime, request: int, done: bool = False) -> bool:
    """Write to whoever asked what came of it; False where no personal address is known. A job, and repeatable.

    `done`: what is written before an erasure. Raises: what the mail server answers, but not for an erasure.
    """
    found = find_request(request)
    address = _address(found, now) if found else None
    if found is None or address is None:
        return False
    try:
        send(_mail(found, address, erased=done))
    except (smtplib.SMTPException, OSError):
        if not done:
            raise
        return False
    return True


def _settle(found: RequestFacts, state: str, because: str, reply: str, actor: str, now: datetime) -> None:
    with revision(actor=actor, now=now, why=f"request {state}") as draft:
        changed = Request.objects.filter(pk=found.id, state=RECEIVED).update(
            state=state,
            refused_because=because,
            settled_by=actor,
            settled_at=now,
            reply=sealed(reply.strip()[:LONGEST_REPLY], about=SEALED_FOR),
        )
        if not changed:
            raise NotOpen("It was settled meanwhile.")
        draft.enter("rights.settled", about=_about(found), right=found.kind, state=state, because=because)
        enqueue(name=JOB, payload={"request": found.id}, due_at=now, now=now)


def _open(request_id: int) -> RequestFacts:
    found = find_request(request_id)
    if found is None or not found.is_open:
        raise NotOpen("There is no such open request.")
    return found


def _about(found: RequestFacts) -> list[About]:
    return [About(found.subject_id)] if found.subject_id is not None else []


def _address(found: RequestFacts, now: datetime) -> str | None:
    """The account that asked, else the person's own address: never a mailbox that several people read."""
    who, _, number = found.asked_by.partition(":")
    if who == "account" and number.isdigit():
        return address_of(int(number))
    if found.subject_uid is None:
        return None
    address = personal_address(found.subject_uid)
    return None if address is None or is_shared_mailbox(address) else address


def _mail(found: RequestFacts, address: str, *, erased: bool) -> Mail:
    spoken = found.language or "fr"
    what = PHRASES.say(spoken, f"requests.what_{found.kind}")
    came = "erased" if erased else found.state if found.state != RECEIVED else "later"
    because = found.refused_because or (found.later_because if came == "later" else "")
    parts = [PHRASES.say(spoken, f"requests.{came}", what=what, day=f"{found.due_at:%d.%m.%Y}")]
    if because and not erased:
        parts.append(PHRASES.say(spoken, f"requests.because_{because}"))
    if found.reply:
        parts.append(found.reply)
    if came == REFUSED:
        parts.append(PHRASES.say(spoken, "requests.authority"))
    subject = PHRASES.say(spoken, "requests.subject")
    return Mail(address, subject, "\n\n".join([PHRASES.say(spoken, "requests.hello"), *parts]), spoken)
