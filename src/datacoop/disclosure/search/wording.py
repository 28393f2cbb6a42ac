"""Search by words: hits in names first, then a fixed order that says nothing. Counts stop at the cap.

Public words have a table of their own, wider words carry their audience: no hidden word moves a public answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from datacoop.consent.rules import PUBLIC
from datacoop.disclosure.compile.packing import kind_code
from datacoop.disclosure.compile.writing import prefix_of
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import Reading, Row
from datacoop.disclosure.search.bodies import bodies, columns
from datacoop.disclosure.search.conditions import Where, add_box, box_of, masks, of_audience
from datacoop.disclosure.search.questions import COUNT_CAP, Page, Question
from datacoop.disclosure.search.spelling import corrected
from datacoop.lib.text import words

IN_NAME, ELSEWHERE = 0, 1
MOST_WORDS = 12


def words_page(reading: Reading, reader: Reader, question: Question) -> Page:
    """Return a page of records that hold all words; where there are none, the last may be the beginning of one."""
    asked = words(question.text or "")[:MOST_WORDS]
    if not asked:
        return Page([], None, 0 if question.counted else None, "eq" if question.counted else None)
    page = _page(reading, reader, question, asked, prefix=False)
    if page.bodies or _finds(reading, reader, question, asked):
        return page
    if _finds(reading, reader, question, asked, prefix=True):
        return _page(reading, reader, question, asked, prefix=True)
    meant = corrected(reading, reader, question.kind, asked, lambda w: _finds(reading, reader, question, [w]))
    return _page(reading, reader, question, meant, prefix=False) if meant else page


def _finds(reading: Reading, reader: Reader, question: Question, asked: Sequence[str], *, prefix: bool = False) -> bool:
    """Return whether the words alone, whatever the filters, find anything for this reader."""
    alone = Question(question.kind, text=question.text, limit=1, counted=False)
    return bool(_ranked(reading, reader, alone, asked, prefix=prefix))


def _page(reading: Reading, reader: Reader, question: Question, asked: Sequence[str], *, prefix: bool) -> Page:
    if question.sort in {"name", "-name", "start", "-start"}:
        rows = _sorted(reading, reader, question, asked, prefix=prefix)
    else:
        rows = _ranked(reading, reader, question, asked, prefix=prefix)
    more = len(rows) > question.limit
    rows = rows[: question.limit]
    position = (_plain(rows[-1][0]), rows[-1][1]) if more else None
    count, relation = None, None
    if question.counted:
        count, relation = _count(reading, reader, question, asked, prefix=prefix)
    return Page(bodies(reading, reader, [row[2:] for row in rows]), position, count, relation)


def _ranked(reading: Reading, reader: Reader, question: Question, asked: Sequence[str], *, prefix: bool) -> list[Row]:
    rank, after = (int(str(question.after[0])), question.after[1]) if question.after else (IN_NAME, None)
    found: list[Row] = []
    for level in range(rank, ELSEWHERE + 1):
        wanted = question.limit + 1 - len(found)
        if wanted <= 0:
            break
        rows: list[Row] = []
        for tier in reader.chain:
            sql, parameters = _hits(
                reading, reader, question, tier, _match(reading, question, tier, asked, level, prefix)
            )
            if after is not None and level == rank:
                sql += f" AND {_record(reading, tier)} > ?"
                parameters.append(_beyond(reading, tier, after))
            rows += reading.rows(
                f"SELECT {level}, v.record_id, {columns(reader)} {sql}"
                f" ORDER BY {_record(reading, tier)} LIMIT {wanted}",
                parameters,
            )
        rows.sort(key=lambda row: row[1])
        found += rows[:wanted]
    return found


def _sorted(reading: Reading, reader: Reader, question: Question, asked: Sequence[str], *, prefix: bool) -> list[Row]:
    """Order all hits by a slot; dearer, since every hit is looked at."""
    column = "start" if (question.sort or "").endswith("start") else "name"
    descending = (question.sort or "").startswith("-")
    found: list[Row] = []
    for tier in reader.chain:
        match = _match(reading, question, tier, asked, None, prefix)
        sql, parameters = _hits(reading, reader, question, tier, match, entries=True)
        if column == "start":
            sql += " AND e.start IS NOT NULL"
        if question.after is not None:
            value = bytes.fromhex(str(question.after[0])) if column == "name" else question.after[0]
            sign = "<" if descending else ">"
            sql += f" AND (e.{column} {sign} ? OR (e.{column} = ? AND e.record_id > ?))"
            parameters += [value, value, question.after[1]]
        way = "DESC" if descending else "ASC"
        found += reading.rows(
            f"SELECT e.{column}, e.record_id, {columns(reader)} {sql}"
            f" ORDER BY e.{column} {way}, e.record_id LIMIT {question.limit + 1}",
            parameters,
        )
    found.sort(key=lambda row: row[1])
    found.sort(key=lambda row: row[0], reverse=descending)
    return found


def _count(
    reading: Reading, reader: Reader, question: Question, asked: Sequence[str], *, prefix: bool
) -> tuple[int, str]:
    total = 0
    for tier in reader.chain:
        match = _match(reading, question, tier, asked, None, prefix)
        plain = len(reader.chain) == 1 and not _is_filtered(question)
        sql, parameters = _hits(reading, reader, question, tier, match, views=not plain)
        rows = reading.rows(f"SELECT count(*) FROM (SELECT 1 {sql} LIMIT {COUNT_CAP + 1}) AS c", parameters)
        total += rows[0][0]
    return (COUNT_CAP, "gte") if total > COUNT_CAP else (total, "eq")


def _hits(
    reading: Reading,
    reader: Reader,
    question: Question,
    tier: int,
    match: tuple[str, list[object]],
    *,
    entries: bool = False,
    views: bool = True,
) -> tuple[str, list[object]]:
    """Return FROM and WHERE of one audience's hits: words `w`, their view `v` and, where filtered, their entry `e`."""
    table, predicate = _tables(reading, tier)
    joins, parameters = "", []
    if views:
        key = (
            f"({tier << 48} + {_record(reading, tier)})" if tier == PUBLIC or reading.vendor != "sqlite" else "w.rowid"
        )
        joins = (
            f" CROSS JOIN disclosure_view v ON v.key = {key}"
            if reading.vendor == "sqlite"
            else f" JOIN disclosure_view v ON v.key = {key}"
        )
    conditions = [predicate.format(match[0])]
    parameters = list(match[1])
    for pattern in masks(reader.chain, tier) if views else ():
        conditions.append("(v.deeper = '' OR v.deeper NOT LIKE ?)")
        parameters.append(pattern)
    if views and (entries or _is_filtered(question)):
        where = of_audience(question, reader.chain, tier)
        box = box_of(question)
        if box:
            add_box(where, box)
        joins += " JOIN disclosure_entry e ON e.record_id = v.record_id"
        conditions.append(where.sql())
        parameters += where.parameters
    return f"FROM {table} w{joins} WHERE {' AND '.join(conditions)}", parameters


