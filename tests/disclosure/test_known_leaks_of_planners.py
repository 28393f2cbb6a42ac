"""Row 21 of the known leaks: what a database knows of hidden rows.

On SQLite it moves no step of what the public asks. On PostgreSQL statistics of whole tables may move which index is
taken, and so how long an answer takes, which law 2 does not cover; but what is searched are rows of the reader alone.
Work is counted, never timed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from django.db import connection

from datacoop.consent.actions import Wish, decide_in
from datacoop.disclosure.models import Entry
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import Reading, open_reading
from datacoop.disclosure.search.feeding import changes
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.grouping import clusters, facets
from datacoop.disclosure.search.questions import Question
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, create_record, state
from datacoop.records.rules import Origin
from tests.api import world
from tests.database import cleaning

pytestmark = pytest.mark.django_db(transaction=True)
ALL = Question("organisation")
#: What is searched: rows of all readers lie in them.
TABLES = ("disclosure_entry", "disclosure_facet", "disclosure_words")
UID = "00000000-0001-4000-8000-000000000001"
ASKED: dict[str, Callable[[Reading], object]] = {
    "list": lambda own: find(own, PUBLIC, ALL),
    "backwards": lambda own: find(own, PUBLIC, Question("organisation", sort="-name", limit=5)),
    "theme": lambda own: find(own, PUBLIC, Question("organisation", facets=(("theme", ("culture",)),))),
    "commune": lambda own: find(own, PUBLIC, Question("organisation", facets=(("commune", ("5586",)),))),
    "words": lambda own: find(own, PUBLIC, Question("organisation", text="chanter ensemble")),
    "a word of the hidden": lambda own: find(own, PUBLIC, Question("organisation", text="springen")),
    "facets": lambda own: facets(own, PUBLIC, ALL),
    "clusters": lambda own: clusters(own, PUBLIC, ALL, 8),
    "feed": lambda own: changes(own, PUBLIC, None, 100),
    "one": lambda own: get(own, PUBLIC, "organisation", _first(own)),
    "none": lambda own: get(own, PUBLIC, "organisation", UID),
}


def _first(own: Reading) -> str:
    return str(orjson.loads(find(own, PUBLIC, ALL).bodies[0])["id"])


def hide_many(number: int, agreement: str, *, alike: bool) -> None:
    """Records that one client alone was ever shown, in the same tables: like what is asked for, or not."""
    name, theme, words = ("Chœur", "culture/chant", "Chanter") if alike else ("Verein", "sport/football", "Springen")
    commune = {"bfs": 5586, "name": "Lausanne"} if alike else {"bfs": 261, "name": "Zürich"}
    lat, lon = (46.52, 6.63) if alike else (47.37, 8.54)
    with revision(actor="steward:1", now=world.NOW, why="test") as draft:
        for each in range(100, 100 + number):
            record = create_record(draft, kind="organisation", uid=uuid.UUID(int=(each << 80) | (4 << 76) | (8 << 60)))
            for wish in (Wish("public", shows=False), Wish(f"agreement:{agreement}", shows=True)):
                decide_in(draft, uid=record.uid, wish=wish, reason="test")
            said = [
                Said("name", f"{name} {each:03}"), Said("theme", theme), Said("commune", commune),
                Said("point", {"lat": lat, "lon": lon, "precision": "street"}),
                Said("description", {"fr": f"{words} ensemble.", "de": f"{words} zusammen."}),
            ]  # fmt: skip
            state(draft, record_id=record.id, said=said, origin=Origin.SUBJECT)


def steps(own: Reading, ask: Callable[[Reading], object]) -> int:
    """How many steps SQLite's machine takes for a question that was asked before."""
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    ask(own)
    own._raw.set_progress_handler(step, 1)
    try:
        ask(own)
    finally:
        own._raw.set_progress_handler(None, 1)
    return taken


def looked_up(own: Reading, ask: Callable[[Reading], object]) -> list[tuple[str, str]]:
    """Which indexes PostgreSQL goes through for a question, and by which condition."""
    statements: list[tuple[str, Any]] = []
    rows = own.rows

    def noting(sql: str, parameters: Any = ()) -> Any:
        statements.append((sql, parameters))
        return rows(sql, parameters)

    own.rows = noting  # type: ignore[method-assign]
    try:
        ask(own)
    finally:
        del own.rows  # type: ignore[method-assign]
    # As in tables so large that nobody would read the whole of them.
    own._raw.execute("SET enable_seqscan = off")
    plans = [own.rows(f"EXPLAIN (COSTS OFF, FORMAT JSON) {sql}", given)[0][0][0]["Plan"] for sql, given in statements]
    return [each for plan in plans for each in _indexes(plan)]


def _indexes(plan: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "Scan" in plan["Node Type"] and plan["Node Type"] != "Bitmap Heap Scan" and plan["Node Type"] != "Function Scan":
        yield plan.get("Index Name", plan.get("Relation Name", "")), plan.get("Index Cond", "")
    for each in plan.get("Plans", ()):
        yield from _indexes(each)


def settle_world(number: int, *, alike: bool) -> None:
    """40 public records beside so many of a client, and statistics of them all."""
    cleaning.restore()
    world.add_choirs(40)
    agreement, _ = world.token_of_client()
    hide_many(number, agreement, alike=alike)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    assert Entry.objects.exclude(tier=PUBLIC.leaf).count() >= number


def worked(number: int, *, alike: bool) -> dict[str, int]:
    """What each question costs the public."""
    settle_world(number, alike=alike)
    own = open_reading()
    found = {name: steps(own, ask) for name, ask in ASKED.items()}
    own.close()
    return found


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_21_hidden_rows_move_no_plan_and_no_work(transactional_db: None) -> None:
    """CVE-2017-7484, CVE-2019-10130: statistics told of hidden values. Neither values nor their number do here."""
    like, unlike, few = worked(120, alike=True), worked(120, alike=False), worked(3, alike=True)

    assert {name for name in ASKED if not like[name] == unlike[name] == few[name]} == set()


@pytest.mark.skipif("connection.vendor != 'postgresql'")
@pytest.mark.parametrize("alike", [True, False])
def test_21_whatever_the_plan_the_public_looks_at_no_row_of_others(alike: bool, transactional_db: None) -> None:
    """PostgreSQL chooses among plans by statistics of whole tables; each of them begins at the rows of the reader."""
    settle_world(120, alike=alike)
    own = open_reading()
    found = {name: looked_up(own, ask) for name, ask in ASKED.items()}
    own.close()

    through = {each for every in found.values() for each in every if each[0].startswith(TABLES)}
    assert len(through) > 5
    assert [each for each in through if "tier = " not in each[1]] == []
