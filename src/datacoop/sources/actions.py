"""Register holders and lists, remember rows and contributions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from datacoop.records.actions.publishing import add_source, remove_source
from datacoop.sources.models import Contribution, Holder, Row, SourceList
from datacoop.sources.queries import ListFacts, find_list


class UnclearListError(ValueError):
    """The holder has several lists of the kind: say which."""


@dataclass(frozen=True)
class Named:
    """Which list a contribution is for."""

    holder: str
    kind: str
    name: str | None = None
    country: str = "CH"
    authority: bool = False


def ensure_list(*, named: Named, now: datetime) -> ListFacts:
    """Return the list a contribution is for, registering holder and list where they are new.

    Raises:
        UnclearListError: several lists fit and none is named.
    """
    with transaction.atomic():
        holder, _ = Holder.objects.get_or_create(name=named.holder, defaults={"created_at": now})
        found = find_list(holder=named.holder, kind=named.kind, name=named.name)
        if found is None:
            names = list(SourceList.objects.filter(holder=holder, kind=named.kind).values_list("name", flat=True))
            if named.name is None and len(names) > 1:
                raise UnclearListError(
                    f"“{named.holder}” has several lists of this kind: name one of {', '.join(names)}."
                )
            source_id = add_source(
                holder_uid=holder.uid, holder=holder.name, name=named.name or "liste", kind=named.kind,
                authority=named.authority,
            )  # fmt: skip
            SourceList.objects.create(
                source_id=source_id, holder=holder, name=named.name or "liste", kind=named.kind,
                country=named.country, created_at=now,
            )  # fmt: skip
            found = find_list(holder=named.holder, kind=named.kind, name=named.name or "liste")
        assert found is not None
    return found


def save_mapping(source_id: int, mapping: Mapping[str, str | None]) -> None:
    """Keep the mapping with the list: the next file is read the same way."""
    SourceList.objects.filter(source_id=source_id).update(mapping=dict(mapping))


@dataclass
class RowBook:
    """Rows noted while a contribution is staged; they count once it is accepted."""

    source_id: int
    number: int
    seen: set[bytes] = field(default_factory=set)

    def clear(self) -> None:
        """Forget what an interrupted contribution noted."""
        rows = Row.objects.filter(source_id=self.source_id, next_contribution=self.number)
        rows.filter(content=b"").delete()
        rows.update(next_content=None, next_contribution=None)

    def note(self, rows: Sequence[tuple[bytes, int, bytes]]) -> None:
        """Note (key, record, content) of rows that are new or changed; an empty content is a vanished one."""
        sql = (
            "INSERT INTO sources_row (source_id, key, record_id, content, next_content, next_contribution)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (source_id, key) DO UPDATE SET"
            # What an earlier accepted contribution said moves down first.
            " content = CASE WHEN sources_row.next_contribution IS NOT NULL AND sources_row.next_contribution < %s"
            " THEN sources_row.next_content ELSE sources_row.content END,"
            " next_content = excluded.next_content, next_contribution = excluded.next_contribution"
        )
        values = [(self.source_id, k, r, b"", c, self.number, self.number) for k, r, c in rows]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(sql, values)


def open_contribution(*, source_id: int, number: int, names: Sequence[str], sha256: str, form: str, actor: str,
                      now: datetime) -> int:  # fmt: skip
    """Note that a delivery arrived, and return its number in the table."""
    return Contribution.objects.create(
        source_id=source_id, number=number, state="staging", file_names=list(names), sha256=sha256, format=form,
        actor=actor, received_at=now,
    ).pk  # fmt: skip


def close_contribution(*, pk: int, state: str, report: Mapping[str, object], now: datetime) -> None:
    """Note how a delivery ended (`accepted`, `unchanged`, `refused`) with its counts."""
    accepted_at = now if state == "accepted" else None
    Contribution.objects.filter(pk=pk).update(state=state, report=dict(report), accepted_at=accepted_at)


def discard_list(source_id: int) -> None:
    """Forget a list that never gave an accepted contribution, and its holder if that was all."""
    if Contribution.objects.filter(source_id=source_id, state__in=("accepted", "unchanged")).exists():
        return
    listed = SourceList.objects.filter(source_id=source_id).select_related("holder").first()
    if listed is None:
        return
    with transaction.atomic():
        holder = listed.holder
        Contribution.objects.filter(source_id=source_id).delete()
        listed.delete()
        remove_source(source_id)
        if not SourceList.objects.filter(holder=holder).exists():
            holder.delete()
