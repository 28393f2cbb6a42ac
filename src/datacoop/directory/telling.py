"""What this room keeps of somebody: messages written to them, by them, and those in which they stand.

Who else wrote in what somebody stands is not theirs to know: of such a message the text alone is told.
"""

from __future__ import annotations

from collections.abc import Iterator

from datacoop.directory.models import RelayMessage
from datacoop.records.tellers import Chapter, Concerned, Row


def tell(concerned: Concerned) -> Iterator[Chapter]:
    """Yield the messages, oldest first."""
    uids = set(concerned.records.values())
    rows: list[Row] = []
    for message in RelayMessage.objects.order_by("pk").iterator():
        is_theirs = message.record_uid in uids or concerned.traits.stand_in([message.sender_email, message.sender_name])
        names_them = concerned.is_person and concerned.traits.stand_in([message.text])
        if not is_theirs and not names_them:
            continue
        sender = f"{message.sender_name} {message.sender_email}".strip() if is_theirs else ""
        rows.append(
            {
                "record": str(message.record_uid or "") if is_theirs else "",
                "sender": sender,
                "value": message.text,
                "language": message.language,
                "at": message.created_at,
                "settled_at": message.settled_at,
                "state": message.state,
            }
        )
    yield Chapter("messages", rows)
