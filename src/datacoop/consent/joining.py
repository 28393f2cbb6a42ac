"""A client that waited joins its class: its agreement hangs under the version of the terms that it signed.

Facts alone, under the caller's writers' lock; what is compiled for it is seen to one room above.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from datacoop.consent.audiences import known_audience, make_audience
from datacoop.consent.conditions import version_key
from datacoop.consent.hearing import TERMS, VERSION
from datacoop.consent.models import Agreement, Audience, Decision
from datacoop.consent.queries import get_audience
from datacoop.consent.rules import PUBLIC
from datacoop.ledger.actions import append
from datacoop.records.queries import subjects_of, uids_of

_PART = 200


def is_waiting(agreement: str) -> bool:
    """Return whether a running agreement has not joined its class yet."""
    waiting = Agreement.objects.filter(uid=agreement, waited__isnull=False, joined_at__isnull=True)
    return waiting.filter(suspended_at__isnull=True).exists()


def make_version(agreement: str) -> tuple[int, int]:
    """Return (the class, the version of its terms that this client signed), made where nobody signed alike before."""
    signed = Agreement.objects.select_related("audience").get(uid=agreement)
    heard, opens = get_audience(f"{TERMS}:{signed.terms}"), signed.audience.opens
    if not opens:
        return heard, heard
    return heard, int(make_audience(version_key(signed.terms, opens), PUBLIC, heard=heard, opens=opens).id)


def decided_for(audience: int) -> Iterator[list[int]]:
    """Yield, in parts, the records of which anything that stands was said to an audience."""
    standing = Decision.objects.filter(audience_id=audience, end_revision__isnull=True)
    numbers = standing.order_by("record_id").values_list("record_id", flat=True).distinct()
    after = -1
    while found := list(numbers.filter(record_id__gt=after)[:_PART]):
        yield found
        after = found[-1]


def move(agreement: str, *, version: int, actor: str, now: datetime) -> tuple[int, int]:
    """Hang a waiting agreement under a version of its terms; return its audience and the one it waited under."""
    signed = Agreement.objects.get(uid=agreement)
    Audience.objects.filter(id=signed.audience_id).update(parent_id=version)
    Agreement.objects.filter(uid=agreement).update(joined_at=now)
    append(at=now, kind="agreement.joined", payload={"agreement": agreement, "actor": actor})
    return signed.audience_id, int(signed.waited_id or 0)


def granted_to(terms: str, *, now: datetime) -> list[UUID]:
    """Return the subjects who show a class of readers anything."""
    rows = Decision.objects.filter(
        audience_id=known_audience(f"{TERMS}:{terms}"), end_revision__isnull=True, shows=True
    )
    rows = rows.exclude(valid_until__lte=now)
    subjects = set(subjects_of(rows.values_list("record_id", flat=True).distinct()).values())
    return sorted(uids_of(subjects).values())


def unopened_versions() -> frozenset[int]:
    """Return the versions of terms under which no agreement hangs: they may be half compiled, and nobody reads them."""
    versions = Audience.objects.filter(key__startswith=f"{VERSION}:")
    read = Audience.objects.filter(parent__isnull=False).values("parent_id")
    return frozenset(versions.exclude(id__in=read).values_list("id", flat=True))
