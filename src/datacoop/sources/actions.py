"""Register holders and lists, remember rows and contributions."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from datacoop.lib.sql import select
from datacoop.records.actions.publishing import add_source, remove_source
from datacoop.records.actions.staging import Check
from datacoop.records.queries import accepted_numbers, kinds_of, uids_of
from datacoop.records.rules import Marked
from datacoop.sources.masking import mask_columns
from datacoop.sources.models import Contribution, Holder, Marking, Row, SourceList
from datacoop.sources.queries import STAGING, ListFacts, Opened, find_list

DEFAULT_NAME = "liste"
DEFAULT_COUNTRY = "CH"
ACCEPTED, REFUSED, UNCHANGED = "accepted", "refused", "unchanged"


#: When a delivery under way was last seen at work, and how long it counts as alive after that.
_ALIVE = "alive"
_PATIENCE = timedelta(minutes=5)


class UnclearListError(ValueError):
    """The holder has several lists of the kind: say which."""


class BusyError(RuntimeError):
    """Another import of the same list is at work: this one does not matter as much."""


class SupersededError(RuntimeError):
    """Another import of the same list began meanwhile: that one counts."""


@dataclass(frozen=True)
class Named:
    """Which list a contribution is for."""

    holder: str
    kind: str
    name: str | None = None
    country: str | None = None
    authority: bool = False


def register_holder(*, name: str, now: datetime) -> uuid.UUID:
    """Return the uid of the holder of a name, registering it where it is new; it stays, even without a list."""
    return Holder.objects.get_or_create(name=name, defaults={"created_at": now})[0].uid


def ensure_list(*, named: Named, now: datetime) -> ListFacts:
    """Return the list a contribution is for, registering holder and list where they are new.

    Raises:
        UnclearListError: several lists fit and none is named.
    """
    with transaction.atomic():
        found = find_list(holder=named.holder, kind=named.kind, name=named.name)
        if found is not None:
            return found
        holder, _ = Holder.objects.get_or_create(name=named.holder, defaults={"created_at": now})
        names = list(SourceList.objects.filter(holder=holder, kind=named.kind).values_list("name", flat=True))
        if named.name is None and names:
            raise UnclearListError(
                f"“{named.holder}” has several lists of this kind: name one of {', '.join(sorted(names))}."
            )
        name = named.name or DEFAULT_NAME
        source_id = add_source(
            holder_uid=holder.uid, holder=holder.name, name=name, kind=named.kind, authority=named.authority
        )
        country = named.country or DEFAULT_COUNTRY
        SourceList.objects.create(
            source_id=source_id, holder=holder, name=name, kind=named.kind, country=country, created_at=now
        )
        return ListFacts(source_id, holder.name, name, named.kind, country, {}, None, {})


def save_reading(source_id: int, *, mapping: Mapping[str, str | None], country: str | None) -> None:
    """Keep with the list how it is read: the next file is read the same way. Without a country, it is asked again.

    Contacts in the names of columns that become nothing are masked.
    """
    SourceList.objects.filter(source_id=source_id).update(mapping=mask_columns(mapping), country=country or "")


def reading_of(source_id: int) -> dict[str, object]:
    """Return how a list is read now, as `save_reading` takes it."""
    row = SourceList.objects.get(source_id=source_id)
    return {"mapping": row.mapping, "country": row.country}


#: The row's next content counts already: the contribution it came with was accepted.
_STANDS = "sources_row.next_contribution IS NOT NULL AND sources_row.next_contribution < %s"


@dataclass(frozen=True)
class RowBefore:
    """A row as it was before a contribution; its content is empty where it was not in the list. `is_in`: it is now."""

    pk: int
    key: bytes
    record_id: int
    kind: str
    content: bytes
    is_in: bool


def _before(row: Row, kind: str, undone: int) -> RowBefore:
    moved = row.next_contribution == undone
    before, now = (row.content, row.next_content) if moved else (row.before_content, row.content)
    return RowBefore(row.pk, bytes(row.key), row.record_id, kind, bytes(before or b""), bool(now))


@dataclass
class RowBook:
    """Rows noted while a contribution is staged; they count once it is accepted."""

    source_id: int
    number: int

    def clear(self, check: Check) -> None:
        """Forget what an interrupted contribution noted, after its records were removed.

        `check` raises, in each transaction, where another contribution has taken over.
        """
        rows = Row.objects.filter(source_id=self.source_id, next_contribution=self.number).order_by("pk")
        after = 0
        while part := list(rows.filter(pk__gt=after).values_list("pk", "record_id", "content")[:500]):
            after = part[-1][0]
            kept = uids_of(record_id for _, record_id, _ in part)
            gone = [pk for pk, record_id, content in part if record_id not in kept and not bytes(content)]
            with transaction.atomic():
                check()
                Row.objects.filter(pk__in=gone).delete()
                Row.objects.filter(pk__in=[pk for pk, _, _ in part]).update(next_content=None, next_contribution=None)

    def note(self, rows: Sequence[tuple[bytes, int, bytes]]) -> None:
        """Note (key, record, content) of rows that are new or changed; an empty content is a vanished one."""
        sql = (
            "INSERT INTO sources_row (source_id, key, record_id, content, next_content, next_contribution)"  # noqa: S608
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (source_id, key) DO UPDATE SET"
            # What an earlier accepted contribution said moves down first.
            f" before_content = CASE WHEN {_STANDS} THEN sources_row.content ELSE sources_row.before_content END,"
            f" before_contribution = CASE WHEN {_STANDS} THEN sources_row.next_contribution"
            " ELSE sources_row.before_contribution END,"
            f" content = CASE WHEN {_STANDS} THEN sources_row.next_content ELSE sources_row.content END,"
            " next_content = excluded.next_content, next_contribution = excluded.next_contribution"
        )
        number = self.number
        values = [(self.source_id, k, r, b"", c, number, number, number, number) for k, r, c in rows]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(sql, values)

    def list_before(self, *, after: int, limit: int) -> list[RowBefore]:
        """Return rows that the last accepted contribution touched, as they were before it, above the row `after`."""
        undone = self.number - 1
        touched = Q(next_contribution=undone) | Q(before_contribution=undone, next_contribution__isnull=True)
        rows = list(Row.objects.filter(touched, source_id=self.source_id, pk__gt=after).order_by("pk")[:limit])
        kinds = kinds_of([row.record_id for row in rows])
        return [_before(row, kinds.get(row.record_id, ""), undone) for row in rows]


def open_contribution(
    *,
    source_id: int,
    names: Sequence[str],
    sha256: str,
    actor: str,
    now: datetime,
    undoes: int | None = None,
    gives_way: bool = False,
    is_trial: bool = False,
) -> Opened:
    """Note that a delivery arrived, or that one is being undone. One that was still under way stops counting.

    One that `gives_way` leaves a delivery alone that showed a sign of life a short while ago; a trial shows none.

    Raises:
        BusyError: there is such a delivery.
    """
    with transaction.atomic():
        SourceList.objects.select_for_update().get(source_id=source_id)
        under_way = Contribution.objects.filter(source_id=source_id, state=STAGING)
        if gives_way and any(_is_alive(each, now) for each in under_way):
            raise BusyError("Another delivery of this list is being taken in just now. Try again in a few minutes.")
        under_way.delete()
        number = accepted_numbers()[source_id] + 1
        made = Contribution.objects.create(
            source_id=source_id, number=number, state=STAGING, file_names=list(names), sha256=sha256, format="",
            actor=actor, received_at=now, undoes=undoes, report={} if is_trial else {_ALIVE: now.isoformat()},
        )  # fmt: skip
    return Opened(source_id, number, made.pk)


def keep_alive(opened: Opened, now: datetime) -> None:
    """Show that a delivery is still being taken in, so that no trial and no pull of the same list takes its place."""
    Contribution.objects.filter(pk=opened.pk, state=STAGING).update(report={_ALIVE: now.isoformat()})


def _is_alive(contribution: Contribution, now: datetime) -> bool:
    told = contribution.report.get(_ALIVE)
    return told is not None and datetime.fromisoformat(str(told)) > now - _PATIENCE


def is_under_way(opened: Opened) -> bool:
    """Return whether the contribution was neither ended nor taken over by another of the same list."""
    return Contribution.objects.filter(pk=opened.pk, state=STAGING).exists()


def hold(opened: Opened) -> None:
    """Make sure, for the rest of this transaction, that no other import of the list takes over.

    Raises:
        SupersededError: one did.
    """
    if connection.vendor == "postgresql":
        select("SELECT source_id FROM sources_sourcelist WHERE source_id = %s FOR UPDATE", [opened.source_id])
    if not select("SELECT 1 FROM sources_contribution WHERE id = %s AND state = %s", [opened.pk, STAGING]):
        raise SupersededError("Another import of the same list was started meanwhile. Nothing of this one was kept.")


def mark_accepted(
    opened: Opened,
    *,
    form: str,
    now: datetime,
    columns: Mapping[str, str | None] | None = None,
    before: Mapping[str, object] | None = None,
    marked: Sequence[Marked] = (),
) -> None:
    """Note, in the transaction that accepts it, that a delivery counts now, and what its undoing must know.

    `columns`: those that had a meaning, and which; `before`: how the list was read and attested until now; `marked`:
    the standing statements it marked.
    """
    Contribution.objects.filter(pk=opened.pk).update(
        state=ACCEPTED, accepted_at=now, format=form, columns=dict(columns or {}), before=dict(before or {})
    )
    # Only the last one can be undone.
    Marking.objects.filter(source_id=opened.source_id).delete()
    Marking.objects.bulk_create(
        [
            Marking(source_id=opened.source_id, number=opened.number, statement_id=i, before=b, after=a)
            for i, b, a in _once(marked)
        ],
        batch_size=500,
    )


def _once(marked: Sequence[Marked]) -> Iterator[tuple[int, str, str]]:
    """Yield each statement once, with its mark before the first change and after the last."""
    found: dict[int, tuple[str, str]] = {}
    for each in marked:
        before = found.get(each.statement_id, (each.before, ""))[0]
        found[each.statement_id] = before, each.after
    yield from ((i, before, after) for i, (before, after) in found.items() if before != after)


def close_contribution(opened: Opened, *, state: str, report: Mapping[str, object]) -> None:
    """Note how a delivery ended, with its counts."""
    Contribution.objects.filter(pk=opened.pk).update(state=state, report=dict(report))


def drop_contribution(opened: Opened) -> None:
    """Forget a delivery that left nothing, and its list and holder if they are as new as it."""
    Contribution.objects.filter(pk=opened.pk).delete()
    discard_list(opened.source_id)


def discard_list(source_id: int) -> None:
    """Forget a list that never gave an accepted contribution, and its holder if that was all."""
    with transaction.atomic():
        listed = SourceList.objects.select_for_update().filter(source_id=source_id).select_related("holder").first()
        under_way = Contribution.objects.filter(source_id=source_id, state=STAGING)
        if listed is None or listed.kept or accepted_numbers().get(source_id, 0) or under_way.exists():
            return
        holder, created_at = listed.holder, listed.created_at
        Contribution.objects.filter(source_id=source_id).delete()
        listed.delete()
        remove_source(source_id)
        # One that was registered before the list is not as new: somebody may sign in for it.
        if holder.created_at >= created_at and not SourceList.objects.filter(holder=holder).exists():
            holder.delete()
