"""Which statements carry the same contact, known by its keyed digest alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection

from datacoop.lib.sql import placeholders, select
from datacoop.records.queries.effective import EFFECTIVE, STATEMENTS

_STAGED_CONTACTS = (
    "SELECT record_id, digest FROM records_statement WHERE source_id = %s AND begin_contribution = %s"
    " AND record_id > %s AND digest IS NOT NULL ORDER BY record_id LIMIT %s"
)
_REPEATED = "SELECT digest FROM records_statement WHERE digest IN ({}) GROUP BY digest HAVING COUNT(*) > 1"


@dataclass(frozen=True)
class ContactUse:
    """One statement that carries a contact; `staged` by the contribution asked about."""

    statement_id: int
    record_id: int
    mark: str
    staged: bool


def contact_uses(source_id: int, number: int, *, batch: int = 3000) -> Iterator[dict[bytes, list[ContactUse]]]:
    """Yield, for the contacts a contribution stages that stand anywhere else too, every use once it is accepted.

    Goes through the contribution by record; a contact comes once, with the first record that stages it.
    """
    after = -1
    while True:
        rows = select(_STAGED_CONTACTS, [source_id, number, after, batch])
        # The last record may go on behind the end of the batch.
        last = rows[-1][0] - (len(rows) == batch) if rows else after
        if rows and last < rows[0][0]:
            batch *= 2
            continue
        digests = {bytes(digest) for record_id, digest in rows if record_id <= last}
        uses = _uses(_repeated(sorted(digests)), source_id, number)
        yield {d: found for d, found in uses.items() if min(u.record_id for u in found if u.staged) > after}
        if len(rows) < batch:
            return
        after = last


def uses_of_contacts(digests: Collection[bytes]) -> dict[bytes, list[ContactUse]]:
    """Return the effective uses of contacts; no number of a contribution is below 0, so none counts as staged."""
    return _uses(list(digests), -1, -1) if digests else {}


def _repeated(digests: Sequence[bytes]) -> list[bytes]:
    found: list[bytes] = []
    for start in range(0, len(digests), 1000):
        part = digests[start : start + 1000]
        found += [bytes(row[0]) for row in select(_REPEATED.format(placeholders(part)), part)]
    return found


def _uses(digests: Sequence[bytes], source_id: int, number: int) -> dict[bytes, list[ContactUse]]:
    found: dict[bytes, list[ContactUse]] = {}
    if not digests:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s.digest, s.id, s.record_id, s.mark, s.source_id = %s AND s.begin_contribution = %s"
            f" FROM {STATEMENTS} WHERE s.digest IN ({placeholders(digests)}) AND (({EFFECTIVE}"
            " AND NOT (s.source_id = %s AND COALESCE(s.end_contribution, 0) = %s))"
            " OR (s.source_id = %s AND s.begin_contribution = %s))",
            [source_id, number, *digests, source_id, number, source_id, number],
        )
        for digest, statement_id, record_id, mark, staged in cursor.fetchall():
            found.setdefault(bytes(digest), []).append(ContactUse(statement_id, record_id, mark, bool(staged)))
    return found
