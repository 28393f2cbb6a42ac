"""A client's word that it erased what a tombstone names, or why it keeps it (law 4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from datacoop.consent.late import let_go
from datacoop.consent.queries import list_agreements
from datacoop.disclosure.late import overdue
from datacoop.disclosure.models import Tombstone
from datacoop.disclosure.readers import Reader
from datacoop.ledger.actions import append
from datacoop.lib.sql import in_parts
from datacoop.records.actions.revising import take_writers_lock
from datacoop.records.actions.tracing import append_about
from datacoop.records.tracing import About, tracers_of

Each = TypeVar("Each")

ERASED, RETAINED = STATES = ("erased", "retained")
#: The entry's kind.
ACKNOWLEDGED = "tombstone.acknowledged"
LONGEST_BASIS = 200
_PART = 400


class UnknownTombstoneError(LookupError):
    """One of them is not a tombstone of this client: of another one, or of nobody."""


def acknowledge(
    *, reader: Reader, tombstones: Collection[UUID], state: str, legal_basis: str = "", now: datetime
) -> int:
    """Note a client's word on all of these tombstones, or on none, and return how many it settles anew.

    Older ones of the same record go with them: the feed tells the newest with the properties of all. What was said
    stays, said again or not; but what was retained may still be erased.

    Raises:
        UnknownTombstoneError: nothing is noted then.
    """
    if (state == RETAINED) != bool(legal_basis) or state not in STATES:
        raise ValueError("What is retained needs a legal basis, and nothing else has one.")
    with transaction.atomic():
        take_writers_lock()
        newest = _newest(reader.leaf, set(tombstones))
        settled = [each for each in _of_records(reader.leaf, newest) if _is_settled_by(each, newest, state)]
        for part in in_parts([each.pk for each in settled], _PART):
            Tombstone.objects.filter(pk__in=part).update(acknowledged_at=now, said=state, legal_basis=legal_basis)
        if settled:
            _let_go(reader, now)
            _enter(reader, {each.record_id for each in settled}, state, len(settled), now)
    return len(settled)


def _newest(audience: int, asked: Collection[UUID]) -> dict[int, int]:
    """Return record → number of the newest tombstone asked about. Raises: UnknownTombstoneError."""
    rows: list[tuple[int, int]] = []
    for part in in_parts(sorted(asked), _PART):
        found = Tombstone.objects.filter(audience_id=audience, uid__in=part)
        rows += found.values_list("record_id", "pk")
    if len(rows) != len(asked):
        raise UnknownTombstoneError
    return dict(sorted(rows))


def _of_records(audience: int, records: Collection[int]) -> Iterator[Tombstone]:
    for part in in_parts(sorted(records), _PART):
        yield from Tombstone.objects.filter(~Q(said=ERASED), audience_id=audience, record_id__in=part).order_by("pk")


def _is_settled_by(each: Tombstone, newest: dict[int, int], state: str) -> bool:
    return each.pk <= newest[each.record_id] and (not each.said or state == ERASED)


def _let_go(reader: Reader, now: datetime) -> None:
    """With the last that was overdue, nothing is held back any more."""
    held = next((each for each in list_agreements([reader.leaf]) if each.held), None)
    if held and not overdue(held, now=now):
        let_go(held.uid, now=now)


def _enter(reader: Reader, records: Iterable[int], state: str, count: int, now: datetime) -> None:
    """One entry for a call. Who was erased has no key any more, and gets none: nothing leads to them."""
    payload = {"agreement": reader.agreement, "state": state, "tombstones": count}
    about = [About(record) for record in sorted(tracers_of(set(records)))]
    if about:
        append_about(at=now, kind=ACKNOWLEDGED, about=about, payload=payload)
    else:
        append(at=now, kind=ACKNOWLEDGED, payload=payload)
