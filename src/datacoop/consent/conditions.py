"""What one client signs below its terms: where, what for, which properties, for how long. Never more than they say."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from hashlib import sha256

from datacoop.consent.hearing import VERSION, every_property, properties_of, shipped_terms

#: Hours to erase: as many at most (the terms say how many where nobody asked for more).
MOST_HOURS = 72


class ConditionsError(ValueError):
    """A client cannot sign that; the message says what, `code` names the field."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Conditions:
    """What is left empty is as the terms have it. `country`: two letters (ISO 3166), `properties`: `kind.property`.

    Who `waits` hangs under the waiting version of its terms first, which no grant to its class reaches.
    """

    country: str = ""
    purposes: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    retention_days: int | None = None
    hours_to_erase: int | None = None
    waits: bool = False


def check_conditions(asked: Conditions, *, terms: str) -> None:
    """Refuse what goes beyond the terms. Raises: ConditionsError."""
    for code, message in _faults(asked, terms):
        raise ConditionsError(code, message)


def _faults(asked: Conditions, terms: str) -> Iterator[tuple[str, str]]:
    shipped = shipped_terms()[terms]
    if asked.country and not (len(asked.country) == 2 and asked.country.isascii() and asked.country.isupper()):
        yield "country", "A country is two letters, like CH."
    purposes = shipped["purposes"]
    if unknown := set(asked.purposes) - set(map(str, purposes if isinstance(purposes, list) else ())):
        yield "purposes", f"The terms “{terms}” do not name the purpose “{min(unknown)}”."
    if unknown := set(asked.properties) - _named(terms):
        yield "properties", f"The terms “{terms}” do not name the property “{min(unknown)}”."
    longest = int(str(shipped["retention_days"]))
    if asked.retention_days is not None and not 1 <= asked.retention_days <= longest:
        yield "retention_days", f"From 1 to {longest} days."
    if asked.hours_to_erase is not None and not 1 <= asked.hours_to_erase <= MOST_HOURS:
        yield "hours_to_erase", f"From 1 to {MOST_HOURS} hours."


def _named(terms: str) -> frozenset[str]:
    limited = properties_of(terms)
    return every_property() if limited is None else limited


def opens_of(asked: Conditions, *, terms: str) -> str:
    """Return what a client may be shown at most, as `Audience.opens` has it: empty where that is all there is."""
    if not asked.properties or set(asked.properties) == every_property():
        limited = properties_of(terms)
        return "" if limited is None else _text(limited)
    return _text(asked.properties)


def version_key(terms: str, opens: str) -> str:
    """Return the key of the version of terms that opens so much: clients that signed alike share it."""
    return f"{VERSION}:{terms}:{sha256(opens.encode()).hexdigest()[:16]}"


def _text(properties: Collection[str]) -> str:
    return json.dumps(sorted(set(properties)))