def _tables(reading: Reading, tier: int) -> tuple[str, str]:
    if reading.vendor == "sqlite":
        table = "disclosure_words_public" if tier == PUBLIC else "disclosure_words_wider"
        return table, f"{table} MATCH {{}}"
    return "disclosure_words", f"w.tier = {tier} AND w.kind = ? AND w.words @@ {{}}"


def _record(reading: Reading, tier: int) -> str:
    return "w.rowid" if reading.vendor == "sqlite" else "w.record_id"


def _beyond(reading: Reading, tier: int, record_id: object) -> object:
    """Return the row number of a record in a tier's words: wider ones are numbered by view."""
    if reading.vendor == "sqlite" and tier != PUBLIC:
        return (tier << 48) | int(str(record_id))
    return record_id


def _match(
    reading: Reading, question: Question, tier: int, asked: Sequence[str], level: int | None, prefix: bool
) -> tuple[str, list[object]]:
    """Return the text predicate and its parameters: the first of the three seams between the databases."""
    code = kind_code(question.kind)
    if reading.vendor == "sqlite":
        return "?", [_fts5(asked, tier, code, level, prefix=prefix)]
    names = " & ".join(f"{w}:{'*' if prefix and w == asked[-1] else ''}A" for w in asked)
    every = " & ".join(f"{w}{':*' if prefix and w == asked[-1] else ''}" for w in asked)
    if level == IN_NAME:
        return "to_tsquery('simple', ?)", [code, names]
    if level == ELSEWHERE:
        return "to_tsquery('simple', ?) AND NOT w.words @@ to_tsquery('simple', ?)", [code, every, names]
    return "to_tsquery('simple', ?)", [code, every]


def _fts5(asked: Sequence[str], tier: int, code: int, level: int | None, *, prefix: bool) -> str:
    before = "" if tier == PUBLIC else prefix_of(tier)
    terms = [f'"{before}{w}"' for w in asked]
    if prefix:
        terms[-1] += " *"
    kind = f'name : "{before}k{code}"'
    names = " AND ".join(f"name : {t}" for t in terms)
    every = " AND ".join(terms)
    if level == IN_NAME:
        return f"{kind} AND {names}"
    if level == ELSEWHERE:
        return f"({kind} AND {every}) NOT ({names})"
    return f"{kind} AND {every}"


def _is_filtered(question: Question) -> bool:
    return bool(question.facets or question.since or question.until or box_of(question))


def _plain(value: object) -> object:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value


def matching(where: Where, reading: Reading, question: Question, tier: int) -> None:
    """Add the words of a question as a condition on entries, for counts over the same rows."""
    asked = words(question.text or "")[:MOST_WORDS]
    if not asked:
        where.add("1 = 0")
        return
    table, predicate = _tables(reading, tier)
    text, parameters = _match(reading, question, tier, asked, None, prefix=False)
    number = _record(reading, tier)
    if reading.vendor == "sqlite" and tier != PUBLIC:
        number = "w.rowid & 281474976710655"
    where.add(f"e.record_id IN (SELECT {number} FROM {table} w WHERE {predicate.format(text)})", *parameters)
