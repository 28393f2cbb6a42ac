"""A locked file comes back whole, or not at all."""

import io

import pytest

from datacoop.lib.locked_files import PIECE, Locking, Unlocking, Unreadable

SECRET = "four words for a test"


def _locked(content: bytes) -> bytes:
    target = io.BytesIO()
    writer = Locking(target, SECRET)
    for at in range(0, len(content), 10_007):
        writer.write(content[at : at + 10_007])
    writer.finish()
    return target.getvalue()


def _unlocked(content: bytes, passphrase: str = SECRET) -> bytes:
    return io.BufferedReader(Unlocking(io.BytesIO(content), passphrase)).read()


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_what_is_locked_is_what_is_unlocked(size: int) -> None:
    content = bytes(number % 251 for number in range(size))

    locked = _locked(content)

    assert _unlocked(locked) == content
    assert size < 20 or content[:20] not in locked


def test_a_wrong_passphrase_is_said() -> None:
    with pytest.raises(Unreadable, match="passphrase"):
        _unlocked(_locked(b"content"), "another passphrase")


@pytest.mark.parametrize("place", [0, 18, 20, 40, 50, 60, 100 + PIECE, -1])
def test_a_changed_byte_anywhere_is_found(place: int) -> None:
    locked = bytearray(_locked(b"x" * 3 * PIECE))
    locked[place] ^= 1

    with pytest.raises(Unreadable):
        _unlocked(bytes(locked))


def test_a_cut_end_is_found_at_every_border() -> None:
    locked, head, sealed = _locked(b"x" * 3 * PIECE), 58, PIECE + 16

    for length in (0, 10, head, head + sealed, head + 2 * sealed, len(locked) - 1):
        with pytest.raises(Unreadable):
            _unlocked(locked[:length])


def test_pieces_cannot_change_places() -> None:
    locked, head, sealed = _locked(b"x" * 3 * PIECE), 58, PIECE + 16
    first, second = locked[head : head + sealed], locked[head + sealed : head + 2 * sealed]

    with pytest.raises(Unreadable):
        _unlocked(locked[:head] + second + first + locked[head + 2 * sealed :])
