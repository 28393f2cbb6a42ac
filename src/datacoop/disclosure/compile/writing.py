"""Write views and index rows of one batch, in the transaction of its revision. Both databases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection

from datacoop.consent.rules import PUBLIC
from datacoop.disclosure.compile.dating import horizon, recurrence_of
from datacoop.disclosure.compile.differing import Difference, Standing, Wanted
from datacoop.disclosure.compile.packing import key_of, kind_code, with_modified
from datacoop.disclosure.compile.rolling import Rows, occurrence_rows, write_occurrences
from datacoop.disclosure.compile.tokens import deeper_words, index_words
from datacoop.disclosure.models import View
from datacoop.lib.sql import placeholders, select

_VIEW = (
    "INSERT INTO disclosure_view"
    " (key, tier, record_id, kind, state, version, seq, modified, digest, body, open_body, private, deeper,"
    " aliased, feed) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (key) DO UPDATE SET state = excluded.state, version = excluded.version, seq = excluded.seq,"
    " modified = excluded.modified, digest = excluded.digest, body = excluded.body, open_body = excluded.open_body,"
    " private = excluded.private, deeper = excluded.deeper, aliased = excluded.aliased,"
    " feed = excluded.feed"
)
_STANDING = "SELECT tier, record_id, state, version, modified, digest, deeper, aliased, feed, seq FROM disclosure_view"
_COUNTER = (
    "INSERT INTO disclosure_counter (tier, seq) VALUES (%s, %s) ON CONFLICT (tier) DO UPDATE SET seq = excluded.seq"
)
_ENTRY = (
    "INSERT INTO disclosure_entry (record_id, tier, theme, kind, place, name, cell, lat, lon, deeper)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
#: Tables with rows of their own for each view, beside its words.
INDEX = ("entry", "occurrence", "facet")
_FACET = "INSERT INTO disclosure_facet (record_id, tier, name, value, kind, deeper) VALUES (%s, %s, %s, %s, %s, %s)"
_WORDS = "INSERT INTO disclosure_words_{} (rowid, name, text, deeper) VALUES (%s, %s, %s, %s)"


@dataclass
class Batch:
    """Rows to write, gathered so that each table is written once."""

    until: int
    """Before which instant dates are indexed."""
    recurring: list[int] = field(default_factory=list)
    views: list[tuple[object, ...]] = field(default_factory=list)
    entries: list[tuple[object, ...]] = field(default_factory=list)
    occurrences: Rows = field(default_factory=list)
    facets: list[tuple[object, ...]] = field(default_factory=list)
    words: list[tuple[int, int, int, str, str, str]] = field(default_factory=list)
    gone: list[tuple[int, int]] = field(default_factory=list)
    deeper: list[tuple[str, int, int]] = field(default_factory=list)


def standing_views(ids: Sequence[int]) -> dict[int, dict[int, Standing]]:
    """Return the stored views of records: record → audience → view, without bodies."""
    found: dict[int, dict[int, Standing]] = {}
    for start in range(0, len(ids), 500):
        part = list(ids[start : start + 500])
        for row in select(f"{_STANDING} WHERE record_id IN ({placeholders(part)}) ORDER BY key", part):
            tier, record, state, version, modified, digest, deeper, aliased, *fed = row
            standing = Standing(tier, record, state, version, modified, bytes(digest), deeper, bool(aliased), *fed)
            found.setdefault(record, {})[tier] = standing
    return found


def body_of(tier: int, record_id: int) -> bytes:
    """Return a stored body, to see what a narrowing takes away."""
    return bytes(View.objects.values_list("body", flat=True).get(key=key_of(tier, record_id)))


def write(differences: Iterable[Difference], *, modified: int) -> None:
    """Write everything that differs. Each audience's counter moves by exactly the views that changed for it."""
    counters = Counters()
    batch = Batch(until=horizon(modified))
    for each in differences:
        for want in each.wanted:
            _gather(batch, want, each, want.fed or (want.tier, counters.next(want.tier)), modified)
        _gather_deeper(batch, each)
    _delete_index(batch.gone)
    with connection.cursor() as cursor:
        _many(cursor, _VIEW, batch.views)
        _many(cursor, _ENTRY, batch.entries)
        _many(cursor, _FACET, batch.facets)
        for table in ("view", *INDEX):
            _many(
                cursor,
                f"UPDATE disclosure_{table} SET deeper = %s WHERE record_id = %s AND tier = %s",
                batch.deeper,
            )
    write_occurrences(batch.occurrences, batch.recurring, batch.until)
    _write_words(batch.words)
    _write_deeper_words(batch.deeper)
    counters.save()


class Counters:
    """The dense counters of the audiences, read once and written once under the writers' lock."""

    def __init__(self) -> None:
        """Read them all: there are as many as audiences."""
        self._seq: dict[int, int] = dict(select("SELECT tier, seq FROM disclosure_counter"))
        self._moved: set[int] = set()

    def next(self, tier: int) -> int:
        """Return the next number of an audience."""
        self._seq[tier] = self._seq.get(tier, 0) + 1
        self._moved.add(tier)
        return self._seq[tier]

    def save(self) -> None:
        """Store the counters that moved."""
        with connection.cursor() as cursor:
            _many(cursor, _COUNTER, [(tier, self._seq[tier]) for tier in sorted(self._moved)])


