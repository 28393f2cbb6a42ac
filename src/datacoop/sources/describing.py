"""What is known of a list beside its rows: who publishes it, how often, how many rows, and where it is pulled from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from datacoop.records.actions.publishing import set_licence
from datacoop.records.queries import licence_of
from datacoop.sources.doubting import Expected
from datacoop.sources.history import find_accepted
from datacoop.sources.models import SourceList
from datacoop.sources.pulls import PullFacts, pull_facts
from datacoop.sources.reaching import FetchFailed, Reach, check_address

#: How often an address may be pulled, in hours.
HOURS = (1, 6, 24, 168, 720)
_LONGEST = {"publisher": 200, "contact": 200, "licence": 120, "address": 1000}
_MOST_DAYS, _MOST_ROWS = 3660, 100_000_000


class DescriptionRefused(ValueError):
    """One of the facts cannot be meant; `field` is its name, `code` says why."""

    def __init__(self, field: str, code: str, message: str) -> None:
        """Keep all three."""
        super().__init__(message)
        self.field, self.code = field, code


@dataclass(frozen=True)
class Description:
    """The facts that stewards note about a list. None, or empty text: nothing is known."""

    publisher: str = ""
    contact: str = ""
    licence: str = ""
    every_days: int | None = None
    rows_from: int | None = None
    rows_to: int | None = None
    address: str = ""
    pull_hours: int | None = None


@dataclass(frozen=True)
class Described:
    """A list with its facts, and how pulling it goes. `late_since`: another delivery was expected by then."""

    description: Description
    pull: PullFacts
    late_since: datetime | None


def described(source_id: int, *, now: datetime) -> Described:
    """Return what is known of a list."""
    row = SourceList.objects.get(source_id=source_id)
    description = Description(
        row.publisher, row.contact, licence_of(source_id), row.every_days, row.rows_from, row.rows_to,
        row.address, row.pull_hours,
    )  # fmt: skip
    return Described(description, pull_facts(row), _late_since(row, now))


def expected_of(source_id: int) -> Expected:
    """Return what the next delivery of a list is held against."""
    row = SourceList.objects.get(source_id=source_id)
    last = find_accepted(source_id)
    return Expected(row.rows_from, row.rows_to, last.columns if last else None)


def describe(source_id: int, wished: Description, *, now: datetime, reach: Reach) -> None:
    """Note the facts of a list; a new address, or one that is to be pulled more often, is pulled at once.

    Raises:
        DescriptionRefused: one of them cannot be meant; nothing was noted.
    """
    wished = _checked(wished, reach)
    with transaction.atomic():
        row = SourceList.objects.select_for_update().get(source_id=source_id)
        moved = row.address != wished.address
        row.kept = True
        for name in ("publisher", "contact", "every_days", "rows_from", "rows_to", "address"):
            setattr(row, name, getattr(wished, name))
        if moved or row.pull_hours != wished.pull_hours:
            row.pull_at = now if wished.address and wished.pull_hours else None
        row.pull_hours = wished.pull_hours
        if moved:
            row.etag = row.last_modified = row.pulled_sha256 = row.problem = row.detail = ""
            row.failures, row.checked_at, row.good_at = 0, None, None
        row.save()
        set_licence(source_id, wished.licence)


def described_with(now: Description, changes: Mapping[str, Any], *, clear: Collection[str] = ()) -> Description:
    """Return a description with some facts changed; those that are None stay, but for those to `clear`."""
    given: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
    return replace(now, **{**dict.fromkeys(clear), **given})


def _checked(wished: Description, reach: Reach) -> Description:
    for name, most in _LONGEST.items():
        if len(getattr(wished, name)) > most:
            raise DescriptionRefused(name, "too-long", f"The {name} has at most {most} characters.")
    numbers = {"every_days": _MOST_DAYS, "rows_from": _MOST_ROWS, "rows_to": _MOST_ROWS}
    for name, most in numbers.items():
        value = getattr(wished, name)
        if value is not None and not 0 <= value <= most:
            raise DescriptionRefused(name, "number", f"{value} cannot be meant: 0 to {most}.")
    if wished.rows_from is not None and wished.rows_to is not None and wished.rows_from > wished.rows_to:
        raise DescriptionRefused("rows_to", "rows-order", "From is more than to: write the smaller number first.")
    if wished.pull_hours is not None and wished.pull_hours not in HOURS:
        raise DescriptionRefused("pull_hours", "number", f"Every {', '.join(map(str, HOURS))} hours: choose one.")
    if not wished.address:
        return replace(wished, pull_hours=None)
    try:
        return replace(wished, address=check_address(wished.address, reach))
    except FetchFailed as failed:
        raise DescriptionRefused("address", failed.code, f"{failed}.") from failed


def _late_since(row: SourceList, now: datetime) -> datetime | None:
    if row.every_days is None:
        return None
    last = find_accepted(row.source_id)
    since = max(filter(None, (last.accepted_at if last else None, row.good_at, row.created_at)))
    due = since + timedelta(days=row.every_days)
    return due if due < now else None
