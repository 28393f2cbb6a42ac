"""Cursors that say nothing: deterministic authenticated encryption (AES-SIV, RFC 5297) of a position.

The same position gives the same bytes, so answers stay comparable and cacheable; reader and question are bound as
associated data, so a cursor of somebody else, or of another question, is no cursor.
"""

from __future__ import annotations

import base64
import hmac
from functools import cache
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

from datacoop.disclosure.readers import Reader

Position = tuple[object, ...]

#: Positions are filled up with blanks to a multiple of so many bytes, for their length is seen.
FILL = 48
#: The file of the data folder that a restore writes: cursors made before are none afterwards.
EPOCH = "restored"


def seal(reader: Reader, query_digest: bytes, position: Position) -> str:
    """Return the opaque text of a position (integers and text)."""
    text = orjson.dumps(position)
    sealed = _cipher().encrypt(text.ljust(-(-len(text) // FILL) * FILL), [_who(reader), query_digest])
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def unseal(reader: Reader, query_digest: bytes, text: str) -> Position | None:
    """Return the position, None for anything this house did not give this reader for this question."""
    try:
        sealed = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        found = orjson.loads(_cipher().decrypt(sealed, [_who(reader), query_digest]))
    except (ValueError, InvalidTag):
        return None
    return tuple(found)


def _who(reader: Reader) -> bytes:
    return f"audience {reader.leaf}".encode()


@cache
def _cipher() -> AESSIV:
    secret = settings.SECRET_KEY.encode() + _epoch()
    return AESSIV(
        hmac.digest(secret, b"datacoop cursors 1", "sha256") + hmac.digest(secret, b"datacoop cursors 2", "sha256")
    )


def _epoch() -> bytes:
    """Return what is different after each restore: counters went back, so that older places would pass changes over."""
    try:
        return (Path(settings.DATACOOP_DATA_DIR) / EPOCH).read_bytes()
    except FileNotFoundError:
        return b""
