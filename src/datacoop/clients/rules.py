"""Pure rules of applications: what may be asked for, and how long people have before a client joins."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta

#: States of an application: it waits, one steward approved and everybody may speak up, it is approved, or refused; or
#: the client itself ended what was approved.
OPEN, ANNOUNCED, APPROVED, REFUSED, ENDED = STATES = ("open", "announced", "approved", "refused", "ended")
#: So long everybody may speak up where one steward alone approves.
PUBLIC_NOTICE = timedelta(hours=72)
#: So long those concerned may exclude a client after they were told that it joins.
TO_EXCLUDE = timedelta(days=14)
#: Under which law a client keeps data.
LPD, CANTONAL, GDPR, ANOTHER = REGIMES = ("lpd", "cantonal", "gdpr", "another")
LONGEST_NAME, LONGEST_REASON, LONGEST_VOTE, LONGEST_ADDRESS = 200, 500, 40, 300


@dataclass(frozen=True)
class Asked:
    """What a client asks for and signs. `terms` is its nature: those of public bodies, non-profits or commercial."""

    name: str
    country: str
    regime: str
    terms: str
    contacts: tuple[str, ...]
    purposes: tuple[str, ...]
    properties: tuple[str, ...]
    retention_days: int
    hours_to_erase: int
    live_only: bool
    signatory: str
    language: str
    text_version: int


def faults(asked: Asked, *, terms: Collection[str]) -> Iterator[str]:
    """Yield the names of fields that are missing or cannot be meant.

    >>> asked = Asked("", "CH", "lpd", "a", ("x@y.example.org",), (), (), 1, 24, False, "A", "fr", 1)
    >>> list(faults(asked, terms=["a"]))
    ['name', 'contacts', 'purposes']
    """
    if not _is_line(asked.name, LONGEST_NAME):
        yield "name"
    if asked.regime not in REGIMES:
        yield "regime"
    if asked.terms not in terms:
        yield "terms"
    if len({each.strip().lower() for each in asked.contacts if each.strip()}) != 2:
        yield "contacts"
    if not asked.purposes:
        yield "purposes"
    if not _is_line(asked.signatory, LONGEST_NAME):
        yield "signatory"
    if not asked.country:
        yield "country"


def _is_line(text: str, longest: int) -> bool:
    return bool(text.strip()) and text.isprintable() and len(text) <= longest
