"""What of a row is kept sealed: rejected rows, whole, for whoever sent them, and a holder's own columns, for it alone.

Each row lies under a key of its own, wrapped beside it (decision 0017): destroying that key erases the row. Nothing
here is stated, linked, indexed or searched. Kept rows count from the moment their contribution is accepted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice

import orjson
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from datacoop.disclosure.holding import own_words
from datacoop.lib.sheets import text_of
from datacoop.records.envelopes import digest, open_alone, seal_alone
from datacoop.records.queries import accepted_numbers
from datacoop.sources.actions import ACCEPTED, UNCHANGED, hold
from datacoop.sources.models import Contribution, KeptRow, Row
from datacoop.sources.queries import Opened, known_rows

REJECTED, OWN = "rejected", "own"
#: Above the one column that a workbook of rejected rows comes back with: read again, it means nothing.
NOTE_COLUMNS = {"fr": "À corriger", "de": "Zu berichtigen", "it": "Da correggere", "en": "To correct"}
#: A rejected row is kept so long, then only its digests.
LONGEST = timedelta(days=30)
#: Fewer cells than these do not tell one row from another.
_ENOUGH_CELLS = 2
_AT_ONCE = 500
Cells = Mapping[str, object]
Fault = tuple[str | None, str, str]
"""Column (None: the row as such), code, sentence."""


@dataclass(frozen=True)
class Rejected:
    """A row that could not be taken. `key` is the row's, `number` counts as in the sheet, `columns` are the file's."""

    key: str
    number: int
    file: str | None
    columns: tuple[str, ...]
    cells: Cells
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class KeptRejected:
    """A rejected row as it is kept: `name` stands for it in an address and tells no order."""

    name: str
    contribution: int
    row: Rejected
    erased_at: datetime


class Keeping:
    """What one contribution keeps of its rows: written in short batches, counting once it is accepted."""

    def __init__(self, opened: Opened, now: datetime) -> None:
        """Load under which digests rejected rows of the same list would be known again."""
        self._opened, self._now = opened, now
        self._waiting: list[KeptRow] = []
        self._own: dict[bytes, Cells] = {}
        self._taken: set[int] = set()
        self._by_key: dict[bytes, set[int]] = {}
        self._by_rest: dict[tuple[str, ...], dict[bytes, set[int]]] = {}
        for row in _rejected(now).filter(source_id=opened.source_id).only("key", "rest", "faulty"):
            self._by_key.setdefault(bytes(row.key), set()).add(row.pk)
            if row.rest:
                self._by_rest.setdefault(tuple(row.faulty), {}).setdefault(bytes(row.rest), set()).add(row.pk)

    def reject(self, row: Rejected) -> None:
        """Keep a row that could not be taken; the same row kept before gives way to it."""
        faulty = tuple(sorted({column for column, _, _ in row.faults if column}))
        rest, key = _rest(row.cells, faulty), digest("row", row.key)
        self._taken |= self._by_rest.get(faulty, {}).get(rest, set())
        if _is_own_key(row.key):
            self._taken |= self._by_key.get(key, set())
        plain = orjson.dumps(asdict(row), default=text_of)
        self._waiting.append(self._made(REJECTED, key, row.cells, plain, rest, faulty))

    def take(self, key: bytes, cells: Cells) -> None:
        """Note a row that was taken: rejected before, it need not be kept any longer."""
        self._taken |= self._by_key.get(key, set())
        for faulty, rests in self._by_rest.items():
            self._taken |= rests.get(_rest(cells, faulty), set())

    def own(self, key: bytes, cells: Cells) -> None:
        """Keep what a row says in the holder's own columns."""
        self._own[key] = cells

    def flush(self) -> None:
        """Write what was noted since the last flush, in short transactions."""
        waiting, self._waiting = self._waiting, []
        noted, self._own = self._own, {}
        before = _own_digests(self._opened.source_id, list(noted))
        for key, cells in noted.items():
            found = _digest(cells) if cells else b""
            if found != before.get(key, b""):
                waiting.append(self._made(OWN, key, cells, orjson.dumps(dict(cells), default=text_of)))
        for start in range(0, len(waiting), _AT_ONCE):
            with transaction.atomic():
                hold(self._opened)
                KeptRow.objects.bulk_create(waiting[start : start + _AT_ONCE])

    def settle(self) -> None:
        """Remove the rejected rows that were taken; call it in the transaction that makes the contribution count."""
        remove_rows(sorted(self._taken))

    def abandon(self) -> None:
        """Leave nothing behind."""
        KeptRow.objects.filter(contribution_id=self._opened.pk).delete()

    def _made(
        self, sort: str, key: bytes, cells: Cells, plain: bytes, rest: bytes = b"", faulty: Sequence[str] = ()
    ) -> KeptRow:
        about = _about(sort, self._opened.source_id, key)
        # Own columns that were emptied leave a mark without a key, until `tidy` removes it.
        wrapped, sealed = seal_alone(plain, about=about) if cells else (None, None)
        return KeptRow(
            source_id=self._opened.source_id, contribution_id=self._opened.pk, sort=sort, key=key,
            digest=_digest(cells) if cells else b"", rest=rest, faulty=list(faulty), wrapped=wrapped, sealed=sealed,
            kept_at=self._now,
        )  # fmt: skip


