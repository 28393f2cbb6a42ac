"""`bench link` on two real guides: as shipped nobody is merged wrongly, and labels help those held out."""

from pathlib import Path

import pytest

from datacoop.pipelines.bench import fodors_zagats
from datacoop.pipelines.bench.installation import MeasureFailed
from datacoop.pipelines.bench.linking import table

LISTS = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.mark.real_lists
@pytest.mark.skipif(not LISTS.is_dir(), reason="the real lists are not on this machine")
def test_guides_are_linked_as_shipped_without_a_wrong_merge_and_better_after_labels() -> None:
    found = {each.name.removeprefix("link.fodors_zagats."): each for each in fodors_zagats.measure(LISTS, print)}

    assert found["shipped.precision"].value == 1
    assert found["shipped.recall"].value > 0.8
    assert found["learnt.f1"].value > 0.99 > found["shipped.best_f1"].value
    assert "learnt.f1" in table(list(found.values()))


def test_refuses_a_folder_without_the_guides(tmp_path: Path) -> None:
    with pytest.raises(MeasureFailed, match="two guides"):
        fodors_zagats.measure(tmp_path, print)