def _gather(batch: Batch, want: Wanted, difference: Difference, fed: tuple[int, int], modified: int) -> None:
    now = difference.standing.get(want.tier)
    deeper = difference.deeper[want.tier]
    changed = want.modified_as if want.modified_as is not None else modified
    live = want.packed
    batch.views.append(
        (
            key_of(want.tier, want.record_id),
            want.tier,
            want.record_id,
            kind_code(want.kind),
            want.state,
            (now.version if now else 0) + 1,
            fed[1],
            changed,
            want.digest,
            with_modified(want.body, changed) if live else want.body,
            with_modified(live.open_body, changed) if live and live.open_body else None,
            live.private if live else "",
            deeper,
            want.aliased,
            fed[0],
        )
    )
    if now is not None:
        batch.gone.append((want.tier, want.record_id))
    _gather_index(batch, want, deeper)


def _gather_index(batch: Batch, want: Wanted, deeper: str) -> None:
    indexed = want.indexed
    if indexed is None:
        return
    code = kind_code(want.kind)
    where = (indexed.cell, indexed.lat, indexed.lon, deeper)
    for theme in ("", *indexed.themes):
        batch.entries.append((want.record_id, want.tier, theme, code, indexed.place, indexed.name, *where))
    batch.occurrences += occurrence_rows(want, batch.until, deeper)
    if recurrence_of(indexed.event) is not None:
        batch.recurring.append(key_of(want.tier, want.record_id))
    batch.facets += [(want.record_id, want.tier, name, value[:120], code, deeper) for name, value in indexed.facets]
    if indexed.name_words or indexed.text_words:
        batch.words.append((want.tier, want.record_id, code, indexed.name_words, indexed.text_words, deeper))


def _gather_deeper(batch: Batch, difference: Difference) -> None:
    """Rows that did not change themselves may have got another audience below them."""
    written = {w.tier for w in difference.wanted}
    for tier, view in difference.standing.items():
        deeper = difference.deeper.get(tier, "")
        if tier not in written and view.deeper != deeper:
            batch.deeper.append((deeper, difference.record_id, tier))


def _delete_index(gone: Sequence[tuple[int, int]]) -> None:
    if not gone:
        return
    with connection.cursor() as cursor:
        for table in INDEX:
            cursor.executemany(f"DELETE FROM disclosure_{table} WHERE tier = %s AND record_id = %s", gone)
        _many(cursor, "DELETE FROM disclosure_rolling WHERE key = %s", [(key_of(t, r),) for t, r in gone])
        if connection.vendor == "postgresql":
            cursor.executemany("DELETE FROM disclosure_words WHERE tier = %s AND record_id = %s", gone)
            return
        public = [(r,) for t, r in gone if t == PUBLIC]
        _many(cursor, "DELETE FROM disclosure_words_public WHERE rowid = %s", public)
        wider = [(key_of(t, r),) for t, r in gone if t != PUBLIC]
        _many(cursor, "DELETE FROM disclosure_words_wider WHERE rowid = %s", wider)


def _write_words(rows: Sequence[tuple[int, int, int, str, str, str]]) -> None:
    """Index words: public ones in a table of their own, others carrying their audience (no score, no hint moves)."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _many(
                cursor,
                "INSERT INTO disclosure_words (tier, record_id, kind, words) VALUES (%s, %s, %s,"
                " setweight(to_tsvector('simple', %s), 'A') || setweight(to_tsvector('simple', %s), 'B'))",
                [row[:5] for row in rows],
            )
            return
        # FTS5 flushes its memory whenever row numbers go backwards.
        public = sorted((r, *index_words(t, k, n, x, d)) for t, r, k, n, x, d in rows if t == PUBLIC)
        wider = sorted((key_of(t, r), *index_words(t, k, n, x, d)) for t, r, k, n, x, d in rows if t != PUBLIC)
        _many(cursor, _WORDS.format("public"), public)
        _many(cursor, _WORDS.format("wider"), wider)


def _write_deeper_words(rows: Sequence[tuple[str, int, int]]) -> None:
    """Rows of (deeper, record, audience) that stay as they are but for the audiences below them."""
    if connection.vendor != "sqlite" or not rows:
        return
    with connection.cursor() as cursor:
        sql = "UPDATE disclosure_words_{} SET deeper = %s WHERE rowid = %s"
        _many(cursor, sql.format("public"), [(deeper_words(d), r) for d, r, t in rows if t == PUBLIC])
        _many(cursor, sql.format("wider"), [(deeper_words(d), key_of(t, r)) for d, r, t in rows if t != PUBLIC])


def _many(cursor: object, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        cursor.executemany(sql, rows)  # type: ignore[attr-defined]
