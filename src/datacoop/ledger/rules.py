"""How an entry becomes bytes and a hash, and how names become keyed digests. Pure; reads no clock, no table.

The canonical form is JSON as in RFC 8785, narrowed so that no two writers can differ: keys are plain ASCII
(so every sorting agrees), numbers are whole, text is UTF-8, nothing stands between the tokens.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

START = "0" * 64
"""What the first entry names as its predecessor."""

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}")
_KIND = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_WHOLE = 2**53
#: Whose numbers lead to one person, and what numbers lead to one account.
_PERSONAL = frozenset({"account", "link", "proof", "code"})
_NUMBERED = frozenset({"account", "claim", "removal"})


class UnfitPayload(ValueError):
    """The payload cannot stand in the ledger; the message names the place, never the value."""


def instant(at: datetime) -> str:
    """Write an aware time as UTC with six decimals: `2026-11-23T19:24:29.000000Z`."""
    if at.tzinfo is None:
        raise UnfitPayload("A ledger entry needs a time with its zone.")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(content: Mapping[str, object]) -> bytes:
    """The one byte form of a JSON object.

    Raises: UnfitPayload for what two databases could store differently (fractions, NUL, other types).

    >>> canonical({"b": [1, True, None], "a": "é"}).decode()
    '{"a":"é","b":[1,true,null]}'
    """
    _check(content, "payload")
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8")


def entry_hash(*, number: int, at: datetime, kind: str, payload: Mapping[str, object], previous: str) -> str:
    """SHA-256, in hex, over the canonical form of the entry and its predecessor's hash."""
    content = {"at": instant(at), "kind": kind, "number": number, "payload": payload, "previous": previous}
    return hashlib.sha256(canonical(content)).hexdigest()


def nameless(payload: Mapping[str, object]) -> dict[str, object]:
    """Leave out what would stand alike in every entry about one person: that is a pseudonym (decision 0025).

    Who acted by an account, a link or a code is told by that word alone; the numbers of claims and removals are left
    out. Stewards act in an office, and are told by their number.

    >>> nameless({"actor": "link:7", "claim": 3, "state": "granted"}), nameless({"actor": "steward:2"})
    ({'actor': 'link', 'state': 'granted'}, {'actor': 'steward:2'})
    """
    told = {name: value for name, value in payload.items() if name not in _NUMBERED}
    sort, _, number = str(told.get("actor", "")).partition(":")
    if number and sort in _PERSONAL:
        told["actor"] = sort
    return told


def is_kind(code: str) -> bool:
    """A kind of entry is room-like noun, dot, past verb: `grant.given`."""
    return _KIND.fullmatch(code) is not None and len(code) <= 64


def digest(key: bytes, *parts: str) -> str:
    """HMAC-SHA-256, in hex, over parts that cannot run into each other.

    Each part is preceded by its length, so `digest(k, "ab", "c")` and `digest(k, "a", "bc")` differ.
    Without the key nobody can try out names or addresses against the ledger.
    """
    if len(key) < 16:
        raise ValueError("A digest key has at least 16 bytes.")
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        encoded = part.encode("utf-8")
        mac.update(len(encoded).to_bytes(8, "big") + encoded)
    return mac.hexdigest()


def _check(value: object, place: str) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) >= _WHOLE:
            raise UnfitPayload(f"{place}: whole numbers stay under 2^53.")
    elif isinstance(value, str):
        _check_text(value, place)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str) or _KEY.fullmatch(key) is None:
                raise UnfitPayload(f"{place}: keys are short plain ASCII codes.")
            _check(inner, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            _check(inner, f"{place}[{index}]")
    else:
        raise UnfitPayload(f"{place}: {type(value).__name__} cannot stand in the ledger.")


def _check_text(text: str, place: str) -> None:
    if "\x00" in text:
        raise UnfitPayload(f"{place}: text without NUL, please; PostgreSQL cannot keep it.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UnfitPayload(f"{place}: text that is not valid Unicode.") from error
