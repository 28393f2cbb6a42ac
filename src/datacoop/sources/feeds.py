"""Other cooperatives whose public feeds are followed: registered, due, how far, and what went wrong."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from datacoop.records.actions.publishing import set_licence, set_origin
from datacoop.records.envelopes import digest
from datacoop.records.queries import spoken_of
from datacoop.sources.actions import Named, ensure_list
from datacoop.sources.models import Feed, Holder, Row, SourceList

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=15), timedelta(days=1)
#: While somebody follows a feed, nobody else does: a first time may take as long.
CLAIM = timedelta(hours=3)
#: What a list of a feed is called.
LIST = "feed"


class FeedTakenError(ValueError):
    """The holder has another feed, or the feed another holder."""


@dataclass(frozen=True)
class FeedFacts:
    """One feed that is followed: whose lists it is, and how far it was read."""

    holder: uuid.UUID
    holder_name: str
    address: str
    position: str
    retracted: str
    pull_hours: int | None
    checked_at: datetime | None
    good_at: datetime | None
    problem: str
    detail: str


def register_feed(*, holder: str, address: str, pull_hours: int | None, now: datetime) -> FeedFacts:
    """Note that a holder's lists are what another cooperative tells everybody; once more changes how often.

    A feed that nothing was ever read from, as of a mistyped address, gives way to the one that is named now.

    Raises:
        FeedTakenError: see there.
    """
    with transaction.atomic():
        keeper, _ = Holder.objects.get_or_create(name=holder, defaults={"created_at": now})
        same = Q(holder=keeper, address=address)
        for other in Feed.objects.select_related("holder").filter(Q(holder=keeper) | Q(address=address)).exclude(same):
            if not _is_unread(other):
                raise FeedTakenError(_taken(other, holder))
            other.delete()
        row = Feed.objects.select_related("holder").filter(same).first()
        row = row or Feed(holder=keeper, address=address, created_at=now)
        row.pull_hours, row.pull_at = pull_hours, now + timedelta(hours=pull_hours) if pull_hours else None
        row.save()
    return _facts(row)


def _is_unread(row: Feed) -> bool:
    """Return whether nothing ever came of a feed, not even from the first half of a run that failed."""
    return row.good_at is None and not _lists_of_feeds().filter(holder_id=row.holder_id).exists()


def _lists_of_feeds() -> QuerySet[SourceList]:
    return SourceList.objects.filter(name=LIST)


def _taken(other: Feed, holder: str) -> str:
    if other.holder.name == holder:
        return f"“{holder}” is {other.address}: name another holder."
    return f"{other.address} is “{other.holder.name}”: name that holder."


def find_feed(holder: str) -> FeedFacts | None:
    """Return the feed that a holder's lists are, None where they are files."""
    row = Feed.objects.select_related("holder").filter(holder__name=holder).first()
    return _facts(row) if row else None


def list_feeds(*, due_by: datetime | None = None) -> list[str]:
    """Return the addresses that are followed, those due longest first; with `due_by` only those due by then."""
    rows = Feed.objects.all() if due_by is None else Feed.objects.filter(pull_at__lte=due_by)
    return list(rows.order_by("pull_at", "pk").values_list("address", flat=True))


def feeds_without_lists() -> list[FeedFacts]:
    """Return the feeds that are followed though nothing came of them yet, by holder."""
    rows = Feed.objects.select_related("holder").exclude(holder__in=_lists_of_feeds().values("holder"))
    return [_facts(row) for row in rows.order_by("holder__name")]


def claim_feed(address: str, *, now: datetime, due_by: datetime | None = None) -> FeedFacts | None:
    """Take a feed for following, so that others stay away; None where somebody else has it, or it is not due."""
    with transaction.atomic():
        row = Feed.objects.select_for_update().select_related("holder").filter(address=address).first()
        if row is None or (due_by and (row.pull_at is None or row.pull_at > due_by)):
            return None
        if row.pull_at is not None:
            row.pull_at = now + CLAIM
            row.save(update_fields=["pull_at"])
    return _facts(row)


def list_of_feed(feed: FeedFacts, *, kind: str, licence: str, now: datetime) -> int:
    """Return the number of the list that a feed's records of a kind are, registering it where it is new."""
    listed = ensure_list(named=Named(feed.holder_name, kind, LIST), now=now)
    SourceList.objects.filter(source_id=listed.source_id).update(kept=True)
    set_origin(listed.source_id, feed.address)
    set_licence(listed.source_id, licence[:120])
    return listed.source_id


def known_here(source_id: int | None, uids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those records of a feed that are ours, or of whoever told them first: not to be taken from it.

    A record that the feed's own list brought is its own for ever, whoever else speaks of it since.
    """
    here = spoken_of(uids)
    keys = {digest("row", str(uid)): uid for uid in here}
    rows = Row.objects.filter(source_id=source_id, key__in=list(keys)) if source_id is not None and keys else ()
    return here - {keys[bytes(row.key)] for row in rows}


def find_list_of_feed(feed: FeedFacts, kind: str) -> int | None:
    """Return the number of the list that a feed's records of a kind are, None before the first."""
    rows = SourceList.objects.filter(holder__uid=feed.holder, kind=kind, name=LIST)
    return rows.values_list("source_id", flat=True).first()


def note_followed(feed: FeedFacts, *, position: str, retracted: str, now: datetime) -> None:
    """Note how far a feed was read: all of it until there is taken in."""
    next_at = now + timedelta(hours=feed.pull_hours) if feed.pull_hours else None
    _update(
        feed, position=position, retracted=retracted, checked_at=now, good_at=now, failures=0, problem="", detail="",
        pull_at=next_at,
    )  # fmt: skip


def note_unfollowed(feed: FeedFacts, *, code: str, detail: str, now: datetime) -> None:
    """Note why a feed was not followed; the next try comes sooner than planned, later with each failure in a row."""
    with transaction.atomic():
        row = Feed.objects.select_for_update().filter(address=feed.address).first()
        if row is None:
            return
        row.failures = min(row.failures + 1, 1000)
        row.checked_at, row.problem, row.detail = now, code[:40], detail[:300]
        if row.pull_hours:
            pause = min(_FIRST_PAUSE * (1 << min(row.failures - 1, 20)), _LONGEST_PAUSE)
            row.pull_at = now + min(pause, timedelta(hours=row.pull_hours))
        row.save()


def _update(feed: FeedFacts, **changes: Any) -> None:
    Feed.objects.filter(address=feed.address).update(**changes)


def _facts(row: Feed) -> FeedFacts:
    return FeedFacts(
        row.holder.uid, row.holder.name, row.address, row.position, row.retracted, row.pull_hours, row.checked_at,
        row.good_at, row.problem, row.detail,
    )  # fmt: skip
