"""Who received what: the fact that an agreement was sent a version of a view (law 4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from datacoop.disclosure.reading import Reading

_REMEMBERED = 1 << 20
_NOTE = (
    "INSERT INTO disclosure_delivery (audience_id, key, version, first_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (key, audience_id, version) DO NOTHING"
)
_KNOWN = "SELECT 1 FROM disclosure_delivery WHERE key = ? AND audience_id = ? AND version = ?"
#: Deliveries known to be durable, of this process, each as one number. Only ever a subset of the table.
_durable: set[int] = set()


def note_deliveries(reading: Reading, audience: int, seen: Sequence[tuple[int, int]]) -> None:
    """Make first deliveries of (view key, version) durable before any byte of them leaves.

    The only write that happens without a revision: it changes nothing anybody sees.
    """
    fresh = [pair for pair in seen if _number(audience, *pair) not in _durable]
    if not fresh:
        return
    unknown = [pair for pair in fresh if not reading.rows(_KNOWN, [pair[0], audience, pair[1]])]
    if unknown:
        now = (
            datetime.now(UTC)
            if reading.vendor == "postgresql"
            else datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
        )
        reading.commit_rows(_NOTE, [(audience, key, version, now) for key, version in unknown])
    if len(_durable) > _REMEMBERED:
        _durable.clear()
    _durable.update(_number(audience, *pair) for pair in fresh)


def _number(audience: int, key: int, version: int) -> int:
    """A number for each delivery, a third of the size of a tuple."""
    return (version << 80) | (audience << 64) | key


def forget_durable() -> None:
    """Forget what was noted as durable: after a restore, and between tests."""
    _durable.clear()
