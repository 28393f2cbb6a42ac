"""Reading what is known of holders and their lists: names, states and counts, never a value."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from datacoop.records.queries import uids_of
from datacoop.sources.models import Contribution, Row, SourceList


@dataclass(frozen=True)
class ListFacts:
    """One list of a holder."""

    source_id: int
    holder: str
    name: str
    kind: str
    country: str
    mapping: Mapping[str, str | None]
    last_at: datetime | None
    last_counts: Mapping[str, int]


@dataclass(frozen=True)
class RowFacts:
    """One known row: its record, and the digest of what it says in the last accepted contribution (empty: gone)."""

    record_id: int
    content: bytes


def list_lists() -> list[ListFacts]:
    """Return every list with its last accepted contribution, by holder and name."""
    found = []
    for row in SourceList.objects.select_related("holder").order_by("holder__name", "name"):
        last = Contribution.objects.filter(source_id=row.source_id, state="accepted").order_by("-id").first()
        found.append(
            ListFacts(
                row.source_id,
                row.holder.name,
                row.name,
                row.kind,
                row.country,
                row.mapping,
                last.accepted_at if last else None,
                last.report.get("counts", {}) if last else {},
            )
        )
    return found


def list_contributions(source_id: int, *, limit: int = 50) -> list[tuple[int, str, datetime, Mapping[str, int]]]:
    """Return (number, state, received, counts) of a list's contributions, newest first."""
    rows = Contribution.objects.filter(source_id=source_id).order_by("-id")[:limit]
    return [(c.number, c.state, c.received_at, c.report.get("counts", {})) for c in rows]


def find_list(*, holder: str, kind: str, name: str | None = None) -> ListFacts | None:
    """Return the holder's list of that name, or its only list of the kind; None where there is none, or several."""
    found = [f for f in list_lists() if f.holder == holder and f.kind == kind and name in {None, f.name}]
    return found[0] if len(found) == 1 else None


def last_accepted_digest(source_id: int) -> str | None:
    """Return the SHA-256 of the file accepted last, None before the first."""
    rows = Contribution.objects.filter(source_id=source_id, state="accepted").order_by("-id")
    return rows.values_list("sha256", flat=True).first()


def known_rows(source_id: int, keys: Collection[bytes], *, accepted: int) -> dict[bytes, RowFacts]:
    """Return the known rows among `keys`, as of the accepted contribution."""
    rows = Row.objects.filter(source_id=source_id, key__in=list(keys))
    return {bytes(r.key): RowFacts(r.record_id, _content(r, accepted)) for r in rows}


def present_records(source_id: int, *, accepted: int) -> dict[int, bytes]:
    """Return record → key of every row that is in the list as of the accepted contribution."""
    rows = Row.objects.filter(source_id=source_id)
    return {r.record_id: bytes(r.key) for r in rows.iterator(chunk_size=5000) if _content(r, accepted)}


def _content(row: Row, accepted: int) -> bytes:
    if row.next_contribution is not None and row.next_contribution <= accepted:
        return bytes(row.next_content or b"")
    return bytes(row.content)


def record_of_key(source_id: int, key: bytes) -> uuid.UUID | None:
    """Return the record a row of a list became, by the digest of its key."""
    found = Row.objects.filter(source_id=source_id, key=key).values_list("record_id", flat=True).first()
    return uids_of([found]).get(found) if found is not None else None


def lists_beside(source_id: int) -> dict[str, list[int]]:
    """Return kind → numbers of the lists of the same holder."""
    holder = SourceList.objects.filter(source_id=source_id).values("holder")
    found: dict[str, list[int]] = {}
    for kind, number in (
        SourceList.objects.filter(holder__in=holder).order_by("source_id").values_list("kind", "source_id")
    ):
        found.setdefault(kind, []).append(number)
    return found
