"""Law 7: superseded, never overwritten; merges undone to the byte; a contribution all or nothing.

What a killed import leaves is tried through the whole pipeline beside this, in `tests/pipelines`.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from datacoop.disclosure.actions import finish_contributions, settle
from datacoop.disclosure.models import Counter, Entry, Facet, Occurrence, View
from datacoop.disclosure.verify import differences
from datacoop.records.actions.publishing import Attestation, add_source, attest
from datacoop.records.actions.revising import revision
from datacoop.records.actions.staging import StagedRow, Staging, accept, open_staging, stage, stage_vanished
from datacoop.records.actions.stating import Said
from datacoop.records.models import Record, Statement
from tests.database.server import url_of
from tests.laws import worlds
from tests.laws.catalogue import said
from tests.laws.judging import present
from tests.laws.replaying import LONG_AGO, replay
from tests.laws.worlds import BASE, Merge, Op, Split, World, world_of

pytestmark = pytest.mark.django_db(transaction=True)

#: Instants of a contribution at which it may die: after so many batches staged, or just before acceptance commits.
INSTANTS = ("staged:1", "staged:2", "ended", "accepting")


def _views() -> list[tuple[object, ...]]:
    """Everything anybody can be answered from, without the times of change."""
    rows = View.objects.order_by("key").values_list("key", "state", "body", "open_body", "private", "deeper")
    found: list[tuple[object, ...]] = [
        (key, state, _timeless(body), _timeless(opened), private, deeper)
        for key, state, body, opened, private, deeper in rows
        if state == "l"
    ]
    found += Facet.objects.order_by("record_id", "tier", "name", "value").values_list(
        "record_id", "tier", "name", "value"
    )
    entries = Entry.objects.order_by("record_id", "tier", "theme")
    found += [(*r[:4], bytes(r[4]), *r[5:]) for r in entries.values_list(
        "record_id", "tier", "theme", "place", "name", "cell", "lat", "lon", "deeper")]  # fmt: skip
    found += Occurrence.objects.order_by("record_id", "tier", "theme", "start").values_list(
        "record_id", "tier", "theme", "start", "place", "cell", "lat", "lon", "deeper"
    )
    return found


def _timeless(body: object) -> object:
    if body is None:
        return None
    return {k: v for k, v in json.loads(bytes(body)).items() if k != "modified"}  # type: ignore[call-overload]


# ---- merge and split


@settings(max_examples=15)
@given(world=worlds.worlds(8), which=st.permutations(["o0", "o1", "o2"]))
def test_merge_and_split_restore_both_views_to_the_byte(world: World, which: list[str]) -> None:
    # Decisions without an end: each step takes an hour, and one that ended meanwhile would be no fault of the split.
    lasting = [replace(op, hours=None) if isinstance(op, worlds.Decide) else op for op in world]
    apart: list[Op] = [op for op in lasting if not isinstance(op, Merge | Split)]
    names = {op.record for op in apart if isinstance(op, worlds.Create)}
    loser, survivor = ([each for each in which if each in names] + [which[0], which[1]])[:2]
    if loser == survivor:
        return
    before = world_of([*apart, worlds.Create(loser), worlds.Create(survivor)])
    replay(before)
    views = present()
    end = replay(world_of([*before, Merge(loser, survivor), Split(loser)]))

    assert present() == views
    assert list(differences(end)) == []


def test_a_superseded_value_stays_and_a_retracted_one_comes_back_to_its_rival() -> None:
    first, second = said("o0", "list:1", name="Alpha Lac"), said("o0", "list:2", name="Beta Lac")
    replay(world_of([first, second, said("o0", "list:2", name="Zeta Chor"), worlds.Retract("o0", "list:2", ("name",))]))

    assert [json.loads(v) for v in Statement.objects.order_by("id").values_list("value", flat=True) if v] == [
        "Alpha Lac", "Beta Lac", "Zeta Chor",
    ]  # fmt: skip
    body = View.objects.get(tier=1, state="l").body
    assert json.loads(bytes(body))["name"] == "Alpha Lac"


# ---- contributions


def _source() -> int:
    replay(())
    number = add_source(holder_uid=UUID(int=99), holder="Commune d'Exemple", name="liste", kind="organisation")
    attest(number, Attestation("", None, "steward:1", LONG_AGO))
    return number


def _rows(names: dict[int | None, list[str]]) -> list[StagedRow]:
    return [StagedRow(i, [Said("name", name)]) for i, found in names.items() for name in found]


def contribute(
    source: int, batches: list[list[StagedRow]], *, vanished: list[int], now: int, at: Callable[[str], None]
) -> None:
    """One contribution, calling `at` at each instant it may die."""
    moment = BASE + timedelta(days=now)
    staging: Staging = open_staging(source_id=source, now=moment)
    for number, batch in enumerate(batches, 1):
        stage(staging, kind="organisation", rows=batch)
        at(f"staged:{number}")
    stage_vanished(staging, record_ids=vanished)
    at("ended")
    with revision(actor="steward:1", now=moment, why="contribution") as draft:
        accept(draft, staging)
        at("accepting")
    finish_contributions(moment)


def _first(source: int) -> list[int]:
    contribute(source, [_rows({None: ["Alpha Lac", "Beta Lac"]})], vanished=[], now=1, at=lambda _: None)
    return list(Record.objects.order_by("id").values_list("id", flat=True))


def _second(known: list[int]) -> dict[str, object]:
    return {
        "batches": [_rows({known[0]: ["Zeta Chor"]}), _rows({None: ["Émile & Cie", "Alpha Chœur"]})],
        "vanished": [known[1]],
        "now": 2,
    }


class Dies(Exception):
    """What stops a contribution."""


@pytest.mark.parametrize("instant", INSTANTS)
def test_a_contribution_that_fails_leaves_nothing(instant: str) -> None:
    source = _source()
    known = _first(source)
    before = _views()

    def at(where: str) -> None:
        if where == instant:
            raise Dies

    with pytest.raises(Dies):
        contribute(source, at=at, **_second(known))  # type: ignore[arg-type]

    assert _views() == before
    assert list(differences(BASE + timedelta(days=2))) == []
    open_staging(source_id=source, now=BASE + timedelta(days=3))
    assert sorted(Record.objects.values_list("id", flat=True)) == sorted(known)
    assert not Statement.objects.filter(begin_contribution=2).exists()
    assert not Statement.objects.filter(end_contribution__isnull=False).exists()


_KILLED = """
import os, signal, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "datacoop.config.settings"
import django
django.setup()
from tests.laws import test_law_7_nothing_is_lost as law
source, first, second, instant = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
def at(where):
    if where == instant:
        os.kill(os.getpid(), signal.SIGKILL)
