"""Pure rules of answering: what a choice means, property by property, and what may be decided with which proof."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from datacoop.accounts.proofs import PERSONAL
from datacoop.kinds.definition import Kind
from datacoop.records.rules import is_natural

PUBLIC = "public"
#: The three choices, in the order they stand on the page.
PROPOSED, LESS, NOTHING = CHOICES = ("proposed", "less", "nothing")
#: How a person is named beside a function.
FULL, INITIALS, FUNCTION, HIDDEN = LEVELS = ("full", "initials", "function", "hidden")
#: Who sees one property: as it is, everybody, only the classes ticked, nobody.
SAME, EVERYBODY, SOME, NOBODY = SCOPES = ("same", "everybody", "some", "nobody")
#: The property of a function that names the person in it.
NAMING = "display_name"
#: A mandate to decide about this subject, or to be it: as good as a proof of one's own.
MANDATE = "mandate"
_PARTICLES = frozenset(
    {"de", "du", "des", "d", "von", "van", "der", "den", "zu", "zur", "di", "da", "della", "del", "la"}
)


class Spoken(NamedTuple):
    """One word that stands: an audience, a property (None: the whole record), shown or not."""

    audience: str
    property: str | None
    shows: bool


@dataclass(frozen=True)
class Asked:
    """One record to decide about, and what its subject said of it so far."""

    id: int
    kind: Kind
    standing: tuple[Spoken, ...] = ()

    @property
    def decided_for(self) -> frozenset[str]:
        """The audiences the subject spoke for."""
        return frozenset(word.audience for word in self.standing)

    @property
    def closed_for(self) -> frozenset[str]:
        """The audiences the whole record was hidden from."""
        return frozenset(word.audience for word in self.standing if word.property is None and not word.shows)


@dataclass(frozen=True)
class Meant:
    """What a choice means for one property (None: the whole record) and audience; `shows` None: nothing said."""

    record: int
    audience: str
    property: str | None
    shows: bool | None
    until: datetime | None = None


@dataclass(frozen=True)
class Meaning:
    """What some choices mean together, and how the person is to be named beside which functions (FULL or INITIALS).

    `later` is whether what is said later may be shown, as by default; None: it does not say.
    """

    words: tuple[Meant, ...] = ()
    names: Mapping[int, str] | None = None
    later: bool | None = None


def may_widen(proof: str | None) -> bool:
    """Return whether somebody with this proof may show more than is shown: the person proved itself, or a mandate.

    A link proves nothing (it is forwarded, and scanners open it), a mailbox that several read hardly more.
    """
    return proof == MANDATE or proof in PERSONAL


def chosen(choice: str, asked: Sequence[Asked], document: Mapping[str, object]) -> Meaning:
    """Return what one of the three choices means for some records; `document` is the charter's `choices`.

    Raises: ValueError for another choice.
    """
    if choice not in CHOICES:
        raise ValueError(f"“{choice}” is no choice. Use one of: {', '.join(CHOICES)}.")
    words: list[Meant] = []
    names: dict[int, str] = {}
    for each in asked:
        if choice == NOTHING:
            words += _nothing(each)
            continue
        special = _special(document, each.kind.name, choice)
        if special is not None:
            level = str(special.get("name", "none"))
            words += _only(each, [*_names(special["properties"]), *([NAMING] if level == FULL else [])])
            names |= {each.id: level} if level == FULL else {}
        elif is_natural(each.kind):
            words += _nothing(each)
        else:
            words += _all(each) if choice == PROPOSED else _without_contacts(each)
    return Meaning(tuple(words), names, later=choice != NOTHING)


def hidden(asked: Sequence[Asked]) -> Meaning:
    """Return what it means that nobody sees some records any more, whomever they were shown to by a word of its own."""
    return Meaning(tuple(word for each in asked for word in _nothing(each)))


def named(levels: Mapping[int, str], asked: Sequence[Asked]) -> Meaning:
    """Return what it means to be named like this beside some functions: all alike, or each its own way.

    Raises: ValueError for a level there is not.
    """
    words: list[Meant] = []
    names: dict[int, str] = {}
    for each in asked:
        level = levels.get(each.id)
        if level is None:
            continue
        if level not in LEVELS:
            raise ValueError(f"“{level}” is no way of being named. Use one of: {', '.join(LEVELS)}.")
        if level == HIDDEN:
            words += _nothing(each)
            continue
        shows = [p.name for p in each.kind.properties if p.name not in {NAMING, "person"}]
        words += _only(each, [*shows, *([NAMING] if level in {FULL, INITIALS} else [])])
        if level in {FULL, INITIALS}:
            names[each.id] = level
    return Meaning(tuple(words), names)


@dataclass(frozen=True)
class Field:
    """One property with who is to see it: a scope, for SOME the audiences ticked, and until when."""

    record: int
    property: str
    scope: str
    ticked: frozenset[str] = frozenset()
    until: datetime | None = None


def of_fields(fields: Sequence[Field], asked: Sequence[Asked], audiences: Sequence[str]) -> Meaning:
    """Return what a form, property by property and audience by audience, means. What stays as it is means nothing.

    A record hidden as a whole stays hidden in all that was not chosen, when something of it is to be shown again.
    """
    by_id = {each.id: each for each in asked}
    words: list[Meant] = []
    for field in fields:
        if field.scope == SAME or field.record not in by_id:
            continue
        each = by_id[field.record]
        wanted = _wanted(field, audiences)
        words += _field(field, wanted, each)
    for record in dict.fromkeys(w.record for w in words if w.shows):
        words = [*_opened(by_id[record], {w.property for w in words if w.record == record and w.shows}), *words]
    return Meaning(tuple(words))


def initials(name: str) -> str:
    """Return the initials of a name: hyphens stay, particles go.

    >>> initials("Jean-Luc de la Clairière")
    'J.-L. C.'
    """
    found = []
    for word in name.split():
        if word.lower() in _PARTICLES:
            continue
        parts = [part for part in re.split(r"[-‐–]", word.rpartition("’")[2].rpartition("'")[2]) if part]
        if parts and parts[0][0].isalpha():
            found.append("-".join(f"{part[0].upper()}." for part in parts))
    return " ".join(found)


def _wanted(field: Field, audiences: Sequence[str]) -> dict[str, bool]:
    if field.scope == SOME:
        return {a: a != PUBLIC and a in field.ticked for a in audiences}
    return dict.fromkeys(audiences, field.scope == EVERYBODY)


def _field(field: Field, wanted: Mapping[str, bool], each: Asked) -> Iterator[Meant]:
    """The public first; below it what is to differ from it, and what was said there before."""
    public = wanted[PUBLIC]
    yield Meant(field.record, PUBLIC, field.property, public, field.until)
    for audience, shows in wanted.items():
        if audience != PUBLIC and (shows != public or audience in each.decided_for):
            yield Meant(field.record, audience, field.property, shows, field.until)
    for audience in sorted(each.decided_for - set(wanted)):
        if not public:
            yield Meant(field.record, audience, field.property, False, field.until)


def _opened(each: Asked, shown: set[str | None]) -> Iterator[Meant]:
    """Take back that the whole is hidden, and hide everything else property by property."""
    for audience in sorted(each.closed_for):
        yield Meant(each.id, audience, None, None)
        for prop in each.kind.properties:
            if prop.name not in shown:
                yield Meant(each.id, audience, prop.name, False)


def _nothing(each: Asked) -> Iterator[Meant]:
    yield Meant(each.id, PUBLIC, None, False)
    yield from _closing(each, lambda name: True)


def _only(each: Asked, shows: Sequence[str]) -> Iterator[Meant]:
    """Show these properties to everybody and hide the others, from clients they were shown to as well."""
    yield Meant(each.id, PUBLIC, None, None)
    for prop in each.kind.properties:
        yield Meant(each.id, PUBLIC, prop.name, prop.name in shows)
    yield from _closing(each, lambda name: name not in shows)


def _all(each: Asked) -> Iterator[Meant]:
    yield Meant(each.id, PUBLIC, None, True)
    for prop in each.kind.properties:
        yield Meant(each.id, PUBLIC, prop.name, None)


def _without_contacts(each: Asked) -> Iterator[Meant]:
    contacts = {p.name for p in each.kind.properties if p.personal != "none"}
    contacts |= {p.name for p in each.kind.properties if p.follows in contacts}
    if PUBLIC in each.closed_for:
        yield Meant(each.id, PUBLIC, None, True)
    for prop in each.kind.properties:
        if prop.name in contacts:
            yield Meant(each.id, PUBLIC, prop.name, False)
    yield from _closing(each, lambda name: name is None or name in contacts)


def _closing(each: Asked, hides: Callable[[str | None], bool]) -> Iterator[Meant]:
    """Take back, below the public, what shows there what is to be hidden: what hides something there stays."""
    for word in each.standing:
        if word.audience != PUBLIC and word.shows and hides(word.property):
            yield Meant(each.id, word.audience, word.property, None)


def _special(document: Mapping[str, object], kind: str, choice: str) -> Mapping[str, object] | None:
    kinds = document.get("kinds")
    found = kinds.get(kind) if isinstance(kinds, Mapping) else None
    return found[choice] if isinstance(found, Mapping) else None


def _names(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