def list_rejected(source_id: int, *, now: datetime, number: int | None = None) -> list[KeptRejected]:
    """Return the rows of a list that could not be taken, oldest first, those of one contribution alone if asked.

    For the holder's own senders and for stewards: it is their own file. What is past its time is not there.
    """
    rows = _rejected(now).filter(source_id=source_id).select_related("contribution").order_by("pk")
    return [_opened_row(row) for row in (rows if number is None else rows.filter(contribution__number=number))]


def records_of(source_id: int, rejected: Collection[KeptRejected]) -> set[int]:
    """Return the records that rejected rows of a list are about, as far as their keys lead to any."""
    keys = {digest("row", each.row.key) for each in rejected}
    return {each.record_id for each in known_rows(source_id, keys, accepted=0).values()}


def list_own(source_id: int) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield (record, cells by column) of a holder's own columns, for that holder alone; none of restricted records."""
    newest = _newest_own(source_id)
    while part := list(islice(newest, _AT_ONCE)):
        told = own_words(source_id, [record_id for record_id, _ in part])
        yield from ((record_id, orjson.loads(plain_of(row))) for record_id, row in part if record_id in told)


def _rejected(now: datetime) -> QuerySet[KeptRow]:
    states = (ACCEPTED, UNCHANGED)
    return KeptRow.objects.exclude(undone()).filter(
        sort=REJECTED, contribution__state__in=states, wrapped__isnull=False, kept_at__gt=now - LONGEST
    )


def own_rows(source_id: int) -> QuerySet[KeptRow]:
    """Return what counts of a holder's own columns, superseded ones too."""
    standing = KeptRow.objects.filter(source_id=source_id, sort=OWN, contribution__state__in=(ACCEPTED, UNCHANGED))
    return standing.exclude(undone())


def undone() -> Exists:
    """Return the condition that the contribution of a kept row was undone."""
    same = Contribution.objects.filter(source_id=OuterRef("source_id"), undoes=OuterRef("contribution__number"))
    return Exists(same.filter(state=ACCEPTED))


def present_rows(source_id: int) -> QuerySet[Row]:
    """Return the rows that are in the list as of its last accepted contribution."""
    accepted = accepted_numbers().get(source_id, 0)
    moved = Q(next_contribution__isnull=False, next_contribution__lte=accepted)
    rows = Row.objects.filter(source_id=source_id)
    return rows.filter((moved & ~Q(next_content=b"")) | (~moved & ~Q(content=b"")))


def _own_digests(source_id: int, keys: list[bytes]) -> dict[bytes, bytes]:
    """Return the digest of what is kept last of each row."""
    if not keys:
        return {}
    rows = own_rows(source_id).filter(key__in=keys).order_by("pk").values_list("key", "digest")
    return {bytes(key): bytes(found) for key, found in rows}


def _opened_row(row: KeptRow) -> KeptRejected:
    said = orjson.loads(plain_of(row))
    faults = tuple((column, code, message) for column, code, message in said.pop("faults"))
    kept = Rejected(**{**said, "columns": tuple(said["columns"]), "faults": faults})
    return KeptRejected(name_of(row), row.contribution.number, kept, row.kept_at + LONGEST)


def _newest_own(source_id: int) -> Iterator[tuple[int, KeptRow]]:
    """Yield (record, what is kept last of its own columns) of the rows that are in the list."""
    present = present_rows(source_id).values_list("key", "record_id")
    records = {bytes(k): r for k, r in present.iterator(chunk_size=5000)}
    rows = own_rows(source_id).order_by("key", "pk").iterator(chunk_size=1000)
    for key, kept in groupby(rows, key=lambda row: bytes(row.key)):
        *_, newest = kept
        if newest.wrapped is not None and key in records:
            yield records[key], newest


def plain_of(row: KeptRow) -> bytes:
    """Return what lies sealed in a row whose key stands, as JSON; inside this room alone."""
    about = _about(row.sort, row.source_id, bytes(row.key))
    return open_alone(bytes(row.wrapped or b""), bytes(row.sealed or b""), about=about)


def _about(sort: str, source_id: int, key: bytes) -> bytes:
    return f"{sort} {source_id} ".encode() + key


def name_of(row: KeptRow) -> str:
    """Return what stands for a row in an address."""
    return digest("kept", str(row.pk), bytes(row.digest).hex()).hex()


def _digest(cells: Cells) -> bytes:
    return digest("cells", *(part for column in sorted(cells) for part in (column, text_of(cells[column]))))


def _rest(cells: Cells, faulty: Sequence[str]) -> bytes:
    """Return a digest of the cells that nothing was wrong with, empty where they are too few to tell a row by.

    What we wrote beside a rejected row is none of its cells.
    """
    left_out = {*faulty, *NOTE_COLUMNS.values()}
    rest = {column: value for column, value in cells.items() if column not in left_out and text_of(value)}
    return _digest(rest) if len(rest) >= _ENOUGH_CELLS else b""


def _is_own_key(key: str) -> bool:
    """Whether the holder itself gave the key: one made of name, postcode and street has bars."""
    return "|" not in key


def remove_rows(numbers: Sequence[int]) -> None:
    """Remove kept rows by number, and their keys with them."""
    for start in range(0, len(numbers), _AT_ONCE):
        KeptRow.objects.filter(pk__in=numbers[start : start + _AT_ONCE]).delete()
