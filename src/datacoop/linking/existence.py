"""Whether the public knows that a record exists.

Records that differ in this are never merged without a person (law 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from datacoop.disclosure.asking import ask
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found
from datacoop.records.queries import kinds_of

KIND = "organisation"
#: People go on deciding while a list is linked.
_SETTLINGS = 50


def publicly_known(uids: Mapping[int, UUID], *, now: datetime) -> set[int]:
    """Return those of the records, given with their uids, that the public is shown.

    Raises:
        Due: something is due that could not be settled.
    """

    kinds = kinds_of(uids.keys())

    def is_shown(source: Reading, record: int) -> bool:
        return record in kinds and isinstance(get(source, PUBLIC, kinds[record], str(uids[record])), Found)

    def known(source: Reading) -> set[int]:
        return {record for record in uids if is_shown(source, record)}

    return ask(known, now=now, settlings=_SETTLINGS)
