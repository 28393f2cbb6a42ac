"""Which audiences hear what is said to a class of readers, and the most that each may be shown by it.

A grant to a class reaches every version of its terms, as far as the properties of that version go: none of them in the
*waiting* version. What hides, hides in all of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from datacoop.charter.queries import current
from datacoop.kinds.definition import all_kinds
from datacoop.lib.sql import select

ALL = "all"
TERMS, WAITING, VERSION = "terms", "waiting", "version"
#: How the keys of versions begin: what they hear was said to the class, not to them.
VERSIONS = (f"{WAITING}:", f"{VERSION}:")
_LIMITED = "SELECT id, key, heard_id, opens FROM consent_audience WHERE heard_id IS NOT NULL OR opens <> ''"
_OF_TERMS = "SELECT id, key FROM consent_audience WHERE key LIKE 'terms:%%'"


@dataclass(frozen=True)
class Hearing:
    """`versions` by the number of the class they hear, `opens` by that of the audience that may be shown no more."""

    versions: Mapping[int, tuple[int, ...]]
    opens: Mapping[int, frozenset[str]]

    def where(self, audience: int, *, shows: bool) -> Iterator[tuple[int, frozenset[str] | None]]:
        """Yield where a word to an audience counts, and the most that it may show there (None: what it names)."""
        for each in (audience, *self.versions.get(audience, ())):
            only = self.opens.get(each)
            if not shows or only is None or only:
                yield each, only


def hearing() -> Hearing:
    """Return it as it is now."""
    versions: dict[int, tuple[int, ...]] = {}
    opens: dict[int, frozenset[str]] = {}
    for number, _, heard, text in select(_LIMITED):
        if heard is not None:
            versions[heard] = (*versions.get(heard, ()), number)
        if text:
            opens[number] = frozenset(json.loads(text))
    limited = {f"{TERMS}:{name}": found for name in shipped_terms() if (found := properties_of(name)) is not None}
    if limited:
        opens |= {number: limited[key] for number, key in select(_OF_TERMS) if key in limited}
    return Hearing(versions, opens)


def shipped_terms() -> Mapping[str, Mapping[str, object]]:
    """Return the terms clients can sign, by name."""
    terms: Mapping[str, Mapping[str, object]] = current("terms").text["terms"]  # type: ignore[assignment]
    return terms


def properties_of(terms: str) -> frozenset[str] | None:
    """Return the properties (`kind.property`) that terms name, None where they name all."""
    named = shipped_terms()[terms].get("properties", ALL)
    return None if named == ALL else frozenset(map(str, named if isinstance(named, Collection) else ()))


def every_property() -> frozenset[str]:
    """Return every property there is, as `kind.property`."""
    return frozenset(f"{kind.name}.{each.name}" for kind in all_kinds().values() for each in kind.properties)