law.contribute(source, at=at, **law._second([first, second]))
"""


@pytest.mark.parametrize("instant", INSTANTS)
def test_a_contribution_that_is_killed_leaves_nothing(instant: str) -> None:
    source = _source()
    known = _first(source)
    before = _views()

    program = [sys.executable, "-c", _KILLED, str(source), *map(str, known), instant]
    connection.close()
    done = subprocess.run(program, env=_environment(), capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == -signal.SIGKILL, done.stderr
    assert _views() == before
    contribute(source, at=lambda _: None, **_second(known))  # type: ignore[arg-type]
    assert list(differences(BASE + timedelta(days=2))) == []
    names = sorted(
        json.loads(bytes(b))["name"] for b in View.objects.filter(state="l", tier=1).values_list("body", flat=True)
    )
    assert names == ["Alpha Chœur", "Zeta Chor", "Émile & Cie"]


def _environment() -> dict[str, str]:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        url = url_of(Path(str(database["HOST"])), str(database["NAME"]))
    path = os.pathsep.join(filter(None, sys.path))
    return {**os.environ, "PYTHONPATH": path, "DATACOOP_DATABASE_URL": url}


def test_the_same_contribution_twice_changes_nothing() -> None:
    source = _source()
    known = _first(source)
    before = [_views(), sorted(Counter.objects.values_list("tier", "seq")), Statement.objects.count()]
    rows = [StagedRow(s.record_id, [Said("name", json.loads(s.value or ""))]) for s in Statement.objects.all()]

    contribute(source, [rows], vanished=[], now=3, at=lambda _: None)

    assert [_views(), sorted(Counter.objects.values_list("tier", "seq")), Statement.objects.count()] == before
    assert len(known) == 2


def test_acceptance_is_one_instant() -> None:
    """Before it nobody sees a row, after it everything that narrows is in force; the rest follows."""
    source = _source()
    known = _first(source)
    seen: list[list[tuple[object, ...]]] = []
    before = _views()
    contribute(source, at=lambda _: seen.append(_views()), **_second(known))  # type: ignore[arg-type]

    assert seen == [before] * len(seen)
    after = settle(BASE + timedelta(days=3))
    assert after == 0
    bodies = [
        json.loads(bytes(b))["name"] for b in View.objects.filter(state="l", tier=1).values_list("body", flat=True)
    ]
    assert "Beta Lac" not in bodies
    assert "Zeta Chor" in bodies
