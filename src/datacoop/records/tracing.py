"""How a subject finds its own entries in the ledger, and nobody else does.

Every record has a random key. An entry about it holds a digest under a key derived from that one and from the entry, so
that two entries about one record have nothing in common. Destroying the record's key erases the link for ever, and
changes no byte of the ledger. Handing out the derived key of one entry opens that entry alone.
"""

from __future__ import annotations

import hmac
import os
import uuid
from collections.abc import Collection, Mapping
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from datacoop.ledger.rules import canonical
from datacoop.lib.sql import execute, identity, placeholders, select

KEY_BYTES = 16
_KEYS = "SELECT id, uid, trace_key FROM records_record WHERE id IN ({})"
_MAKE = "UPDATE records_record SET trace_key = %s WHERE id = %s AND trace_key IS NULL"


class About(NamedTuple):
    """Whom an entry is about, and what more its digest is over: plain values that can be told again from what is kept.

    `note` is kept beside the entry, for the subject, and goes with it: the words a steward gave as a reason.
    """

    record_id: int
    content: Mapping[str, object] = {}
    note: str = ""


class Tracer(NamedTuple):
    """What makes the digests of one record."""

    uid: uuid.UUID
    secret: bytes

    def content(self, more: Mapping[str, object]) -> Mapping[str, object]:
        """Return what a digest is over: the record's uid and whatever more."""
        return {"record": str(self.uid), **more}

    def opening(self, purpose: str) -> bytes:
        """Return the key that opens what was made for one purpose: an entry, or a subtree by its name."""
        return hmac.digest(self.secret, purpose.encode(), "sha256")

    def digest(self, purpose: str, more: Mapping[str, object]) -> bytes:
        """Return the digest of this record, and of `more`, for one purpose."""
        return hmac.digest(self.opening(purpose), canonical(self.content(more)), "sha256")

    def bare_digest(self, purpose: bytes) -> bytes:
        """Return `digest(purpose, {})`, quickly: imports make a million."""
        bare = f'{{"record":"{self.uid}"}}'.encode()
        return hmac.digest(hmac.digest(self.secret, purpose, "sha256"), bare, "sha256")


def entry_purpose(number: int) -> str:
    """Return the purpose of the digests that stand in an entry itself."""
    return f"entry:{number}"


def fresh_key() -> bytes:
    """Return a new key of a record."""
    return os.urandom(KEY_BYTES)


def tracer(number: int, uid: uuid.UUID | str, key: bytes) -> Tracer:
    """Return the maker of a record's digests from its row."""
    return Tracer(identity(uid), hmac.digest(_deriving(settings.SECRET_KEY), key + number.to_bytes(8, "big"), "sha256"))


def tracers_of(ids: Collection[int], *, make: bool = False) -> dict[int, Tracer]:
    """Return the makers of digests of some records; those without a key are absent, or `make` gives them one.

    Without a key are records that were erased, and those stored before there were keys.
    """
    every = sorted(ids)
    found: dict[int, Tracer] = {}
    for start in range(0, len(every), 500):
        part = every[start : start + 500]
        rows = select(_KEYS.format(placeholders(part)), part)
        missing = [number for number, _, key in rows if key is None]
        if missing and make:
            with transaction.atomic():
                for number in missing:
                    execute(_MAKE, [fresh_key(), number])
                rows = select(_KEYS.format(placeholders(part)), part)
        found.update({number: tracer(number, uid, bytes(key)) for number, uid, key in rows if key is not None})
    return found


@cache
def _deriving(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"datacoop traces", "sha256")
