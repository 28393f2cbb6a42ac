"""The tree over the chain: signed, proven, and everything found that was done to it behind our back."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import KeySet, OKPKey

from datacoop.ledger import actions, checkpoints, growing, rules, signing, trees, verifying
from datacoop.ledger.models import Checkpoint, Entry, Head, Subtree, Tile
from datacoop.lib import merkle

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = AT + timedelta(days=1)
MANY = 2 * trees.TILE + 77
on_clean_databases = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
pytestmark = pytest.mark.django_db(transaction=True)


def grow(count: int) -> None:
    with transaction.atomic():
        for n in range(count):
            actions.append(at=AT, kind="grant.given", payload={"n": n})


def leaf(number: int) -> bytes:
    return merkle.leaf_hash(bytes.fromhex(Entry.objects.get(number=number).hash))


def differences() -> list[str]:
    return list(verifying.differences())


def digests(count: int, salt: str = "") -> list[bytes]:
    return [sha256(f"{salt}{n}".encode()).digest() for n in range(count)]


def _rewrite() -> None:
    """What somebody with the database in hand can do: a chain that fits in itself, head included."""
    previous = rules.START
    for entry in Entry.objects.order_by("number"):
        payload = {**entry.payload, "n": 99} if entry.number == 1 else entry.payload
        found = rules.entry_hash(number=entry.number, at=entry.at, kind=entry.kind, payload=payload, previous=previous)
        Entry.objects.filter(pk=entry.pk).update(payload=payload, previous=previous, hash=found)
        previous = found
    Head.objects.update(hash=previous)


def _cut() -> None:
    last = Entry.objects.order_by("-number")[10]
    Entry.objects.filter(number__gt=last.number).delete()
    Head.objects.update(number=last.number, hash=last.hash)


TAMPERED: dict[str, Callable[[], object]] = {
    "a tile": lambda: Tile.objects.filter(tree="").update(root=b"\x00" * 32),
    "a leaf of a subtree": lambda: Tile.objects.exclude(tree="").update(leaves=b"\x00" * 96),
    "a subtree's tile": lambda: Tile.objects.exclude(tree="").update(root=b"\x00" * 32),
    "a subtree's root": lambda: Subtree.objects.update(root="0" * 64),
    "a subtree gone": lambda: Subtree.objects.all().delete(),
    "a checkpoint's root": lambda: Checkpoint.objects.update(root="0" * 64),
    "a checkpoint's time": lambda: Checkpoint.objects.update(at=LATER),
    "a signature": lambda: Checkpoint.objects.update(signed="e30.e30.AAAA"),
    "a checkpoint gone": lambda: Checkpoint.objects.order_by("size")[:1].get().delete(),
    "the chain rewritten": _rewrite,
    "the last entries gone": _cut,
}


class TestCheckpoint:
    def test_there_is_none_over_nothing(self) -> None:
        assert checkpoints.take_checkpoint(now=AT) is None

    def test_signs_the_root_of_the_definition(self) -> None:
        grow(5)

        made = checkpoints.take_checkpoint(now=AT)

        assert made is not None
        assert made.size == 5
        assert bytes.fromhex(made.root) == merkle.root_of([leaf(n) for n in range(1, 6)])

    def test_is_a_signature_anybody_can_check_with_the_published_key(self) -> None:
        grow(3)
        made = checkpoints.take_checkpoint(now=AT)
        assert made is not None

        # With the library alone, as a stranger would.
        found = jws.deserialize_compact(
            made.signed, KeySet.import_key_set(signing.public_keys()), algorithms=["Ed25519"]
        )

        said = json.loads(found.payload)
        assert (said["size"], said["root"], said["at"]) == (3, made.root, "2026-11-23T12:00:00.000000Z")
        assert all("d" not in key for key in signing.public_keys()["keys"])

    def test_is_taken_once_for_one_state(self) -> None:
        grow(3)

        first, second = checkpoints.take_checkpoint(now=AT), checkpoints.take_checkpoint(now=LATER)

        assert first == second
        assert Checkpoint.objects.count() == 1

    def test_follows_the_one_before(self) -> None:
        grow(3)
        checkpoints.take_checkpoint(now=AT)
        grow(2)

        made = checkpoints.covering(4, now=LATER)

        assert (made.size, made.previous) == (5, 3)
        assert checkpoints.covering(3, now=LATER).size == 3
        assert differences() == []

    def test_is_refused_over_a_chain_that_was_rewritten(self) -> None:
        grow(3)
        checkpoints.take_checkpoint(now=AT)
        _rewrite()
        grow(1)

        with pytest.raises(checkpoints.Forked):
            checkpoints.take_checkpoint(now=LATER)

    @pytest.mark.parametrize("number", [0, 4])
    def test_covers_no_entry_that_is_not_there(self, number: int) -> None:
        grow(3)

        with pytest.raises(LookupError):
            checkpoints.covering(number, now=AT)


class TestProofs:
    def test_hold_across_tiles(self) -> None:
        grow(MANY)
        taken = checkpoints.take_checkpoint(now=AT)
        assert taken is not None
        node, wide = trees.TreeReader(), trees.TILE
        roots = {size: node(0, size) for size in (1, wide - 1, wide, wide + 1, 2 * wide, MANY - 1, MANY)}

        assert Tile.objects.count() == 2
        for size, root in roots.items():
            assert root == merkle.root_of(_leaves()[:size])
            for index in {0, size // 2, size - 1}:
                path = merkle.inclusion(index, size, node)
                found = merkle.root_by_inclusion(leaf(index + 1), index=index, size=size, path=path)
                assert found == root
            path = merkle.consistency(size, MANY, node)
            assert merkle.is_consistent(
                first=size, first_root=root, second=MANY, second_root=bytes.fromhex(taken.root), path=path
            )

    def test_read_no_more_than_a_tile_and_the_roots(self, django_assert_max_num_queries: Callable[..., object]) -> None:
        grow(MANY)
        checkpoints.take_checkpoint(now=AT)

        with django_assert_max_num_queries(14):  # type: ignore[attr-defined]
            merkle.inclusion(3, MANY, trees.TreeReader())


class TestSubtrees:
    @on_clean_databases
    @given(count=st.integers(0, 40) | st.sampled_from([trees.TILE, trees.TILE + 1, 3 * trees.TILE + 5]))
    def test_hold_every_digest_where_its_bytes_say(self, clean_database: Callable[[], None], count: int) -> None:
        clean_database()
        held = digests(count)
        made = growing.grow("contribution:1:1", held)

        node = trees.TreeReader("contribution:1:1")
        assert made.root == merkle.root_of([merkle.leaf_hash(d) for d in sorted(held)]).hex()
        for digest in held[:7]:
            index = trees.place_of("contribution:1:1", digest)
            assert index == sorted(held).index(digest)
            path = merkle.inclusion(index, count, node)
            root = merkle.root_by_inclusion(merkle.leaf_hash(digest), index=index, size=count, path=path)
            assert root is not None
            assert root.hex() == made.root
        assert trees.place_of("contribution:1:1", sha256(b"stranger").digest()) is None

    def test_are_held_by_their_entry(self) -> None:
        made = growing.grow("contribution:1:1", digests(3))

        with transaction.atomic():
            number = actions.append(at=AT, kind="contribution.accepted", payload={"source": 1}, subtree=made)

        held = trees.subtree_of(number)
        assert held is not None
        assert held.name == "contribution:1:1"
        assert Entry.objects.get().payload == {"source": 1, "subtree": made.root, "leaves": 3}
        assert differences() == []

    def test_made_again_take_the_place_of_an_unused_one_but_never_of_one_held(self) -> None:
        growing.grow("contribution:1:1", digests(3, "abandoned"))
        made = growing.grow("contribution:1:1", digests(2))
        with transaction.atomic():
            actions.append(at=AT, kind="contribution.accepted", payload={}, subtree=made)

        with pytest.raises(growing.AlreadyHeld):
            growing.grow("contribution:1:1", digests(1))
        assert Tile.objects.count() == 1
        assert differences() == []

    def test_are_not_held_twice(self) -> None:
        made = growing.grow("contribution:1:1", digests(3))

        with transaction.atomic():
            actions.append(at=AT, kind="contribution.accepted", payload={}, subtree=made)

        with pytest.raises(actions.LedgerError), transaction.atomic():
            actions.append(at=AT, kind="contribution.accepted", payload={}, subtree=made)


class TestDifferences:
    @pytest.fixture
    def _ledger(self) -> None:
        made = growing.grow("contribution:1:1", digests(3))
        with transaction.atomic():
            actions.append(at=AT, kind="contribution.accepted", payload={}, subtree=made)
        checkpoints.take_checkpoint(now=AT)
        grow(trees.TILE)
        checkpoints.take_checkpoint(now=LATER)

    @pytest.mark.usefixtures("_ledger")
    def test_are_none_in_a_ledger_nobody_touched(self) -> None:
        assert differences() == []

    @pytest.mark.usefixtures("_ledger")
    @pytest.mark.parametrize("what", TAMPERED)
    def test_tell_what_was_touched(self, what: str) -> None:
        TAMPERED[what]()

        assert differences() != []

    @pytest.mark.usefixtures("_ledger")
    def test_tell_a_checkpoint_that_another_key_signed(self) -> None:
        said = {"size": 1, "root": checkpoints.root_at(1), "at": rules.instant(AT), "previous": 0}
        stranger = OKPKey.generate_key("Ed25519", auto_kid=True)
        header = {"alg": "Ed25519", "typ": checkpoints.TYPE, "kid": stranger.kid}
        forged = jws.serialize_compact(header, json.dumps(said), stranger, algorithms=["Ed25519"])
        Checkpoint.objects.filter(size=1).update(signed=forged)

        assert any("signature" in each for each in differences())


class TestSigning:
    def test_a_retired_key_still_proves_what_it_signed(self, settings: object, tmp_path: Path) -> None:
        settings.DATACOOP_DATA_DIR = tmp_path  # type: ignore[attr-defined]
        token = signing.sign(b"{}", typ="a+jws")
        (tmp_path / "signing.retired.json").write_text(json.dumps(signing.public_keys()))
        (tmp_path / "signing.key").unlink()
        signing.make_key()

        assert signing.signed_content(token, signing.public_keys(), typ="a+jws") == b"{}"
        assert len(signing.public_keys()["keys"]) == 2
        with pytest.raises(signing.NotSigned):
            signing.signed_content(token, {"keys": signing.public_keys()["keys"][:1]}, typ="a+jws")

    def test_one_thing_signed_is_not_another(self) -> None:
        token = signing.sign(b"{}", typ="checkpoint+jws")

        with pytest.raises(signing.NotSigned):
            signing.signed_content(token, signing.public_keys(), typ="receipt+jws")

    def test_the_key_is_its_owners_alone(self, settings: object, tmp_path: Path) -> None:
        settings.DATACOOP_DATA_DIR = tmp_path / "new"  # type: ignore[attr-defined]

        signing.make_key()

        assert (tmp_path / "new" / "signing.key").stat().st_mode & 0o777 == 0o600

    def test_a_broken_key_is_told_of(self, settings: object, tmp_path: Path) -> None:
        settings.DATACOOP_DATA_DIR = tmp_path  # type: ignore[attr-defined]
        (tmp_path / "signing.key").write_text("{}")

        with pytest.raises(signing.KeyUnusable):
            signing.sign(b"", typ="a+jws")


def _leaves() -> list[bytes]:
    hashes = Entry.objects.order_by("number").values_list("hash", flat=True)
    return [merkle.leaf_hash(bytes.fromhex(each)) for each in hashes]
