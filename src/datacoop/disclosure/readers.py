"""Who asks: a path of audiences from the public to one leaf."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from datacoop.consent.rules import PUBLIC as PUBLIC_AUDIENCE
from datacoop.disclosure.ids import ClientIds
from datacoop.disclosure.reading import Reading, Row
from datacoop.lib.sql import moment


@dataclass(frozen=True)
class Reader:
    """A reader of views. `chain` holds the audiences from the root to the leaf; the public has only the root.

    A `held` one is late with acknowledgements: see `search.withheld`. A `live_only` one may keep nothing.
    """

    chain: tuple[int, ...]
    agreement: str | None = None
    id_key: bytes | None = field(default=None, repr=False)
    held: bool = False
    live_only: bool = False
    waited: int | None = None
    """The waiting version of its terms that it hangs under, or did: it was sent that version's rows."""
    per_minute: int | None = None
    """Its requests a minute, where its agreement says so."""

    @property
    def sent(self) -> tuple[int, ...]:
        """The audiences whose rows it may have been sent."""
        return self.chain if self.waited is None or self.waits else (*self.chain, self.waited)

    @property
    def waits(self) -> bool:
        """Whether it has not joined its class yet."""
        return self.waited is not None and self.waited in self.chain

    @property
    def leaf(self) -> int:
        """The deepest audience: whose view this reader gets."""
        return self.chain[-1]

    @cached_property
    def ids(self) -> ClientIds | None:
        """The client's own ids, None for the public."""
        return ClientIds(self.id_key) if self.id_key else None


PUBLIC = Reader((PUBLIC_AUDIENCE,))

_COLUMNS = "a.uid, a.id_key, a.audience_id, u.parent_id, a.held_at IS NOT NULL, a.live_only, a.waited_id, a.per_minute"
_AGREEMENT = (
    f"SELECT {_COLUMNS} FROM consent_agreement a"
    " JOIN consent_audience u ON u.id = a.audience_id WHERE a.uid = ? AND a.suspended_at IS NULL"
)
_TOKEN = (
    f"SELECT {_COLUMNS}, t.expires_at FROM accounts_accesstoken t"
    " JOIN consent_agreement a ON a.uid = t.agreement JOIN consent_audience u ON u.id = a.audience_id"
    " WHERE t.token_hash = ? AND t.revoked_at IS NULL AND a.suspended_at IS NULL"
)
_TOKEN_TO_ACKNOWLEDGE = _TOKEN.removesuffix(" AND a.suspended_at IS NULL")
_known: dict[tuple[str, bytes, int, int, bool, bool, int | None, int | None], Reader] = {}


def reader_of_agreement(reading: Reading, agreement: str) -> Reader | None:
    """Return the reader of a running agreement, None for a suspended or unknown one."""
    rows = reading.rows(_AGREEMENT, [agreement])
    return _reader(reading, rows[0]) if rows else None


def reader_of_token(reading: Reading, token: str, now: float, memory: dict[Any, Any] | None = None) -> Reader | None:
    """Return the reader a token names, None for a bad, expired, revoked or suspended one.

    `memory` is what `reading.remembered()` returns: empty again whenever anything was committed, so that a suspension
    holds from the next request on.
    """
    known = memory.get(token) if memory is not None else None
    if known is None:
        rows = reading.rows(_TOKEN, [hashlib.sha256(token.encode()).hexdigest()])
        if not rows:
            return None
        known = _reader(reading, rows[0]), _seconds(rows[0][8])
        if memory is not None:
            memory[token] = known
    reader, until = known
    return reader if until > now else None


def acknowledging_reader(reading: Reading, token: str, now: float) -> Reader | None:
    """Return the reader a token names, where it acknowledges: a suspended client may, and may do nothing else."""
    rows = reading.rows(_TOKEN_TO_ACKNOWLEDGE, [hashlib.sha256(token.encode()).hexdigest()])
    return _reader(reading, rows[0]) if rows and _seconds(rows[0][8]) > now else None


def _reader(reading: Reading, row: Row) -> Reader:
    key = (str(row[0]), bytes(row[1]), int(row[2]), int(row[3]), bool(row[4]), bool(row[5]), row[6], row[7])
    if key[4]:
        reading.learn_covering()
    found = _known.get(key)
    if found is None:
        found = _known[key] = Reader((PUBLIC_AUDIENCE, key[3], key[2]), *key[:2], *key[4:])
    return found


def _seconds(at: datetime | str) -> float:
    return moment(at).timestamp()
