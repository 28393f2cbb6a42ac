"""Codes to a subject's own address: made when asked for, mailed by a job that finds address and code again itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings

from datacoop.accounts.codes import make_code, text_of
from datacoop.accounts.proofs import EMAIL_CODE, SHARED_MAILBOX
from datacoop.disclosure.own.reaching import Mailbox, mailboxes_of
from datacoop.jobs.actions import enqueue
from datacoop.portal.catalogue import say
from datacoop.portal.templatetags.portal import language as current_language
from datacoop.post.mailing import Mail, send
from datacoop.rights.rules.notices import is_shared_mailbox

JOB = "portal.send_own_code"
#: What these codes are for.
PURPOSE = "own-page"


@dataclass(frozen=True)
class Own:
    """One mailbox of a subject by its place among them, and what a code sent there proves.

    Nothing of the address is told to whoever proved nothing; `number` tells several apart.
    """

    place: int
    method: str
    number: int | None = None
    is_listed: bool = False
    """A personal one that only lists know, and may know wrongly: whoever reads it is asked for what no mail told."""

    @property
    def is_shared(self) -> bool:
        """Whether several people may read it."""
        return self.method == SHARED_MAILBOX


def own_mailboxes(subject: UUID, sources: Collection[int] | None) -> list[Own]:
    """Return where a code can be sent, with `sources` what those lists know."""
    found = mailboxes_of(subject, sources=sources)
    given = {each.address.lower() for each in mailboxes_of(subject, by_itself=True)}
    several = len(found) > 1
    return [
        Own(place, method := _method(each), place + 1 if several else None,
            is_listed=method == EMAIL_CODE and each.address.lower() not in given)
        for place, each in enumerate(found)
    ]  # fmt: skip


def about(subject: UUID, method: str) -> str:
    """Return what a code is about: a code to a mailbox several read never counts as one to one's own."""
    return f"{subject.hex} {method}"


def send_code_later(subject: UUID, to: Own, *, sources: Collection[int] | None) -> None:
    """Make a code and queue its mail."""
    now = datetime.now(UTC)
    code = make_code(purpose=PURPOSE, about=about(subject, to.method), now=now)
    payload = {
        "subject": str(subject), "place": to.place, "method": to.method, "code": code,
        "language": current_language(), "sources": sorted(sources) if sources is not None else None,
    }  # fmt: skip
    enqueue(name=JOB, payload=payload, due_at=now, now=now)


def send_own_code(
    *, now: datetime, subject: str, place: int, method: str, code: int, language: str, sources: Sequence[int] | None
) -> None:
    """Mail a code that still works, unless the address is no longer there, or no longer what it was taken for."""
    found = mailboxes_of(UUID(subject), sources=sources)
    text = text_of(code, now=now)
    if text is None or place >= len(found) or _method(found[place]) != method:
        return
    service = say(language, "site.name")
    title = say(language, "answer.mail_subject", service=service)
    body = say(language, "answer.mail_text", code=text, service=service, address=settings.DATACOOP_BASE_URL)
    send(Mail(found[place].address, title, body, language))


def _method(mailbox: Mailbox) -> str:
    """A person's own mailbox proves the person; an association's is read by its committee, and proves less."""
    if not mailbox.natural or is_shared_mailbox(mailbox.address, own_domains=mailbox.own_domains):
        return SHARED_MAILBOX
    return EMAIL_CODE
