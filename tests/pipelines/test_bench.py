"""`bench read`: its corpus, what it asks, its values; and a smoke of the whole run, where wrk is."""

import asyncio
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from datacoop.pipelines.bench.asking import PAGE, Choosing, ordered
from datacoop.pipelines.bench.corpus import CONTACT, HIDDEN, OPEN, OWN, organisations
from datacoop.pipelines.bench.fixed import application
from datacoop.pipelines.bench.reading import size_of
from datacoop.pipelines.bench.report import Measure
from tests.cli.program import run_program


class TestCorpus:
    def test_is_the_same_for_the_same_seed_and_begins_alike(self) -> None:
        assert list(organisations(20)) == list(organisations(30))[:20]

    def test_has_the_audiences_of_the_contract(self) -> None:
        seen = Counter(each.seen for each in organisations(10_000))

        shares = {name: round(100 * seen[name] / 10_000) for name in (OPEN, CONTACT, OWN, HIDDEN)}
        assert shares == {OPEN: 70, CONTACT: 20, OWN: 8, HIDDEN: 2}

    def test_fills_a_page_for_fifty_pairs_at_ten_thousand(self) -> None:
        choosing = Choosing()
        for each in organisations(10_000):
            choosing.see(each)

        questions = choosing.chosen()

        assert len(questions.pairs) >= 50
        assert all(len(each.rows) == PAGE for each in [*questions.pairs, *questions.boxes, *questions.agendas])
        names = [ordered(name) for name in questions.pairs[0].rows]
        assert names == sorted(names)

    def test_asks_for_nobody_hidden(self) -> None:
        choosing = Choosing()
        hidden = set()
        for each in organisations(3_000):
            choosing.see(each)
            if each.seen == HIDDEN:
                hidden.add(each.name)

        asked = {name for page in choosing.chosen().pairs for name in page.rows}

        assert asked
        assert not asked & hidden


class TestMeasures:
    @pytest.mark.parametrize(
        ("measure", "holds"),
        [
            (Measure("read.http.sqlite.100k.Q1.of_limit", 0.61, "share", 0.60, more=True), True),
            (Measure("read.http.sqlite.100k.Q1.of_limit", 0.59, "share", 0.60, more=True), False),
            (Measure("write.decide.p50_ms", 10.5, "ms", 10.0), False),
            (Measure("read.http.sqlite.100k.Q1.cpu_ms", 0.05, "ms"), None),
        ],
    )
    def test_says_whether_the_target_holds(self, measure: Measure, holds: bool | None) -> None:
        assert measure.as_json()["holds"] is holds

    @pytest.mark.parametrize(("scale", "size"), [("1k", 1000), ("100k", 100_000), ("1M", 1_000_000), ("250", 250)])
    def test_reads_a_scale(self, scale: str, size: int) -> None:
        assert size_of(scale) == size

    @pytest.mark.parametrize("scale", ["", "k", "0", "-1", "ten", "1.5k"])
    def test_refuses_what_is_no_scale(self, scale: str) -> None:
        with pytest.raises(ValueError, match="10k"):
            size_of(scale)

    @pytest.mark.parametrize(("path", "length"), [("/1234", 1234), ("/9/1000", 9000), ("/healthz", 2)])
    def test_fixed_answers_have_the_size_asked(self, path: str, length: int) -> None:
        sent: list[dict[str, object]] = []

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        asyncio.run(application({"type": "http", "path": path}, None, send))  # type: ignore[arg-type]

        assert sum(len(each.get("body", b"")) for each in sent) == length  # type: ignore[arg-type]
        assert not sent[-1].get("more_body")


def test_measures_a_small_corpus_end_to_end(tmp_path: Path) -> None:
    if shutil.which("wrk") is None:
        pytest.skip("wrk is not on this machine")
    report = tmp_path / "report.json"

    done = run_program(
        ["bench", "read", "--quick", "--json", str(report)],
        tmp_path / "data",
        DATACOOP_BENCH_DIR=str(tmp_path / "corpus"),
    )

    assert done.returncode == 0, done.stderr
    assert "client:public CPU" in done.stdout
    found = {each["name"]: each for each in json.loads(report.read_text(encoding="utf-8"))}
    assert set(found["read.http.sqlite.1k.Q1.of_limit"]) == {"name", "value", "unit", "target", "holds"}
    assert found["read.http.sqlite.1k.Q3.client_over_public"]["target"] == 1.15
    assert found["read.http.sqlite.1k.Q1.first_over_repeated"]["value"] > 0
    assert "first over repeated" in done.stdout
    assert found["read.process.sqlite.1k.Q5.p50_us"]["value"] > 0
    assert found["write.decide.p50_ms"]["target"] == 10
