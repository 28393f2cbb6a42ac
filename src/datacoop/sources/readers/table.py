"""What every reader gives back, and the one way to refuse a list. Plain data, no file access."""

from collections.abc import Iterator
from dataclasses import dataclass, field


class ListRefused(Exception):
    """The list cannot be read. `code` is stable, `message` says to whoever sent it what, where, and what to do.

    `reason` is stable too, and tells more closely what is wrong in that place; empty where the code says it all.
    """

    def __init__(
        self, code: str, message: str, *, line: int | None = None, column: int | None = None, reason: str = ""
    ) -> None:
        where = "" if line is None else f" (line {line}" + (f", column {column})" if column else ")")
        super().__init__(message + where)
        self.code = code
        self.message = message + where
        self.line = line
        self.column = column
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as the sheet shows it, counted from 1, and its non-empty values by column.

    `faults`: why the reader could not read it whole (column, code, sentence); such a row is not taken.
    """

    number: int
    values: dict[str, object]
    faults: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Table:
    """A list that was opened. `rows` can be read once; `notes` grows while it is.

    Where records stand in columns the list was turned: `sideways`, and the number of a row is that of its column.
    `left_out` are the numbers of rows that are headings or totals; it grows too.
    """

    format: str
    encoding: str | None
    header_row: int | None
    columns: list[str]
    rows: Iterator[Row]
    notes: list[str] = field(default_factory=list)
    sideways: bool = False
    left_out: list[int] = field(default_factory=list)
