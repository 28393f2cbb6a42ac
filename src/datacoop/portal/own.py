"""Who asks at a subject's own pages (`/my/UID/…`): somebody with a link, with a proof, or with a mandate.

A link tells what its notice concerns, masked, and narrows. A proof or a mandate opens everything. Strangers, and
everybody at the address of nobody, get one and the same page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache

from datacoop.accounts import proofs
from datacoop.accounts.rules import DECIDE, EDIT, FRESH, GUARDIAN, SELF
from datacoop.consent.speaking import speaks_for
from datacoop.portal.entrance import is_fresh
from datacoop.portal.freshness import to_prove
from datacoop.portal.pages import View, busy, is_signed_in, page
from datacoop.portal.templatetags.portal import language
from datacoop.rights.actions.answering import Answerer
from datacoop.rights.links import LETTER, LinkFacts, get_link
from datacoop.rights.queries.notices import find_notice
from datacoop.rights.rules.answers import MANDATE, may_widen
from datacoop.sources.spoken import lists_of

#: How long an opened link lets somebody in without being opened again.
OPEN_FOR = timedelta(hours=2)
_LINKS = "links"


@dataclass(frozen=True)
class Visitor:
    """Who asks, about whom, and how far they may go. `sources`: a link concerns what these lists say, None all.

    `may_decide` is False for whoever may only correct (a mandate to edit, or a link sent to one who has it).
    """

    subject: UUID
    actor: str
    proof: str | None = None
    sources: frozenset[int] | None = None
    capacity: str = "subject"
    link: LinkFacts | None = None
    may_decide: bool = True

    @property
    def is_proven(self) -> bool:
        """Whether values are shown in full, and more may be shown to others."""
        return may_widen(self.proof)

    @property
    def can_leave(self) -> bool:
        """Whether they came by a link or a code: whoever has an account signs out instead."""
        return self.proof != MANDATE

    @property
    def address(self) -> str:
        """Where the subject's pages stand."""
        return f"/my/{self.subject}"

    def answerer(self) -> Answerer:
        """Return as what they answer, in the language of the page."""
        notice = find_notice(self.link.notice_id) if self.link and self.link.notice_id else None
        version = f"notice {notice.text_version}" if notice and notice.text_version else ""
        return Answerer(
            self.subject, self.actor, self.proof, self.sources, self.capacity, language(), version,
            notice.text_sha256 if notice else "",
        )  # fmt: skip


def open_link(request: HttpRequest, link: LinkFacts, *, now: datetime) -> None:
    """Let this session in by a link; a letter's code, typed, proves that the letter was received.

    It proves nothing from an account that was handed the letter to post it.
    """
    kept = dict(request.session.get(_LINKS) or {})
    kept[link.subject_uid.hex] = [link.id, now.isoformat()]
    request.session[_LINKS] = kept
    if link.by_code and link.channel == LETTER and not link.was_held_by(request.user.pk):
        proofs.record(request, link.subject_uid, proofs.LETTER_CODE, now)


def visitor_of(request: HttpRequest, subject: UUID, *, now: datetime) -> Visitor | None:
    """Return who asks, None for a stranger: by mandate, else by proof, else by link."""
    found = _by_mandate(request, subject, now)
    if found is not None:
        return found
    link = _link_of(request, subject, now)
    proof = proofs.proven(request, subject, now=now)
    if link is None and (proof is None or not may_widen(proof)):
        return None
    if may_widen(proof):
        return Visitor(subject, f"link:{link.id}" if link else "proof", proof, None, "subject", link)
    assert link is not None
    return Visitor(subject, f"link:{link.id}", proof, sources_of_link(link), "subject", link, link.may_decide)


def for_subject(view: Callable[..., HttpResponseBase]) -> View:
    """Let in whoever may ask about the subject in the address; the view gets the `Visitor` in its place."""

    @wraps(view)
    def guarded(request: HttpRequest, subject: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
        visitor = visitor_of(request, subject, now=datetime.now(UTC))
        if visitor is None:
            return page(request, "own/closed", {"back": request.path}, status=403)
        return view(request, visitor, *args, **kwargs)

    return never_cache(busy(guarded))


def proven_only(view: Callable[..., HttpResponseBase]) -> View:
    """Let in whoever proved who they are; others are sent to prove it, and come back."""

    @wraps(view)
    def guarded(request: HttpRequest, visitor: Visitor, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not visitor.is_proven:
            return page(request, "own/prove_first", {"visitor": visitor, "back": request.path}, status=403)
        return view(request, visitor, *args, **kwargs)

    return for_subject(guarded)


def is_recent(request: HttpRequest, visitor: Visitor) -> bool:
    """Return whether they proved within ten minutes who they are, by a code or, signed in, as for a step-up."""
    if visitor.proof == MANDATE:
        return is_fresh(request)
    return may_widen(proofs.proven(request, visitor.subject, now=datetime.now(UTC), within=FRESH))


def recently_proven(view: Callable[..., HttpResponseBase]) -> View:
    """Let in whoever proved it a moment ago, for what nothing brings back: a session left open is not enough."""

    @wraps(view)
    def guarded(request: HttpRequest, visitor: Visitor, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_recent(request, visitor):
            return view(request, visitor, *args, **kwargs)
        if visitor.proof == MANDATE:
            return to_prove(request.path)
        values = {"visitor": visitor, "back": request.path, "is_again": True}
        return page(request, "own/prove_first", values, status=403)

    return proven_only(guarded)


def deciding_only(view: Callable[..., HttpResponseBase]) -> View:
    """Let in whoever may decide; who may only correct is told so."""

    @wraps(view)
    def guarded(request: HttpRequest, visitor: Visitor, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not visitor.may_decide:
            return page(request, "own/may_not", {"visitor": visitor}, status=403)
        return view(request, visitor, *args, **kwargs)

    return for_subject(guarded)


def _by_mandate(request: HttpRequest, subject: UUID, now: datetime) -> Visitor | None:
    if not is_signed_in(request) or not request.user.pk:
        return None
    account = int(request.user.pk)
    for scope, capacity in ((SELF, "subject"), (GUARDIAN, "guardian"), (DECIDE, "representative")):
        if speaks_for(account_id=account, uid=subject, now=now, scope=scope):
            return Visitor(subject, f"account:{account}", MANDATE, None, capacity)
    if speaks_for(account_id=account, uid=subject, now=now, scope=EDIT):
        return Visitor(subject, f"account:{account}", MANDATE, None, "representative", may_decide=False)
    return None


def _link_of(request: HttpRequest, subject: UUID, now: datetime) -> LinkFacts | None:
    kept = (request.session.get(_LINKS) or {}).get(subject.hex)
    if not kept or not timedelta(0) <= now - datetime.fromisoformat(kept[1]) < OPEN_FOR:
        return None
    return get_link(int(kept[0]), now=now)


def sources_of_link(link: LinkFacts) -> frozenset[int] | None:
    """Return the lists that a link concerns, None where it concerns everything said of its subject."""
    notice = find_notice(link.notice_id) if link.notice_id else None
    return frozenset(lists_of(notice.holder_uid)) if notice else None
