"""One encrypted file under a passphrase, written and read as a stream: memory stays flat whatever its size.

scrypt (RFC 7914) stretches the passphrase; AES-256-GCM seals pieces of 64 KiB. A piece's nonce holds its number and
whether it is the last (the STREAM construction, as in age): pieces that are changed, moved, left out or cut off at the
end are refused. The head (format, cost, salt, a check of the passphrase) is bound to each piece.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from io import RawIOBase
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PIECE = 1 << 16
_TAG = 16
_MAGIC = b"datacoop-locked-1\n"
_SALT, _PREFIX, _CHECK = 16, 7, 16
_HEAD = len(_MAGIC) + 1 + _SALT + _PREFIX + _CHECK
#: Logarithm of scrypt's cost: 64 MiB and a fifth of a second for each guess. What is read may cost a little more.
_COST, _HIGHEST = 16, 18


class Unreadable(ValueError):
    """The file cannot be opened; the message says why, for a person."""


class _Cipher:
    """The key of one file, and the nonces of its pieces."""

    def __init__(self, passphrase: str, opening: bytes) -> None:
        cost = opening[len(_MAGIC)]
        salt = opening[len(_MAGIC) + 1 : len(_MAGIC) + 1 + _SALT]
        stretched = hashlib.scrypt(
            passphrase.encode(), salt=salt, n=1 << cost, r=8, p=1, maxmem=(1 << (cost + 10)) + (1 << 20), dklen=32
        )
        self._prefix = opening[-_PREFIX:]
        self._aead = AESGCM(hmac.digest(stretched, b"content", "sha256"))
        self.check = hmac.digest(stretched, b"check" + opening, "sha256")[:_CHECK]
        self._head = opening + self.check

    def seal(self, number: int, piece: bytes, *, last: bool) -> bytes:
        return self._aead.encrypt(self._nonce(number, last), piece, self._head)

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes:
        return self._aead.decrypt(self._nonce(number, last), sealed, self._head)

    def _nonce(self, number: int, last: bool) -> bytes:
        return self._prefix + number.to_bytes(4, "big") + bytes([last])


class Locking(RawIOBase):
    """Writes what it is given, encrypted, to a file. Only `finish` makes it whole: without it nobody can read it."""

    def __init__(self, target: BinaryIO, passphrase: str) -> None:
        """Write the head. `target` stays open."""
        opening = _MAGIC + bytes([_COST]) + os.urandom(_SALT) + os.urandom(_PREFIX)
        self._cipher = _Cipher(passphrase, opening)
        self._target, self._waiting, self._number = target, bytearray(), 0
        target.write(opening + self._cipher.check)

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        """Take bytes; a piece goes out once another byte follows it."""
        self._waiting += content
        while len(self._waiting) > PIECE:
            self._send(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(content)

    def finish(self) -> None:
        """Write the last piece, which says that it is the last."""
        self._send(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _send(self, piece: bytes, *, last: bool) -> None:
        self._target.write(self._cipher.seal(self._number, piece, last=last))
        self._number += 1


class Unlocking(RawIOBase):
    """Reads such a file. No byte comes out that was not checked; the end comes only where the last piece was read."""

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        """Read the head. Raises: Unreadable for another file, and for a wrong passphrase."""
        head = source.read(_HEAD)
        cost = head[len(_MAGIC)] if len(head) == _HEAD else 0
        if not head.startswith(_MAGIC) or not 1 <= cost <= _HIGHEST:
            raise Unreadable("This is no backup of datacoop, or its beginning is damaged.")
        self._cipher = _Cipher(passphrase, head[:-_CHECK])
        if not hmac.compare_digest(self._cipher.check, head[-_CHECK:]):
            raise Unreadable("The passphrase is not the one of this backup, or its beginning is damaged.")
        self._source, self._number, self._open, self._over = source, 0, b"", False
        self._next = source.read(PIECE + _TAG)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer with what is checked. Raises: Unreadable for a file that was changed or cut."""
        while not self._open and not self._over:
            self._open = self._piece()
        count = min(len(buffer), len(self._open))
        buffer[:count], self._open = self._open[:count], self._open[count:]
        return count

    def _piece(self) -> bytes:
        sealed, self._next = self._next, self._source.read(PIECE + _TAG)
        self._over = not self._next
        try:
            piece = self._cipher.open(self._number, sealed, last=self._over)
        except (InvalidTag, ValueError) as error:
            raise Unreadable("The backup was changed, or cut off, after it was made: use another copy.") from error
        self._number += 1
        return piece
