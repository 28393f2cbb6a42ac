"""Recompute views and index from statements and decisions, and say every difference. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import connection

from datacoop.consent.joining import unopened_versions
from datacoop.consent.rules import PUBLIC
from datacoop.disclosure.compile.differing import Standing, Wanted, difference
from datacoop.disclosure.compile.drafting import LIVE, Drafting
from datacoop.disclosure.compile.packing import Indexed, key_of, kind_code, with_modified
from datacoop.disclosure.compile.rolling import occurrence_rows
from datacoop.disclosure.compile.tokens import index_words
from datacoop.disclosure.compile.writing import INDEX, standing_views
from datacoop.disclosure.due import list_due
from datacoop.disclosure.models import Counter, Entry, Facet, Occurrence, Pending, Rolling, View
from datacoop.records.actions.restating import parted_from
from datacoop.records.actions.staging import touched_by
from datacoop.records.queries import list_record_ids

BATCH = 500
#: Key of the view that words belong to.
_WORD_KEYS = {
    "sqlite": {"disclosure_words_public": f"({PUBLIC} << 48 | w.rowid)", "disclosure_words_wider": "w.rowid"},
    "postgresql": {"disclosure_words": "(CAST(w.tier AS bigint) << 48 | w.record_id)"},
}


def differences(now: datetime) -> Iterator[str]:
    """Yield one plain sentence for every view or index row that is not what statements and decisions make it.

    Records that wait for the batches of an accepted contribution, or are due by `now`, are pending, not different.
    """
    pending = _pending(now)
    after = -1
    while ids := list_record_ids(after=after, limit=BATCH):
        after = ids[-1]
        yield from _of_batch([i for i in ids if i not in pending], now)
    yield from _orphans()
    yield from _counters()


def pending_records(now: datetime) -> int:
    """Return how many records are still to be compiled."""
    return len(_pending(now))


def _of_batch(ids: Sequence[int], now: datetime) -> Iterator[str]:
    drafting, unread = Drafting(now), unopened_versions()
    drafts = [d for d in drafting.drafts(ids) if d.facts.id in set(ids)]
    standing = standing_views([d.facts.id for d in drafts])
    for drafted in drafts:
        stored = standing.get(drafted.facts.id, {})
        # Against empty digests every view is wanted: what compile would write from nothing.
        blank = {t: replace(s, state="", digest=b"?") for t, s in stored.items()}
        fresh = difference(drafted, blank, drafting.tree, drafting.policy)
        missing = difference(drafted, stored, drafting.tree, drafting.policy)
        name = f"record {drafted.facts.uid}"
        for want in (each for each in missing.wanted if each.tier not in unread):
            yield f"{name}: the view of audience {want.tier} is not what statements and decisions make it."
        different = {w.tier for w in missing.wanted}
        for want in fresh.wanted:
            if want.tier in different or want.tier not in stored:
                continue
            if stored[want.tier].deeper != fresh.deeper[want.tier]:
                yield f"{name}: audience {want.tier} names the wrong audiences below it."
            yield from _body(name, want, stored[want.tier])
            yield from _index(name, want, fresh.deeper[want.tier])


def _body(name: str, want: Wanted, stored: Standing) -> Iterator[str]:
    row = View.objects.get(tier=want.tier, record_id=want.record_id)
    body = with_modified(want.body, stored.modified) if want.packed else want.body
    if bytes(row.body) != body:
        yield f"{name}: the body of audience {want.tier} was changed."
    if row.private != (want.packed.private if want.packed else ""):
        yield f"{name}: audience {want.tier} is shown the wrong ids as private."
    opened = want.packed.open_body if want.packed else None
    if (bytes(row.open_body) if row.open_body is not None else None) != (
        with_modified(opened, stored.modified) if opened else None
    ):
        yield f"{name}: the body for anonymous lists was changed."


def _index(name: str, want: Wanted, deeper: str) -> Iterator[str]:
    indexed = want.indexed
    if _entries(want) != (_wanted_entries(want, indexed, deeper) if indexed else set()):
        yield f"{name}: index rows of audience {want.tier} differ."
    if _occurrences(want) != {row[2:] for row in occurrence_rows(want, _until(want), deeper)}:
        yield f"{name}: dates of audience {want.tier} differ."
    facets = set(
        Facet.objects.filter(record_id=want.record_id, tier=want.tier).values_list("name", "value", "kind", "deeper")
    )
    code = kind_code(want.kind)
    if facets != ({(n, v[:120], code, deeper) for n, v in indexed.facets} if indexed else set()):
        yield f"{name}: facets of audience {want.tier} differ."
    if connection.vendor == "postgresql":
        same = _has_words(want, indexed)
    else:
        same = _words(want) == _wanted_words(want, indexed, deeper)
    if not same:
        yield f"{name}: words of audience {want.tier} differ."


def _entries(want: Wanted) -> set[tuple[object, ...]]:
    rows = Entry.objects.filter(record_id=want.record_id, tier=want.tier)
    columns = ("theme", "kind", "place", "name", "cell", "lat", "lon", "deeper")
    return {(*r[:3], bytes(r[3]), *r[4:]) for r in rows.values_list(*columns)}


def _wanted_entries(want: Wanted, i: Indexed, deeper: str) -> set[tuple[object, ...]]:
    slots = (kind_code(want.kind), i.place, i.name, i.cell, i.lat, i.lon, deeper)
    return {(theme, *slots) for theme in ("", *i.themes)}


def _occurrences(want: Wanted) -> set[tuple[object, ...]]:
    rows = Occurrence.objects.filter(record_id=want.record_id, tier=want.tier)
    return set(rows.values_list("theme", "start", "kind", "place", "cell", "lat", "lon", "deeper"))


def _until(want: Wanted) -> int:
    """Up to when a view is indexed; never, if nothing says so, which differs from any dates that should be there."""
    key = key_of(want.tier, want.record_id)
    return Rolling.objects.filter(key=key).values_list("until", flat=True).first() or 0


def _has_words(want: Wanted, i: Indexed | None) -> bool:
    """PostgreSQL stores positions, not text: it is asked to compare."""
    names, texts = (i.name_words, i.text_words) if i else ("", "")
    sql = (
        "SELECT w.kind = %s AND w.words = setweight(to_tsvector('simple', %s), 'A')"
        " || setweight(to_tsvector('simple', %s), 'B') FROM disclosure_words w WHERE w.tier = %s AND w.record_id = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [kind_code(want.kind), names, texts, want.tier, want.record_id])
        found = [row[0] for row in cursor.fetchall()]
    return found == ([True] if names or texts else [])


def _words(want: Wanted) -> tuple[str, str, str] | None:
    table, row = ("public", want.record_id) if want.tier == PUBLIC else ("wider", want.tier << 48 | want.record_id)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name, text, deeper FROM disclosure_words_{table} WHERE rowid = %s", [row])
        found: tuple[str, str, str] | None = cursor.fetchone()
    return found


def _wanted_words(want: Wanted, i: Indexed | None, deeper: str) -> tuple[str, str, str] | None:
    if i is None or not (i.name_words or i.text_words):
        return None
    return index_words(want.tier, kind_code(want.kind), i.name_words, i.text_words, deeper)


def _orphans() -> Iterator[str]:
    """Index rows without a live view can be found by nobody's right."""
    for table in INDEX:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM disclosure_{table} x LEFT JOIN disclosure_view v"
                " ON v.record_id = x.record_id AND v.tier = x.tier AND v.state = %s WHERE v.key IS NULL",
                [LIVE],
            )
            if found := cursor.fetchone()[0]:
                yield f"{found} rows of the {table} table belong to no live view."
    for table, key in _WORD_KEYS[connection.vendor].items():
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM {table} w LEFT JOIN disclosure_view v ON v.key = {key} AND v.state = %s"
                " WHERE v.key IS NULL",
                [LIVE],
            )
            if found := cursor.fetchone()[0]:
                yield f"{found} rows of the table {table} belong to no live view."


def _counters() -> Iterator[str]:
    for counter in Counter.objects.all():
        last = (
            View.objects.filter(tier=counter.tier, feed=counter.tier)
            .order_by("-seq")
            .values_list("seq", flat=True)
            .first()
            or 0
        )
        if last != counter.seq:
            yield f"The counter of audience {counter.tier} stands at {counter.seq}, its last view at {last}."


def _pending(now: datetime) -> set[int]:
    found = set(list_due(now, 1_000_000))
    for pending in Pending.objects.all():
        for ended in (True, False):
            after = pending.after if ended == pending.narrowing else -1
            while ids := touched_by(pending.source_id, pending.number, ended=ended, after=after, limit=5000):
                found.update(ids, parted_from(pending.source_id, pending.number, ids))
                after = ids[-1]
    return found
