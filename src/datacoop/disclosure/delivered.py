"""First deliveries in the ledger: an entry for each agreement and hour, over keyed digests of whom it was sent (law 9).

An hour is entered when it is over. The client learns nothing by it; whoever is named can prove that something about
them went to this client in this hour, without any other name being told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Max, Min

from datacoop.consent.queries import audience_tree, list_agreements
from datacoop.disclosure.compile.packing import key_of, record_of
from datacoop.disclosure.models import DeliveredHour, Delivery
from datacoop.ledger.actions import append
from datacoop.ledger.growing import grow
from datacoop.ledger.rules import instant
from datacoop.records.actions.revising import take_writers_lock
from datacoop.records.tracing import Tracer, tracers_of

MADE = "deliveries.made"
_AT_ONCE = 5000


@dataclass(frozen=True)
class Received:
    """That a client was sent something about a record for the first time; `entry` None until the hour is entered."""

    record_id: int
    agreement: str
    client: str
    at: datetime
    entry: int | None


def enter_deliveries(*, now: datetime) -> int:
    """Enter the first deliveries of all hours that are over, and return how many entries were made.

    Repeatable; of two that run together one does it. The digests are made outside of the writers' lock.
    """
    after, last = _last_entered(), _last_of_the_hours_over(now)
    if last <= after:
        return 0
    agreements = {each.audience: each.uid for each in list_agreements()}
    hours = _hours(after, last)
    grown = []
    for (audience, hour), records in sorted(hours.items()):
        name = name_of(audience, hour, last)
        digests = (maker.digest(name, {}) for maker in _tracers(records))
        grown.append((audience, hour, grow(name, digests)))
    with transaction.atomic():
        take_writers_lock()
        if _last_entered() != after:
            return 0
        for audience, hour, subtree in grown:
            payload = {"agreement": agreements.get(audience, ""), "hour": instant(hour)}
            entry = append(at=now, kind=MADE, payload=payload, subtree=subtree)
            DeliveredHour.objects.create(audience_id=audience, hour=hour, last_id=last, entry=entry)
    return len(grown)


def name_of(audience: int, hour: datetime, last_id: int) -> str:
    """Return the name of the subtree over whom an agreement was sent in an hour."""
    return f"deliveries:{audience}:{hour.astimezone(UTC):%Y%m%dT%H}:{last_id}"


def received(record_ids: Collection[int]) -> list[Received]:
    """Return what clients were sent about some records, each record and client once, oldest first."""
    agreements = {each.audience: each for each in list_agreements()}
    found: dict[tuple[int, int], Received] = {}
    for row in _deliveries_about(record_ids):
        about = record_of(row.key), row.audience_id
        if row.audience_id in agreements and (about not in found or row.first_at < found[about].at):
            signed = agreements[row.audience_id]
            found[about] = Received(about[0], signed.uid, signed.name, row.first_at, _entry_of(row))
    return sorted(found.values(), key=lambda each: (each.at, each.record_id))


def _deliveries_about(record_ids: Collection[int]) -> Iterator[Delivery]:
    keys = [key_of(tier, number) for tier in audience_tree().parents for number in sorted(record_ids)]
    for start in range(0, len(keys), 500):
        yield from Delivery.objects.filter(key__in=keys[start : start + 500]).order_by("pk")


def _entry_of(row: Delivery) -> int | None:
    rows = DeliveredHour.objects.filter(audience_id=row.audience_id, hour=_hour(row.first_at), last_id__gte=row.pk)
    return rows.order_by("last_id").values_list("entry", flat=True).first()


def _last_entered() -> int:
    return DeliveredHour.objects.aggregate(Max("last_id"))["last_id__max"] or 0


def _last_of_the_hours_over(now: datetime) -> int:
    """Return the number of the last delivery before the first one of the hour under way."""
    waiting = Delivery.objects.filter(pk__gt=_last_entered())
    first = waiting.filter(first_at__gte=_hour(now)).aggregate(Min("pk"))["pk__min"]
    if first is not None:
        waiting = waiting.filter(pk__lt=first)
    return waiting.aggregate(Max("pk"))["pk__max"] or 0


def _hours(after: int, last: int) -> dict[tuple[int, datetime], set[int]]:
    """Return by audience and hour the records of the deliveries above `after`, up to `last`."""
    found: dict[tuple[int, datetime], set[int]] = {}
    rows = Delivery.objects.filter(pk__gt=after, pk__lte=last).values_list("audience_id", "first_at", "key")
    for audience, at, key in rows.iterator(chunk_size=_AT_ONCE):
        found.setdefault((audience, _hour(at)), set()).add(record_of(key))
    return found


def _tracers(records: Collection[int]) -> Iterator[Tracer]:
    every = sorted(records)
    for start in range(0, len(every), _AT_ONCE):
        yield from tracers_of(every[start : start + _AT_ONCE]).values()


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
