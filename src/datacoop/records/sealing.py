"""Words that somebody wrote, sealed under a key of their own that lies before them: gone with the row that holds them.

For rooms that keep such words and read no statements: nothing said of anybody passes here (law 1).
"""

from __future__ import annotations

from datacoop.records.envelopes import open_alone, seal_alone

_WRAPPED = 60
"""Bytes of a wrapped key: its nonce, 256 bits, its tag."""


def sealed(text: str, *, about: str) -> bytes | None:
    """Return a text sealed, None for an empty one; `about` is bound to it."""
    if not text:
        return None
    wrapped, content = seal_alone(text.encode(), about=about.encode())
    return wrapped + content


def opened(content: bytes | None, *, about: str) -> str:
    """Return what `sealed` sealed, empty for None."""
    if not content:
        return ""
    return open_alone(content[:_WRAPPED], content[_WRAPPED:], about=about.encode()).decode()
