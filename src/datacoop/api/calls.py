"""A request, as far as reading needs it, and how whoever makes it stands with what they may ask for."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from datacoop.api.answers import Header
from datacoop.api.routes import Target


class Standing(NamedTuple):
    """What a caller is told of their budgets; with `lacking`, the one that is spent, they must wait."""

    headers: tuple[Header, ...] = ()
    lacking: str = ""
    wait: int = 0
    makes_private: bool = False
    """Whether an answer to the public tells of this caller alone by it: then no cache may keep it for another one."""


UNCOUNTED: Final = Standing()


@dataclass(slots=True)
class Call:
    """A request."""

    path: str
    target: Target
    query: str = ""
    accept: str = ""
    languages: str = ""
    authorization: str | None = None
    none_match: bytes = b""
    address: str | None = None
    standing: Standing = UNCOUNTED
    is_clients: bool = False
    """Whether it was counted as that of the client whose token it shows."""
