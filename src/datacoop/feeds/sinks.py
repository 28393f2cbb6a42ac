"""A file for writers that want one, of which what is written is taken out at once and sent: nothing lies on a disk."""

from __future__ import annotations

import io


class Sink(io.RawIOBase):
    """A file that cannot go back."""

    def __init__(self) -> None:
        """Nothing waits yet."""
        super().__init__()
        self._waiting = bytearray()

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: object) -> int:
        """Keep what is written until it is taken."""
        content = bytes(data)  # type: ignore[call-overload]
        self._waiting += content
        return len(content)

    def taken(self) -> bytes:
        """Return what waits, and forget it."""
        found = bytes(self._waiting)
        self._waiting.clear()
        return found
