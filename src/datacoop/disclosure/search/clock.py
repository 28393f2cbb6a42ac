"""Law 3 at the reader's door: nothing is answered while something is due."""

from __future__ import annotations

import time

from datacoop.disclosure.errors import Due
from datacoop.disclosure.reading import Reading

#: The next moment of change, as a column of a larger query: read in the very snapshot the answer comes from.
NEXT_DUE = "(SELECT next_due FROM disclosure_clock WHERE id = 1)"


def check_clock(reading: Reading) -> None:
    """Raise `Due` once the next moment of change has come. Called first, in the reader's own snapshot."""
    check(next_due(reading))


def next_due(reading: Reading) -> int | None:
    """Return the next moment of change, in microseconds since 1970; None: nothing was ever written."""
    rows = reading.rows("SELECT next_due FROM disclosure_clock WHERE id = 1")
    return rows[0][0] if rows else None


def check(next_due: int | None) -> None:
    """Raise `Due` if this moment, read as `NEXT_DUE`, has come; None: nothing was ever written."""
    if next_due is not None and next_due <= time.time_ns() // 1000:
        raise Due
