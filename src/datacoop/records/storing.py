"""Many statements and records at once, in plain SQL: imports spend their time here. Same rows as the models'."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from django.db import connection

from datacoop.kinds.definition import Kind
from datacoop.lib.sql import insert
from datacoop.records.envelopes import SEALED, Envelopes
from datacoop.records.models import Statement
from datacoop.records.rules import is_sealed
from datacoop.records.tracing import fresh_key

_STATEMENT = (
    *("origin", "source_id", "since", "state", "begin_contribution", "begin_revision"),  # in common
    *("record_id", "property", "position", "value", "sealed", "original", "mark", "digest", "refers"),
)
_RESEAL = "UPDATE records_statement SET mark = %s, sealed = %s, value = %s, original = %s WHERE id = %s"


class Said(NamedTuple):
    """One value somebody says. `digest` compares contacts; `refers` is the number of the record pointed to.

    `unmasked` is what the value was before contacts were taken out of it: kept sealed, shown to nobody (decision 0017).
    """

    property: str
    value: object
    original: str | None = None
    position: int = 0
    mark: str = ""
    digest: bytes | None = None
    refers: int | None = None
    unmasked: object = None


@dataclass(frozen=True)
class Spoken:
    """Who says it and when, in which state, from which contribution or revision on."""

    origin: int
    source_id: int | None
    since: datetime
    state: str
    begin_contribution: int | None = None
    begin_revision: int | None = None


@dataclass(frozen=True)
class NewRecord:
    """A record as stored."""

    id: int
    uid: uuid.UUID
    kind: str
    subject_id: int | None

    @property
    def envelope(self) -> int:
        """Whose envelope its personal values lie in."""
        return self.subject_id or self.id


def insert_records(records: Sequence[NewRecord]) -> None:
    """Store records. Their numbers must be free."""
    sqlite = connection.vendor == "sqlite"
    rows: list[Any] = [(r.id, r.uid.hex if sqlite else r.uid, r.kind, r.subject_id, fresh_key()) for r in records]
    insert("records_record", ("id", "uid", "kind", "subject_id", "trace_key"), rows)


def insert_statements(said: Sequence[tuple[NewRecord, Said]], kind: Kind, spoken: Spoken, envelopes: Envelopes) -> None:
    """Store statements about records of one kind, values about natural persons sealed in their envelope."""
    if not said:
        return
    since = connection.ops.adapt_datetimefield_value(spoken.since)
    seals = {(name, mark): is_sealed(kind, name, mark) for name, mark in {(s.property, s.mark) for _, s in said}}
    envelopes.ensure(r.envelope for r, s in said if s.unmasked is not None or seals[s.property, s.mark])
    rows = []
    for record, (name, stated, told, position, mark, digest, refers, before) in said:
        value: str | None = orjson.dumps(stated).decode()
        sealed = None
        # An original is kept where it tells more than the value.
        original = told if told != stated else None
        if seals[name, mark]:
            sealed, value, original = envelopes.seal(record.envelope, str(value).encode()), None, None
        if before is not None:
            original = SEALED + base64.b64encode(envelopes.seal(record.envelope, orjson.dumps(before))).decode()
        rows.append((record.id, name, position, value, sealed, original, mark, digest, refers))
    shared = (
        *(int(spoken.origin), spoken.source_id, since, spoken.state),
        *(spoken.begin_contribution, spoken.begin_revision),
    )
    insert("records_statement", _STATEMENT, rows, shared)


def unmasked(original: str | None, subject: int, envelopes: Envelopes) -> object:
    """Return what a value was before contacts were taken out of it; None where nothing was, or the key is destroyed."""
    if original is None or not original.startswith(SEALED):
        return None
    opened = envelopes.opened(subject, base64.b64decode(original.removeprefix(SEALED)))
    return None if opened is None else orjson.loads(opened)


def reseal(rows: Sequence[Statement], kind_of: dict[int, Kind], mark: str) -> None:
    """Give statements (with their records) a mark, and move into the envelope those that it makes personal."""
    envelopes = Envelopes(())
    envelopes.ensure({r.record.subject_id or r.record_id for r in rows})
    changed: list[Any] = []
    for row in rows:
        sealed, value, original = row.sealed, row.value, row.original
        if value is not None and is_sealed(kind_of[row.record_id], row.property, mark):
            sealed = envelopes.seal(row.record.subject_id or row.record_id, value.encode())
            value, original = None, original if original and original.startswith(SEALED) else None
        changed.append((mark, sealed, value, original, row.id))
    with connection.cursor() as cursor:
        cursor.executemany(_RESEAL, changed)
