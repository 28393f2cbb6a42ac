"""Law 3 at the reader's door: nothing is answered while something is due."""

from __future__ import annotations

import time

from datacoop.disclosure.errors import Due
from datacoop.disclosure.reading import Reading


def check_clock(reading: Reading) -> None:
    """Raise `Due` once the next moment of change has come. Called first, in the reader's own snapshot."""
    rows = reading.rows("SELECT next_due FROM disclosure_clock WHERE id = 1")
    if rows and rows[0][0] <= time.time_ns() // 1000:
        raise Due
