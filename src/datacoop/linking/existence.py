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

KIND = "organisation"


def publicly_known(uids: Mapping[int, UUID], *, now: datetime) -> set[int]:
    """Return those of the records, given with their uids, that the public is shown.

    Raises:
        Due: something is due that could not be settled.
    """

    def known(source: Reading) -> set[int]:
        return {record for record, uid in uids.items() if isinstance(get(source, PUBLIC, KIND, str(uid)), Found)}

    return ask(known, now=now)
