"""The trees of RFC 9162: the vectors every implementation is held against, and proofs that no other tree passes."""

import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoop.lib import merkle

# The leaves and roots that implementations of Certificate Transparency test each other with.
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# RFC 6962's examples of paths (index, size) and consistency (first, second) over the same leaves.
INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
}
CONSISTENCY = {
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def over(hashes: list[bytes]) -> merkle.Node:
    return lambda start, end: merkle.root_of(hashes[start:end])


def grown(size: int) -> list[bytes]:
    return [merkle.leaf_hash(str(n).encode()) for n in range(size)]


def as_defined(hashes: list[bytes]) -> bytes:
    """The recursion of RFC 9162, 2.1.1, letter by letter."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    middle = max(1 << n for n in range(32) if 1 << n < len(hashes))
    return hashlib.sha256(b"\x01" + as_defined(hashes[:middle]) + as_defined(hashes[middle:])).digest()


class TestRoot:
    @pytest.mark.parametrize("size", range(1, 9))
    def test_is_the_one_of_the_vectors(self, size: int) -> None:
        assert merkle.root_of([merkle.leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size - 1]

    @given(st.integers(0, 300))
    def test_is_the_one_of_the_definition_however_it_is_computed(self, size: int) -> None:
        hashes, frontier = grown(size), merkle.Frontier()
        for each in hashes:
            frontier.add(each)

        assert merkle.root_of(hashes) == frontier.root() == as_defined(hashes)
        assert frontier.size == size

    @given(st.integers(0, 200), st.integers(0, 4))
    def test_may_be_computed_from_the_roots_of_full_tiles(self, size: int, power: int) -> None:
        hashes, wide = grown(size), 1 << power

        tiles = [merkle.root_of(hashes[start : start + wide]) for start in range(0, size, wide)]

        assert merkle.root_of(tiles) == merkle.root_of(hashes)


class TestInclusion:
    @pytest.mark.parametrize("case", INCLUSION)
    def test_is_the_one_of_the_vectors(self, case: tuple[int, int]) -> None:
        hashes = [merkle.leaf_hash(leaf) for leaf in LEAVES]

        assert [each.hex() for each in merkle.inclusion(*case, over(hashes))] == INCLUSION[case]

    @given(st.integers(1, 130), st.data())
    def test_leads_to_the_root_from_its_own_leaf_alone(self, size: int, data: st.DataObject) -> None:
        hashes = grown(size)
        index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
        path = merkle.inclusion(index, size, over(hashes))

        found = merkle.root_by_inclusion(hashes[index], index=index, size=size, path=path)

        assert found == merkle.root_of(hashes)
        elsewhere = merkle.root_by_inclusion(hashes[index], index=other, size=size, path=path)
        assert other == index or elsewhere != found
        assert merkle.root_by_inclusion(merkle.leaf_hash(b"forged"), index=index, size=size, path=path) != found
        assert merkle.root_by_inclusion(hashes[index], index=index, size=size, path=[*path, b"\x00" * 32]) != found

    @pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 4)])
    def test_is_refused_for_a_leaf_that_is_none(self, index: int, size: int) -> None:
        with pytest.raises(ValueError):
            merkle.inclusion(index, size, over(grown(4)))
        assert merkle.root_by_inclusion(b"", index=index, size=size, path=[]) is None


class TestConsistency:
    @pytest.mark.parametrize("case", CONSISTENCY)
    def test_is_the_one_of_the_vectors(self, case: tuple[int, int]) -> None:
        hashes = [merkle.leaf_hash(leaf) for leaf in LEAVES]

        assert [each.hex() for each in merkle.consistency(*case, over(hashes))] == CONSISTENCY[case]

    @given(st.integers(1, 130), st.data())
    def test_holds_for_what_was_only_added_to(self, second: int, data: st.DataObject) -> None:
        first = data.draw(st.integers(1, second))
        proof = _proof(grown(second), first)

        assert proof()

    @given(st.integers(2, 100), st.data())
    def test_breaks_once_something_older_was_changed(self, second: int, data: st.DataObject) -> None:
        first = data.draw(st.integers(1, second - 1))
        changed = data.draw(st.integers(0, first - 1))
        hashes = grown(second)
        honest = merkle.root_of(hashes[:first])
        hashes[changed] = merkle.leaf_hash(b"forged")

        assert not _proof(hashes, first, honest)()

    @pytest.mark.parametrize(("first", "second"), [(0, 3), (4, 3)])
    def test_is_refused_the_wrong_way_round(self, first: int, second: int) -> None:
        with pytest.raises(ValueError):
            merkle.consistency(first, second, over(grown(4)))
        assert not merkle.is_consistent(first=first, first_root=b"", second=second, second_root=b"", path=[])


def _proof(hashes: list[bytes], first: int, root: bytes | None = None) -> Callable[[], bool]:
    path = merkle.consistency(first, len(hashes), over(hashes))
    return lambda: merkle.is_consistent(
        first=first,
        first_root=root or merkle.root_of(hashes[:first]),
        second=len(hashes),
        second_root=merkle.root_of(hashes),
        path=path,
    )
