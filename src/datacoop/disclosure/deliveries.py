"""Who received what: the fact that an agreement was sent a version of a view (law 4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from datacoop.disclosure.reading import Reading

_REMEMBERED = 1 << 20
_NOTE = (
    "INSERT INTO disclosure_delivery (audience_id, key, version, first_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (key, audience_id, version) DO NOTHING"
)
_KNOWN = "SELECT 1 FROM disclosure_delivery WHERE key = ? AND audience_id = ? AND version = ?"
#: Deliveries known to be durable, of this process: audience → view → its last version. Only ever a part of the table.
_durable: dict[int, dict[int, int]] = {}


def note_deliveries(reading: Reading, audience: int, versions: Mapping[int, int]) -> None:
    """Make first deliveries, given as view key → version, durable before any byte of them leaves.

    The only write that happens without a revision: it changes nothing anybody sees.
    """
    known = _durable.get(audience)
    if known is None:
        known = _durable[audience] = {}
    if versions.items() <= known.items():
        return
    fresh = [pair for pair in versions.items() if known.get(pair[0]) != pair[1]]
    unknown = [pair for pair in fresh if not reading.rows(_KNOWN, [pair[0], audience, pair[1]])]
    if unknown:
        now = (
            datetime.now(UTC)
            if reading.vendor == "postgresql"
            else datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
        )
        reading.commit_rows(_NOTE, [(audience, key, version, now) for key, version in unknown])
    if sum(map(len, _durable.values())) > _REMEMBERED:
        _durable.clear()
    _durable.setdefault(audience, {}).update(fresh)


def forget_durable() -> None:
    """Forget what was noted as durable: after a restore, and between tests."""
    _durable.clear()
