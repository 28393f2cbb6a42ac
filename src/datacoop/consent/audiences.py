"""Making audiences: those that are there before any client, one for each agreement, and versions of terms."""

from __future__ import annotations

from datetime import datetime

from datacoop.consent.hearing import TERMS, WAITING, shipped_terms
from datacoop.consent.models import Audience, Decision
from datacoop.consent.queries import UnknownAudienceError, get_audience
from datacoop.consent.rules import COOPERATORS, PUBLIC
from datacoop.records.actions.revising import revision


def ensure_audiences() -> None:
    """Make the audiences that exist before any client does: public, cooperators and the shipped terms."""
    if Audience.objects.filter(id=PUBLIC).exists():
        return
    Audience.objects.get_or_create(id=PUBLIC, defaults={"key": "public"})
    Audience.objects.get_or_create(id=COOPERATORS, defaults={"key": "cooperators", "parent_id": PUBLIC})
    for name in shipped_terms():
        make_audience(f"{TERMS}:{name}", PUBLIC)


def known_audience(key: str) -> int:
    """Return the number of an audience; those that are there before any client are made when first asked for."""
    try:
        return get_audience(key)
    except UnknownAudienceError:
        ensure_audiences()
        return get_audience(key)


def make_audience(key: str, parent: int, *, heard: int | None = None, opens: str = "") -> Audience:
    """Return the audience of a key, made where it is not there yet. Under the writers' lock."""
    found = Audience.objects.filter(key=key).first()
    if found:
        return found
    last = Audience.objects.order_by("-id").values_list("id", flat=True).first() or 0
    return Audience.objects.create(id=last + 1, key=key, parent_id=parent, heard_id=heard, opens=opens)


def waiting_version(terms: str, *, actor: str, now: datetime) -> int:
    """Return the waiting version of terms: it hears what hides, and nothing that shows.

    The first time, whatever was hidden from the class is compiled for it, in one revision.
    """
    key = f"{WAITING}:{terms}"
    found = Audience.objects.filter(key=key).values_list("id", flat=True).first()
    if found is not None:
        return int(found)
    heard = known_audience(f"{TERMS}:{terms}")
    with revision(actor=actor, now=now, why="waiting version of terms") as draft:
        made = make_audience(key, PUBLIC, heard=heard, opens="[]")
        standing = Decision.objects.filter(audience_id=heard, end_revision__isnull=True, shows=False)
        draft.touch(*standing.values_list("record_id", flat=True).distinct())
    return int(made.id)
