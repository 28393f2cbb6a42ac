"""Everything compared at once: the same as batch by batch, on one core or several, and gone on with after a stop."""

from pathlib import Path

import numpy as np
import pytest

from datacoop.linking import partitioning, refreshing, whole
from datacoop.linking.indexing import Index
from datacoop.linking.learning.lists import write_lists
from datacoop.linking.learning.worlds import make_world
from datacoop.linking.matching import compare_batch
from datacoop.linking.models import LookAlike
from datacoop.linking.refreshing import Engine, refresh_review
from datacoop.linking.rules.blocking import Blocks
from datacoop.linking.runs import NAME, Run
from datacoop.linking.settling import settle
from datacoop.linking.whole import compare_whole, read_whole
from datacoop.records.queries import merges_of
from tests.linking.lists import Listing, now

SEED = 31


@pytest.fixture
def lists(monkeypatch: pytest.MonkeyPatch) -> list[Listing]:
    """Some hundred lines about invented organisations, in lists of four holders; several slices of them."""
    monkeypatch.setattr(whole, "SLICE", 50)
    monkeypatch.setattr(refreshing, "SLICE", 50)
    return poured()


def poured() -> list[Listing]:
    found = [Listing(f"Holder {number}") for number in range(4)]
    rows: list[dict[str, dict[str, list[object]]]] = [{} for _ in found]
    for place, written in enumerate(write_lists(make_world(120, SEED), SEED)):
        rows[written.holder][str(place)] = written.values
    for listing, own in zip(found, rows, strict=True):
        listing.pour(own)
    return found


Said = dict[tuple[int, int], tuple[str, float, bool]]


def at_once(cores: int = 1, run: Run | None = None) -> Said:
    found = compare_whole(read_whole(Index()), cores=cores, run=run or Run())
    return {(p.record_id, p.other_id): (p.verdict, p.weight, p.is_apart) for part in found for p in part}


@pytest.mark.django_db(transaction=True)
def test_importing_large_lists_in_memory_settles_what_batches_settle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitioning, "_MANY", 0)
    every = [record for listing in poured() for record in listing.records.values()]
    merges, waiting = merges_of(every), set(LookAlike.objects.values_list("first", "second"))
    assert merges

    monkeypatch.setattr(partitioning, "_MANY", len(every))
    done = settle(Index(), every, now=now())

    assert (done.merged, done.split) == (0, 0)
    assert merges_of(every) == merges
    assert set(LookAlike.objects.values_list("first", "second")) == waiting


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("lists")
class TestComparingEverything:
    def test_finds_what_is_found_batch_by_batch(self) -> None:
        index = Index()
        profiles = [each.profile for each in index.everything()]
        one_by_one: Said = {}
        for profile in profiles:
            for pair in compare_batch(index, [profile]):
                if pair.record_id < pair.other_id:
                    one_by_one[pair.record_id, pair.other_id] = pair.verdict, pair.weight, pair.is_apart

        assert len(one_by_one) > 50
        assert at_once() == one_by_one

    def test_finds_the_same_on_two_cores(self) -> None:
        assert at_once(cores=2) == at_once()

    def test_changes_nothing_that_importing_settled(self, lists: list[Listing]) -> None:
        every = [record for listing in lists for record in listing.records.values()]
        merges, waiting = merges_of(every), set(LookAlike.objects.values_list("first", "second"))
        assert merges

        done = refresh_review(now=now())

        assert (done.merged, done.split) == (0, 0)
        assert merges_of(every) == merges
        assert set(LookAlike.objects.values_list("first", "second")) == waiting

    def test_goes_on_where_it_was_stopped(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def stop(compared: int, _of: int) -> None:
            if compared >= 100:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            refresh_review(now=now(), engine=Engine(folder=tmp_path), progress=stop)
        compared: list[int] = []
        comparing = whole._compared
        monkeypatch.setattr(whole, "_compared", lambda w, n: compared.append(n) or comparing(w, n))

        done = refresh_review(now=now(), engine=Engine(folder=tmp_path))

        assert done.compared > 150
        assert compared == list(range(2, -(-done.compared // 50)))
        assert not (tmp_path / NAME).exists()

    def test_starts_anew_where_something_changed(
        self, lists: list[Listing], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def stop(_compared: int, _of: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            refresh_review(now=now(), engine=Engine(folder=tmp_path), progress=stop)
        lists[0].vanish([next(iter(lists[0].records))])
        compared: list[int] = []
        comparing = whole._compared
        monkeypatch.setattr(whole, "_compared", lambda w, n: compared.append(n) or comparing(w, n))

        refresh_review(now=now(), engine=Engine(folder=tmp_path))

        assert compared[0] == 0


def test_blocks_give_every_pair_once_whatever_the_slices() -> None:
    draw = np.random.default_rng(SEED)
    numbers, places = draw.integers(0, 60, 500), np.sort(draw.integers(0, 90, 500)).astype(np.int32)
    expected = {
        (int(one), int(two))
        for key in set(numbers.tolist())
        if len(own := sorted(set(places[numbers == key].tolist()))) and (numbers == key).sum() <= 9
        for one in own
        for two in own
        if one < two
    }
    blocks = Blocks(numbers, places, 90, block=9)

    for size in (90, 7):
        found = [blocks.pairs(start, start + size) for start in range(0, 90, size)]
        pairs = [(int(a), int(b)) for left, right in found for a, b in zip(left, right, strict=True)]
        assert {pair for pair in pairs if pair[0] != pair[1]} == expected
        assert len(pairs) == len(set(pairs))
