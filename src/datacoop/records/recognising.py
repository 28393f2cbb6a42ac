"""By what somebody would be known again: in a list that names them once more, in a text, in a rejected row.

Pure but for the key of the digests: nothing is read here, and nothing kept is readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from urllib.parse import urlsplit

from datacoop.kinds.definition import Kind, Property
from datacoop.lib.text import fold, words
from datacoop.records.envelopes import digest
from datacoop.records.rules import is_natural

Told = tuple[str, object]
"""A property and one of its values."""
#: So many last digits of a telephone number tell it from others, however its beginning is written.
_DIGITS = 9
_NOT_DIGITS = re.compile(r"\D")


@dataclass(frozen=True)
class Traits:
    """What was said of somebody, all of it, whenever and by whomever: in memory alone, for as long as they are erased.

    `names` are sets of folded words, so that no order of first and family name matters.
    """

    names: frozenset[frozenset[str]] = frozenset()
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return bool(self.names or self.emails or self.phones)

    def __or__(self, other: Traits) -> Traits:
        """Return both together."""
        return Traits(self.names | other.names, self.emails | other.emails, self.phones | other.phones)

    def stand_in(self, texts: Iterable[str]) -> bool:
        """Return whether somebody of these traits stands in the texts, which belong together: the cells of one row.

        >>> Traits(names=frozenset({frozenset({"anna", "exemple"})})).stand_in(["Exemple", "Mme Anna"])
        True
        """
        whole = " ".join(texts)
        folded = fold(whole)
        if any(email in folded for email in self.emails):
            return True
        if self.phones and any(phone in _NOT_DIGITS.sub("", whole) for phone in self.phones):
            return True
        said = set(words(whole)) if self.names else set()
        return any(name <= said for name in self.names)


def traits_of(kind: Kind, told: Sequence[Told]) -> Traits:
    """Return by what whoever a record is about stands in texts. A single word is no name to look for."""
    types = {p.name: p.type for p in kind.properties}
    names = (frozenset(words(name)) for name in _names(kind, told))
    emails = (fold(str(value)) for name, value in told if types[name] == "email" and value)
    phones = (_phone(value) for name, value in told if types[name] == "phone")
    return Traits(
        frozenset(name for name in names if len(name) > 1), frozenset(emails), frozenset(filter(None, phones))
    )


def recognised_by(kind: Kind, told: Sequence[Told], *, beside: Iterable[str] = ()) -> set[bytes]:
    """Return keyed digests under which a record that is its own subject is known again: a name and one thing more.

    `beside` are names of the organisations that somebody is named at. An identifier is enough by itself.
    """
    names = {" ".join(sorted(set(words(name)))) for name in _names(kind, told)} - {""}
    traits = {*_others(kind, told), *(("at", " ".join(words(name))) for name in beside)}
    found = {digest("known", kind.name, name, *trait) for name, trait in product(names, traits)}
    types = {p.name: p.type for p in kind.properties}
    for name, value in told:
        if types[name] == "identifier" and isinstance(value, Mapping):
            found.add(digest("known", kind.name, str(value.get("scheme", "")), fold(str(value.get("value", "")))))
    return found


def _names(kind: Kind, told: Sequence[Told]) -> Iterator[str]:
    """Yield the full names of a record."""
    searched = {p.name for p in kind.properties if p.search == "name"} | {s.name for s in _slot(kind)}
    parts: dict[str, list[str]] = {}
    terms = {p.name: p.terms.get("schema.org", "") for p in kind.properties}
    for name, value in told:
        if name in searched:
            yield from (str(text) for text in (value.values() if isinstance(value, Mapping) else (value,)))
        if terms[name] in {"givenName", "familyName"}:
            parts.setdefault(terms[name], []).append(str(value))
    for given, family in product(parts.get("givenName", ()), parts.get("familyName", ())):
        yield f"{given} {family}"


def _slot(kind: Kind) -> Iterator[Property]:
    if "name" in kind.slots:
        yield kind.slots["name"]


def _others(kind: Kind, told: Sequence[Told]) -> Iterator[tuple[str, str]]:
    """Yield what, beside a name, tells a record from its namesakes."""
    types = {p.name: p.type for p in kind.properties}
    natural = is_natural(kind)
    for name, value in told:
        type_name = types[name]
        if type_name == "email":
            yield "email", fold(str(value))
        elif type_name == "phone":
            yield "phone", _phone(value)
        elif type_name == "date" and natural:
            yield "date", str(value)
        elif type_name == "url":
            yield "host", (urlsplit(str(value)).hostname or "").removeprefix("www.")
        elif type_name == "address" and isinstance(value, Mapping):
            street, code = fold(str(value.get("street") or "")), str(value.get("postal_code") or "")
            if any(c.isdigit() for c in street):
                yield "street", f"{street}|{code}"
            if code and not natural:
                yield "code", code
        elif type_name == "commune" and not natural and isinstance(value, Mapping):
            yield "commune", str(value.get("bfs") or fold(str(value.get("name", ""))))


def _phone(value: object) -> str:
    digits = _NOT_DIGITS.sub("", str(value))
    return digits[-_DIGITS:] if len(digits) >= _DIGITS else ""
