"""Secrets, their hashes, what a mandate is for, and how an e-mail address is compared. Pure: no Django, no clock."""

import hashlib
import hmac
import secrets
from datetime import timedelta

LINK_LIFETIME = timedelta(minutes=15)
DEMO_LINK_LIFETIME = timedelta(days=7)
TOKEN_SECONDS = 3600
#: How long the secret before a new one opens too, unless said otherwise; and the longest.
OVERLAP, LONGEST_OVERLAP = timedelta(days=14), timedelta(days=90)
NO_HASH = "0" * 64
"""Compared with where there is no hash, so that an unknown client takes as long as a wrong secret."""

#: What a mandate is for: to correct what is said of an organisation, to decide who sees it; to be the person, or the
#: guardian of a minor, and so do both for them; a holder's lists. Nobody but the person answers for a person: there
#: is no mandate for it.
EDIT, DECIDE, SELF, GUARDIAN, HOLDER = "edit", "decide", "self", "guardian", "holder"
SCOPES = (EDIT, DECIDE, SELF, GUARDIAN, HOLDER)
#: What represents an organisation, and may be handed on.
REPRESENTING = (EDIT, DECIDE)

#: Codes people type: long enough that five tries against one are nothing, of figures alone so that every keyboard
#: has them (10^8 codes, 5 tries: 1 in 20 million).
CODE_FIGURES = 8
CODE_LIFETIME = timedelta(minutes=15)
CODE_TRIES = 5
#: How long a proof of oneself counts as fresh, for what needs one.
FRESH = timedelta(minutes=10)


def scopes_for(scope: str) -> tuple[str, ...]:
    """Return the scopes that allow what `scope` allows: whoever is the person, or its guardian, may do both.

    >>> scopes_for("edit")
    ('edit', 'self', 'guardian')
    """
    return (scope, SELF, GUARDIAN) if scope in REPRESENTING else (scope,)


def code_of(key: bytes, nonce: str) -> str:
    """Return the code that follows from a nonce under a key: eight figures in two groups.

    >>> code_of(b"key", "nonce")
    '3474 6538'
    """
    number = int.from_bytes(hmac.digest(key, nonce.encode(), "sha256")[:8]) % 10**CODE_FIGURES
    figures = f"{number:0{CODE_FIGURES}d}"
    return f"{figures[:4]} {figures[4:]}"


def plain_code(text: str) -> str:
    """Return a code as it is compared: its figures alone, whatever stands between them.

    >>> plain_code(" 3474-65 38")
    '34746538'
    """
    return "".join(each for each in text if each in "0123456789")


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


#: How long an address may be (RFC 5321): longer ones reach nobody, and no account keeps them.
LONGEST_EMAIL = 254


def plain_email(text: str) -> str:
    """The form in which addresses are stored and compared.

    Local parts are case-sensitive by RFC 5321 and nowhere in practice: two accounts that differ by case only
    would be a trap, so all is lower case.

    >>> plain_email(" Anna@Example.ORG ")
    'anna@example.org'
    """
    return text.strip().lower()


def mailbox_of(email: str) -> str:
    """Return the mailbox an address leads to, as far as its text tells: many give one person several addresses.

    What follows a plus sign before the @ is for sorting, and Google reads no dots there.

    >>> mailbox_of("Ana+club@example.org"), mailbox_of("a.na@googlemail.com"), mailbox_of("+@example.org")
    ('ana@example.org', 'ana@gmail.com', '+@example.org')
    """
    name, _, host = plain_email(email).rpartition("@")
    name = name.partition("+")[0] or name
    if host in {"gmail.com", "googlemail.com"}:
        name, host = name.replace(".", ""), "gmail.com"
    return f"{name}@{host}"
