"""Whether nobody but the one it is for reads a message, and its theme tells nothing: for mail and page alike."""

from __future__ import annotations

from collections.abc import Collection

from datacoop.disclosure.own.notifying import Reach, reach
from datacoop.records.rules import id_of
from datacoop.rights.links import MAIL, SHARED, LinkFacts
from datacoop.rights.rules.notices import is_shared_mailbox


def channel_of(reach: Reach) -> str:
    """Return how a link travels to a subject by mail: to itself, or to a mailbox that several read."""
    if not reach.natural or not reach.email:
        return SHARED
    return SHARED if is_shared_mailbox(reach.email, own_domains=reach.own_domains) else MAIL


def is_safe(reach: Reach) -> bool:
    """Return whether more may be told than that a list speaks of whoever reads this."""
    return not reach.is_sensitive and (not reach.natural or channel_of(reach) == MAIL)


def is_safe_page(link: LinkFacts, *, sources: Collection[int]) -> bool:
    """Return whether the page behind a link may tell as much as a safe message: of what these lists say now.

    A link made for a mailbox that several read stays one; where no list says anything, nothing is safe.
    """
    subject = id_of(link.subject_uid)
    known = reach([subject], holder=link.subject_uid, sources=sources).get(subject)
    return known is not None and is_safe(known) and not (known.natural and link.channel == SHARED)
