"""Secrets, their hashes, and how an e-mail address is compared. Pure: no Django, no clock."""

import hashlib
import secrets
from datetime import timedelta

LINK_LIFETIME = timedelta(minutes=15)
DEMO_LINK_LIFETIME = timedelta(days=7)
TOKEN_SECONDS = 3600
NO_HASH = "0" * 64
"""Compared with where there is no hash, so that an unknown client takes as long as a wrong secret."""


def new_secret() -> str:
    """256 random bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """SHA-256 of a secret, in hex: what the tables keep.

    A slow hash (Argon2, PBKDF2) protects passwords because people choose guessable ones. These secrets are
    256 random bits: nobody can try enough of them however fast the hash is, and the API hashes a token at
    every request, so it must be fast.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def plain_email(text: str) -> str:
    """The form in which addresses are stored and compared.

    Local parts are case-sensitive by RFC 5321 and nowhere in practice: two accounts that differ by case only
    would be a trap, so all is lower case.

    >>> plain_email(" Anna@Example.ORG ")
    'anna@example.org'
    """
    return text.strip().lower()
