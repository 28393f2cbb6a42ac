"""Search by words: hits in names first, then a fixed order that says nothing. Counts stop at the cap.

Public words have a table of their own, wider words carry their audience: no hidden word moves a public answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from datacoop.consent.rules import PUBLIC
from datacoop.disclosure.compile.packing import key_of, kind_code
from datacoop.disclosure.compile.tokens import query
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import Reading, Row
from datacoop.disclosure.search.bodies import Order, listed, page_of, united
from datacoop.disclosure.search.clock import check_clock
from datacoop.disclosure.search.conditions import Where, add_box, box_of, of_audience, replaced
from datacoop.disclosure.search.questions import COUNT_CAP, Page, Question
from datacoop.disclosure.search.spelling import corrected
from datacoop.lib.text import words
from datacoop.records.rules import ID_MASK

IN_NAME, ELSEWHERE = 0, 1
_LEVEL = Order("level", False)
_LEVELS = {IN_NAME: "name", ELSEWHERE: "rest", None: "all"}
MOST_WORDS = 12


def words_page(reading: Reading, reader: Reader, question: Question) -> Page:
    """Return a page of records that hold all words; where there are none, the last may be the beginning of one."""
    asked = words(question.text or "")[:MOST_WORDS]
    if not asked:
        check_clock(reading)
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
        rows, order = _sorted(reading, reader, question, asked, prefix=prefix)
    else:
        rows, order = _ranked(reading, reader, question, asked, prefix=prefix), _LEVEL
    count, relation = None, None
    if question.counted:
        count, relation = _count(reading, reader, question, asked, prefix=prefix)
    return page_of(reading, reader, rows, question, order, count, relation)


def _ranked(reading: Reading, reader: Reader, question: Question, asked: Sequence[str], *, prefix: bool) -> list[Row]:
    rank, after = (int(str(question.after[0])), question.after[1]) if question.after else (IN_NAME, None)
    found: list[Row] = []
    for level in range(rank, ELSEWHERE + 1):
        wanted = question.limit + 1 - len(found)
        if wanted <= 0:
            break
        # Where no name holds the words, "elsewhere" is everywhere, and quicker to ask for.
        where = None if level == ELSEWHERE and rank == IN_NAME and not found else level
        selects: list[str] = []
        parameters: list[object] = []
        for tier in reader.chain:
            sql, given = _hits(
                reading, reader, question, tier, _match(reading, reader, question, tier, asked, where, prefix)
            )
            if after is not None and level == rank:
                sql += f" AND {_row_number(reading)} > ?"
                given.append(_beyond(reading, tier, after))
            columns = f"{level} AS level, {_record(reading, tier)} AS record_id, {tier} AS tier"
            selects.append(f"SELECT {columns} {sql} ORDER BY {_row_number(reading)} LIMIT {wanted}")
            parameters += given
        found += listed(reading, reader, united(selects, "record_id", wanted), parameters, _LEVEL)
    return found


def _sorted(
    reading: Reading, reader: Reader, question: Question, asked: Sequence[str], *, prefix: bool
) -> tuple[list[Row], Order]:
    """Order all hits by a slot; dearer, since every hit is looked at."""
    column = "start" if (question.sort or "").endswith("start") else "name"
    descending = (question.sort or "").startswith("-")
    way = "DESC" if descending else "ASC"
    limit = question.limit + 1
    selects: list[str] = []
    parameters: list[object] = []
    for tier in reader.chain:
        match = _match(reading, reader, question, tier, asked, None, prefix)
        sql, given = _hits(reading, reader, question, tier, match, table="occurrence" if column == "start" else "entry")
        if question.after is not None:
            value = bytes.fromhex(str(question.after[0])) if column == "name" else question.after[0]
            sign = "<" if descending else ">"
            sql += f" AND (e.{column} {sign} ? OR (e.{column} = ? AND e.record_id > ?))"
            given += [value, value, question.after[1]]
        selects.append(
            f"SELECT e.{column}, e.record_id, {tier} AS tier {sql} ORDER BY e.{column} {way}, e.record_id LIMIT {limit}"
        )
        parameters += given
    order = Order(column, descending)
    return listed(reading, reader, united(selects, order.sql, limit), parameters, order), order


def _count(
    reading: Reading, reader: Reader, question: Question, asked: Sequence[str], *, prefix: bool
) -> tuple[int, str]:
    total = 0
    for tier in reader.chain:
        match = _match(reading, reader, question, tier, asked, None, prefix)
        table = "occurrence" if (question.sort or "").endswith("start") else ""
        sql, parameters = _hits(reading, reader, question, tier, match, table=table)
        rows = reading.rows(f"SELECT count(*) FROM (SELECT 1 {sql} LIMIT {COUNT_CAP + 1}) AS c", parameters)
        total += rows[0][0]
        if total > COUNT_CAP:
            return COUNT_CAP, "gte"
    return total, "eq"


def _hits(
    reading: Reading,
    reader: Reader,
    question: Question,
    tier: int,
    match: tuple[str, list[object]],
    *,
    table: str = "",
) -> tuple[str, list[object]]:
    """Return FROM and WHERE of one audience's hits: words `w` and, where filtered or ordered, their index row `e`.

    Rows that an audience below replaces are left out: SQLite's words say so themselves, PostgreSQL's view `v` does.
    """
    words_table, predicate = _tables(reading, tier)
    record = _record(reading, tier)
    conditions = [predicate.format(match[0])]
    parameters = list(match[1])
    joins = ""
    hidden = ""
    if reading.vendor != "sqlite" or reader.held:
        hidden, patterns = replaced(reading.vendor, reader, tier, "v")
    if hidden:
        joins = f" JOIN disclosure_view v ON v.key = ({tier << 48} + {record})"
        conditions.append(hidden)
        parameters += patterns
    if table or _is_filtered(question):
        table = table or "entry"
        where = of_audience(reading.vendor, question, reader, tier, dated=table == "occurrence")
        box = box_of(question)
        if box:
            add_box(where, box)
        # SQLite begins with the words, whatever its planner thinks of them.
        join = "CROSS JOIN" if reading.vendor == "sqlite" else "JOIN"
        joins += f" {join} disclosure_{table} e ON e.record_id = {record}"
        conditions.append(where.sql())
        parameters += where.parameters
    return f"FROM {words_table} w{joins} WHERE {' AND '.join(conditions)}", parameters


def _tables(reading: Reading, tier: int) -> tuple[str, str]:
    if reading.vendor == "sqlite":
        table = "disclosure_words_public" if tier == PUBLIC else "disclosure_words_wider"
        return table, f"{table} MATCH {{}}"
    return "disclosure_words", f"w.tier = {tier} AND w.kind = ? AND w.words @@ {{}}"


def _row_number(reading: Reading) -> str:
    return "w.rowid" if reading.vendor == "sqlite" else "w.record_id"


def _record(reading: Reading, tier: int) -> str:
    """Return the record of a row of words: SQLite numbers wider ones by their view."""
    if reading.vendor != "sqlite":
        return "w.record_id"
    return "w.rowid" if tier == PUBLIC else f"(w.rowid & {ID_MASK})"


def _beyond(reading: Reading, tier: int, record_id: object) -> object:
    """Return the row number of a record in a tier's words."""
    if reading.vendor == "sqlite" and tier != PUBLIC:
        return key_of(tier, int(str(record_id)))
    return record_id


