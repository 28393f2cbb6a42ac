"""Importing: all of a contribution or nothing, whatever happens in the middle, and others are not kept waiting."""

import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from datacoop.consent.actions import Wish, decide
from datacoop.linking import actions as linking
from datacoop.pipelines import contribute as module
from datacoop.pipelines import opening
from datacoop.pipelines import stage as staging
from datacoop.pipelines.contribute import ContributionRefused
from datacoop.pipelines.sweeping import sweep_interrupted
from datacoop.records.actions import staging as records_staging
from datacoop.sources.places import Gazetteer
from tests.cli.program import run_program
from tests.pipelines.killing import kill, survives_kill, writes_of
from tests.pipelines.pouring import HOLDER, club, clubs, counts, seen, tables, take, uid_of, verify, write


@pytest.mark.django_db(transaction=True)
class TestFailing:
    @pytest.mark.parametrize(
        ("owner", "name"),
        [
            (staging.Stage, "flush"),
            (staging.Stage, "share"),
            (staging.Stage, "accept"),
            (linking.Linker, "offer"),
            (module, "mark_accepted"),
        ],
    )
    def test_in_the_middle_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, name: str
    ) -> None:
        take(write(tmp_path, clubs(4), "avant.csv"), holder="Paroisse d'Exemple")
        before = tables()
        path = write(tmp_path, [*clubs(600), club(601, Adresse="c/o Jeanne Exemple, Rue Haute 3")])
        with monkeypatch.context() as patch:
            patch.setattr(opening, "BATCH", 250)
            patch.setattr(owner, name, _failing_after(getattr(owner, name), 1 if name in {"flush", "offer"} else 0))
            with pytest.raises(OSError, match="disk"):
                take(path)

        assert tables() == before
        assert verify() == []
        assert take(path).counts["new"] == 601
        assert verify() == []

    def test_while_views_are_compiled_is_mended_by_the_next_import(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write(tmp_path, clubs(4))
        with monkeypatch.context() as patch:
            patch.setattr(module, "finish_contributions", _failing_after(module.finish_contributions, 0))
            with pytest.raises(OSError, match="disk"):
                take(path)

        report = take(path)

        assert counts(report, "unchanged", "visible") == (4, 4)
        assert verify() == []

    def test_what_a_kill_left_is_swept_a_day_later(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = tables()
        with monkeypatch.context() as patch:
            patch.setattr(staging.Stage, "share", _failing_after(staging.Stage.share, 0))
            patch.setattr(module._Contribution, "_forget", lambda *_: None)
            with pytest.raises(OSError, match="disk"):
                take(write(tmp_path, [club(1, Adresse="c/o Jeanne Exemple, Rue Haute 3")]))
        assert tables() != before

        later = datetime.now(UTC) + timedelta(days=2)
        assert sweep_interrupted(now=later, gazetteer=Gazetteer([], [])) == 1

        assert tables() == before

    def test_a_second_import_of_the_list_takes_over(self, tmp_path: Path) -> None:
        first, second = write(tmp_path, clubs(900), "un.csv"), write(tmp_path, clubs(3), "deux.csv")
        started: list[int] = []

        def interrupt(_stage: str, _rows: int) -> None:
            if not started:
                started.append(1)
                take(second)

        with pytest.raises(ContributionRefused, match="meanwhile"):
            _take_watched(first, interrupt)

        assert len(seen()) == 3
        assert verify() == []
        assert take(first).counts["new"] == 897

    def test_a_decision_in_the_middle_stands(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(300)))
        uid = uid_of("K1")
        wish = Wish(audience="public", shows=False, property="phones")

        def object_(_stage: str, _rows: int) -> None:
            decide(uid=uid, wish=wish, actor="steward:test", reason="letter", now=datetime.now(UTC))

        _take_watched(write(tmp_path, [club(n, Téléphone=f"021 556 00 {n % 100:02}") for n in range(1, 301)]), object_)

        body = next(b for b in seen().values() if b["id"] == str(uid))
        assert "phones" not in body
        assert verify() == []


@pytest.mark.django_db(transaction=True)
class TestInterleaving:
    def test_decisions_do_not_wait_for_an_import(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(20), "ours.csv"))
        uids = [uid_of(f"K{n}") for n in range(1, 21)]
        waits: list[float] = []
        done = threading.Event()

        def decide_on() -> None:
            turn = 0
            while not done.is_set():
                turn += 1
                wish = Wish(audience="public", shows=turn % 2 == 0, property="phones")
                began = time.perf_counter()
                decide(uid=uids[turn % 20], wish=wish, actor="steward:test", reason="x", now=datetime.now(UTC))
                waits.append(time.perf_counter() - began)
                time.sleep(0.005)
            connection.close()

        subject = threading.Thread(target=decide_on)
        subject.start()
        try:
            take(write(tmp_path, [club(n % 1000, Clé=f"K{n}") for n in range(3000)]), holder="Paroisse d'Exemple")
        finally:
            done.set()
            subject.join()

        assert len(waits) > 20
        assert sorted(waits)[len(waits) * 9 // 10] < 1.0
        assert verify() == []


class TestKilling:
    @pytest.mark.parametrize("instant", ["staged:250", "staged:500", "shared", "accepting"])
    def test_at_any_instant_leaves_nothing_and_the_next_import_works(
        self, tmp_path: Path, empty_database_url: str, instant: str
    ) -> None:
        data = tmp_path / "data"
        run_program(["init"], data, DATACOOP_DATABASE_URL=empty_database_url)
        path = write(tmp_path, [*clubs(599), club(600, Adresse="c/o Jeanne Exemple, Rue Haute 3")])

        killed = kill(instant, path, data, empty_database_url)

        assert killed.returncode == -signal.SIGKILL, killed.stderr

        def program(*arguments: str) -> str:
            result = run_program(list(arguments), data, DATACOOP_DATABASE_URL=empty_database_url)
            assert result.returncode == 0, result.stdout + result.stderr
            return result.stdout

        assert program("export", "organisations", "--format", "ndjson") == ""
        assert program("holders", "list", "--json").strip() == "[]"
        assert program("verify").startswith("Clean: ledger, views.\n")
        program("import", str(path), "--holder", HOLDER, "--published")
        assert program("verify").startswith("Clean: ledger, views.\n")
        assert len(program("export", "organisations", "--format", "ndjson").splitlines()) == 600

    @pytest.mark.parametrize("share", [0.15, 0.6, 0.9, 1.0])
    def test_before_any_write_leaves_all_or_nothing(
        self, tmp_path: Path, empty_database_url: str, share: float
    ) -> None:
        path = write(tmp_path, [*clubs(299), club(300, Adresse="c/o Jeanne Exemple, Rue Haute 3")])
        number = 1 + round(share * (writes_of(path, tmp_path / "whole") - 3))

        survives_kill(number, path, tmp_path / "data", empty_database_url, rows=300)


def _failing_after(function: Callable[..., object], calls: int) -> Callable[..., object]:
    left = [calls]

    def failing(*args: object, **kwargs: object) -> object:
        if not left[0]:
            raise OSError("The disk is full.")
        left[0] -= 1
        return function(*args, **kwargs)

    return failing


def _take_watched(path: Path, progress: Callable[[str, int], None]) -> None:
    intake = module.Intake(files=(path,), holder=HOLDER, mapping={"Clé": "id"}, published=True)
    module.contribute(intake, actor="steward:test", progress=progress)


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_a_trial_that_is_forgotten_leaves_the_import_alone_that_took_over(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write(tmp_path, clubs(500))
        removing = records_staging._remove
        begun: list[int] = []

        def take_over(*given: Any) -> None:
            removing(*given)
            if not begun:
                begun.append(1)
                # In the middle of clearing away; on SQLite the removal's own transaction is over.
                transaction.on_commit(lambda: take(path))

        monkeypatch.setattr(records_staging, "_remove", take_over)
        take(path, dry_run=True)

        assert begun
        assert len(seen()) == 200
        assert verify() == []
        assert counts(take(path), "unchanged", "new") == (500, 0)

    def test_a_trial_does_not_take_the_place_of_an_import_at_work(self, tmp_path: Path) -> None:
        path = write(tmp_path, clubs(5))
        refused: list[str] = []

        def try_it(_stage: str, _rows: int) -> None:
            with pytest.raises(ContributionRefused) as told:
                take(path, dry_run=True)
            refused.append(str(told.value))

        _take_watched(path, try_it)

        assert refused == [
            "Another delivery of this list is being taken in just now. Try again in a few minutes. Nothing was changed."
        ]
        assert len(seen()) == 5
        assert verify() == []

    def test_a_killed_import_does_not_keep_trials_away_for_long(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write(tmp_path, clubs(5))
        with monkeypatch.context() as patch:
            patch.setattr(module.Stage, "__init__", _failing_after(module.Stage.__init__, 0))
            patch.setattr(module, "drop_contribution", lambda _opened: None)
            with pytest.raises(OSError, match="disk"):
                take(path)
        intake = module.Intake(files=(path,), holder=HOLDER, mapping={"Clé": "id"}, dry_run=True)
        now = datetime.now(UTC)

        with pytest.raises(ContributionRefused, match="being taken in"):
            module.contribute(intake, actor="steward:test", clock=lambda: now + timedelta(minutes=4))
        report = module.contribute(intake, actor="steward:test", clock=lambda: now + timedelta(minutes=6))

        assert report.counts["accepted"] == 5
