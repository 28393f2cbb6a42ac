"""Public registers, linked as any list is: how much of what is merged without a person is right, and why."""

from pathlib import Path

import pytest

from datacoop.pipelines.bench import registering
from datacoop.pipelines.bench.installation import MeasureFailed
from datacoop.pipelines.bench.registers import READERS
from datacoop.pipelines.bench.report import Measure

LISTS = Path(__file__).parents[3] / "shared" / "data"
FOLDERS = [LISTS / folder for folder, _ in READERS.values()]


@pytest.fixture(scope="module")
def linked() -> tuple[list[Measure], list[str]]:
    return registering.measure(LISTS, print)


@pytest.mark.real_lists
@pytest.mark.skipif(not all(map(Path.exists, FOLDERS)), reason="the public registers are not here")
class TestRegisters:
    def test_what_is_merged_is_nearly_always_right(self, linked: tuple[list[Measure], list[str]]) -> None:
        found = {each.name.removeprefix("link."): each.value for each in linked[0]}

        assert found["npmatch.auto.precision"] >= 0.96
        assert found["npmatch.recall_with_review"] >= 0.8
        assert found["chicago.auto.precision"] >= 0.97
        assert found["chicago.recall_with_review"] >= 0.8
        assert found["rna.auto.recall"] >= 0.6
        # Of one name and two, as their register says: nobody may take one for the other.
        assert found["rna.auto.false_merges"] == 0

    def test_every_wrong_merge_is_told_with_its_reasons(self, linked: tuple[list[Measure], list[str]]) -> None:
        measures, wrong = linked

        assert len(wrong) == sum(each.value for each in measures if each.name.endswith(".false_merges"))
        assert all(" = " in line and "(SAM" in line for line in wrong if line.startswith("npmatch"))
        assert all("unlikely to begin with" in line for line in wrong)
        assert any("one through a third entry" in line for line in wrong)


def test_says_which_register_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MeasureFailed, match="er-npmatch-dev does not hold the register"):
        registering.measure(tmp_path, print)