def _match(
    reading: Reading,
    reader: Reader,
    question: Question,
    tier: int,
    asked: Sequence[str],
    level: int | None,
    prefix: bool,
) -> tuple[str, list[object]]:
    """Return the text predicate and its parameters: the first of the three seams between the databases."""
    code = kind_code(question.kind)
    if reading.vendor == "sqlite":
        # What replaces a row for a held reader, no word can say.
        below = () if reader.held else reader.chain[reader.chain.index(tier) + 1 :]
        return "?", [query(asked, tier, code, hidden_by=below, prefix=prefix, level=_LEVELS[level])]
    names = " & ".join(f"{w}:{'*' if prefix and w == asked[-1] else ''}A" for w in asked)
    every = " & ".join(f"{w}{':*' if prefix and w == asked[-1] else ''}" for w in asked)
    if level == IN_NAME:
        return "to_tsquery('simple', ?)", [code, names]
    if level == ELSEWHERE:
        return "to_tsquery('simple', ?) AND NOT w.words @@ to_tsquery('simple', ?)", [code, every, names]
    return "to_tsquery('simple', ?)", [code, every]


def _is_filtered(question: Question) -> bool:
    return bool(question.facets or question.since or question.until or box_of(question))


def matching(where: Where, reading: Reading, reader: Reader, question: Question, tier: int) -> None:
    """Add the words of a question as a condition on entries, for counts over the same rows."""
    asked = words(question.text or "")[:MOST_WORDS]
    if not asked:
        where.add("1 = 0")
        return
    table, predicate = _tables(reading, tier)
    text, parameters = _match(reading, reader, question, tier, asked, None, prefix=False)
    inner = f"SELECT {_record(reading, tier)} FROM {table} w WHERE {predicate.format(text)}"
    where.add(f"e.record_id IN ({inner})", *parameters)
