"""Under which digest a row of a list is known from one file to the next."""

from __future__ import annotations

from datacoop.records.envelopes import digest


def digest_of_key(key: str) -> bytes:
    """Return the digest of a row's key, the holder's own or what stands for it."""
    return digest("row", key)


class RowKeys:
    """The keys taken in one contribution."""

    def __init__(self) -> None:
        """Start with none."""
        self._first: dict[bytes, bytes] = {}
        self._others: dict[bytes, set[bytes]] = {}

    def take(self, key: str, content: bytes) -> bytes | None:
        """Return the digest for a row; the same key again gets a number, the same row again none."""
        plain = digest_of_key(key)
        first = self._first.setdefault(plain, content)
        if first is content:
            return plain
        others = self._others.setdefault(plain, set())
        if content == first or content in others:
            return None
        others.add(content)
        return digest("row", key, str(len(others) + 1))
