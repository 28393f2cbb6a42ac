"""Columns that begin as one sort of value and go on as another: no property fits them, and people ask why. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from datacoop.sources.evidence import filled, is_of
from datacoop.sources.readers.table import Row

#: What is told apart, the narrower first: a postcode is a number too.
_SORTS: Final = {
    "email": "e-mail addresses",
    "url": "web addresses",
    "phone": "phone numbers",
    "date": "dates",
    "postcode": "postcodes",
    "number": "numbers",
}
#: Values on each side of the turn, and how many of them may stray.
_LEAST: Final = 5
_STRAYING: Final = 0.1


@dataclass(frozen=True)
class Turn:
    """Up to which row a column holds one sort of value, from which on another; "" for neither of ours."""

    last: int
    first: int
    before: str
    after: str

    def told(self, column: str) -> str:
        """The sentence for whoever sent the list."""
        before, after = (_SORTS.get(sort, "something else") for sort in (self.before, self.after))
        return (
            f"The column {column} holds {before} down to row {self.last} and {after} from row {self.first} on: it is "
            "not stored. Give each a column of its own, or say in the mapping what the column is."
        )


def turn_of(column: str, rows: Sequence[Row]) -> Turn | None:
    """Return where the values of a column change their sort for good, None where they do not."""
    said = [(row.number, row.values[column]) for row in rows if filled(row.values.get(column))]
    values = [value for _number, value in said]
    at = next((at for sort in _SORTS if (at := _split([is_of(sort, value) for value in values]))), None)
    if at is None:
        return None
    before, after = _sort_of(values[:at]), _sort_of(values[at:])
    if before == after:
        return None
    return Turn(said[at - 1][0], said[at][0], before, after)


def _split(fits: Sequence[bool]) -> int | None:
    """The place before which nearly all are true and after which nearly none, or the other way round."""
    if len(fits) < 2 * _LEAST:
        return None
    balance = list(accumulate(1 if fit else -1 for fit in fits))
    at = max(range(_LEAST, len(fits) - _LEAST + 1), key=lambda place: abs(2 * balance[place - 1] - balance[-1]))
    shares = sorted((sum(fits[:at]) / at, sum(fits[at:]) / (len(fits) - at)))
    return at if shares[0] <= _STRAYING and shares[1] >= 1 - _STRAYING else None


def _sort_of(values: Sequence[object]) -> str:
    least = (1 - _STRAYING) * len(values)
    return next((sort for sort in _SORTS if sum(is_of(sort, value) for value in values) >= least), "")
