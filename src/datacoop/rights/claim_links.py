"""Secrets of claims that lie nowhere: links with which somebody objects, and what is put on a website.

A link is sealed (AES-SIV, RFC 5297): it tells nothing, cannot be made by anybody else, and needs no table. What it
may still do is the claim's to say.
"""

from __future__ import annotations

import base64
import hmac
import struct
import uuid
from dataclasses import dataclass
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

CLAIM, REMOVAL = "claim", "removal"
_KINDS = (CLAIM, REMOVAL)
_FORM = struct.Struct(">BQQ")
#: Who objects, where it is the organisation's mailbox.
MAILBOX = 0
_BOUND = [b"datacoop objection"]
_TOKEN_LETTERS = 26


@dataclass(frozen=True)
class Objector:
    """What a link is about (a claim or a removal, by number), and who was sent it: an account, or `MAILBOX`."""

    kind: str
    number: int
    account: int


def token_of(objector: Objector) -> str:
    """Return what stands in the address `/claims/…`. Never store, queue or log it."""
    plain = _FORM.pack(_KINDS.index(objector.kind), objector.number, objector.account)
    return base64.urlsafe_b64encode(_cipher().encrypt(plain, _BOUND)).rstrip(b"=").decode()


def read_token(text: str) -> Objector | None:
    """Return what a token says, None for anything this house did not make."""
    try:
        sealed = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        kind, number, account = _FORM.unpack(_cipher().decrypt(sealed, _BOUND))
    except (ValueError, InvalidTag, struct.error):
        return None
    return Objector(_KINDS[kind], number, account)


def site_token(seed: uuid.UUID) -> str:
    """Return what a claim's website must say: it follows from the claim alone, so that another's proves nothing."""
    digest = hmac.digest(_key("datacoop claim on a website"), seed.bytes, "sha256")
    return base64.b32encode(digest).decode().lower()[:_TOKEN_LETTERS]


def _key(purpose: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), purpose.encode(), "sha256")


@cache
def _cipher() -> AESSIV:
    return AESSIV(_key("datacoop objections 1") + _key("datacoop objections 2"))
