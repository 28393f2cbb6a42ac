"""What each kind that is linked has in common: records that stand, and pairs of them that were compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from datacoop.linking.rules.comparing import Reason, Verdict


class Stood(Protocol):
    """A record of which a list speaks, and what that list says of it that is compared."""

    @property
    def record_id(self) -> int:
        """Its number."""

    @property
    def source_id(self) -> int:
        """The list."""

    @property
    def said(self) -> bytes:
        """What is compared, without its number and that of its list: it ranks those that are equally alike."""


class Standing(Protocol):
    """The records of one kind of which lists speak now."""

    def of_records(self, record_ids: Collection[int]) -> Mapping[int, Stood]:
        """Return those of some records that stand."""


class Compared(Protocol):
    """Two records, and what comparing them said."""

    @property
    def record_id(self) -> int:
        """One of them."""

    @property
    def other_id(self) -> int:
        """The other."""

    @property
    def verdict(self) -> Verdict:
        """What comparing them said."""

    @property
    def is_apart(self) -> bool:
        """Whether they never come into one group without a person."""

    @property
    def weight(self) -> float:
        """How much speaks for it."""

    @property
    def codes(self) -> tuple[str, ...]:
        """What they have in common and what not, quickly."""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why."""
