"""Does a delivery look like the list it is for? Decided on columns, counts and shares alone, never on a value. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

ROWS_FEW, ROWS_MANY, COLUMNS_GONE, OTHER_KIND = "rows-few", "rows-many", "columns-gone", "other-kind"
ROWS_UNKNOWN, MANY_VANISHED, UNDONE_BEFORE = "rows-unknown", "many-vanished", "undone-before"
#: What a file looks like that is no list of the kind at all (`plausibility`).
NO_NAMES, NO_DAYS, NAMES_OF_PEOPLE, LIKE_A_LOG = "no-names", "no-days", "names-of-people", "like-a-log"
LIKE_A_PRICE_LIST, NO_PLACE_NOR_CONTACT = "like-a-price-list", "no-place-nor-contact"

#: More than this share of the rows of the last file is missing.
MOST_VANISHED = 0.2
#: More than this share of the columns that had a meaning is gone.
MOST_GONE = 0.5
#: Less than this share of the rows is known, of at least so many.
LEAST_KNOWN, ENOUGH_ROWS = 0.1, 5


@dataclass(frozen=True)
class Expected:
    """What is expected of a list: so many rows, and the columns of its last delivery with what they became."""

    rows_from: int | None = None
    rows_to: int | None = None
    columns: Mapping[str, str | None] | None = None


@dataclass(frozen=True)
class Given:
    """What a delivery is: its rows, its columns with what they become, and how many rows known before are in it.

    `known` of the list's `before` rows were found again; `is_part`: not the whole list is given.
    """

    rows: int
    columns: Mapping[str, str | None]
    before: int
    known: int
    is_part: bool = False


@dataclass(frozen=True)
class Doubt:
    """One reason to ask: a code, a number and the number it is held against, and names of columns or of a kind."""

    code: str
    count: int = 0
    of: int = 0
    names: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Return it in words."""
        return _SENTENCES[self.code].format(count=self.count, of=self.of, names=", ".join(self.names))

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self:
        """Return what `as_json` gave."""
        return cls(str(line["code"]), int(line["count"]), int(line["of"]), tuple(line["names"]))

    def as_json(self) -> dict[str, object]:
        """Return it as a report's line."""
        return {
            "code": self.code,
            "count": self.count,
            "of": self.of,
            "names": list(self.names),
            "message": self.sentence(),
        }


_SENTENCES = {
    ROWS_FEW: "There are {count} rows; at least {of} are expected of this list.",
    ROWS_MANY: "There are {count} rows; at most {of} are expected of this list.",
    COLUMNS_GONE: "{count} of the {of} columns of the last file are missing: {names}.",
    OTHER_KIND: "It looks like a list of another kind: {names}.",
    ROWS_UNKNOWN: "Only {count} of its rows were in the last file, which had {of}.",
    MANY_VANISHED: "{count} of {of} rows of the last file are missing in this one.",
    NO_NAMES: "It does not look like a list of that kind: no column looks like the name of what is listed.",
    NO_DAYS: "It does not look like an agenda: no column looks like a day.",
    NAMES_OF_PEOPLE: "It looks like a list of people: {count} of {of} names are those of people.",
    LIKE_A_LOG: "It looks like a log: {of} rows have {count} names among them, beside days or hours.",
    LIKE_A_PRICE_LIST: "It looks like a price list or a menu: it names amounts, and no column looks like an address, "
    "a contact or a number of a register.",
    NO_PLACE_NOR_CONTACT: "It does not look like a list of organisations: no column looks like an address, a contact "
    "or a number of a register, and the names are not those of organisations.",
    UNDONE_BEFORE: "The very same file was taken in before, and that was undone.",
}


def doubts(expected: Expected, given: Given) -> list[Doubt]:
    """Return the reasons to ask before a delivery is taken in; none where it looks like the list it is for.

    An empty one says nothing: whether the list is really empty is asked elsewhere.
    """
    found: list[Doubt] = []
    if given.rows == 0:
        return found
    if not given.is_part:
        if expected.rows_from is not None and given.rows < expected.rows_from:
            found.append(Doubt(ROWS_FEW, given.rows, expected.rows_from))
        if expected.rows_to is not None and given.rows > expected.rows_to:
            found.append(Doubt(ROWS_MANY, given.rows, expected.rows_to))
    gone = columns_gone(expected.columns or {}, given.columns)
    known = len(expected.columns or {})
    if known and len(gone) > MOST_GONE * known:
        found.append(Doubt(COLUMNS_GONE, len(gone), known, tuple(gone)))
    least = min(given.before, given.rows)
    if not given.is_part and least >= ENOUGH_ROWS and given.known < LEAST_KNOWN * least:
        found.append(Doubt(ROWS_UNKNOWN, given.known, given.before))
    vanished = given.before - given.known
    if not given.is_part and vanished > MOST_VANISHED * given.before:
        found.append(Doubt(MANY_VANISHED, vanished, given.before))
    return found


def columns_gone(before: Mapping[str, str | None], now: Mapping[str, str | None]) -> list[str]:
    """Return the columns that had a meaning and are gone. One that was renamed and recognised is not.

    >>> columns_gone({"Nom": "name", "Courriel": "email"}, {"Name": "name", "Preis": None})
    ['Courriel']
    """
    meanings = {target for target in now.values() if target is not None}
    return [column for column, target in before.items() if column not in now and target not in meanings]


def fits_better(own: Mapping[str, str | None], others: Mapping[str, Mapping[str, str | None]]) -> str | None:
    """Return the kind under which clearly more columns have a meaning than under the list's own, None where none does.

    `others`: kind → columns with what they would become.
    """
    mine = _meant(own)
    best = max(others, key=lambda kind: _meant(others[kind]), default=None)
    return best if best is not None and _meant(others[best]) >= max(mine + 2, 1.5 * mine) else None


def _meant(columns: Mapping[str, str | None]) -> int:
    return sum(1 for target in columns.values() if target is not None and not target.startswith("@"))
