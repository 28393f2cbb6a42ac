"""Short codes that people type from a letter: ten characters of base 32 and a check character, in groups. Pure.

The alphabet is Douglas Crockford's (https://www.crockford.com/base32.html): no I, L, O, U; what looks like one of
them is read as 1 or 0. His check symbol needs five more signs; ours stays in the alphabet: the weighted sum over
GF(32) finds every wrong character and every two that changed places.
"""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
_GROUPS = (4, 4, 3)
_READ_AS = str.maketrans("ILO", "110")
_BITS = 5


def _powers() -> tuple[int, ...]:
    """The powers of x in GF(32) modulo x⁵ + x² + 1, which is primitive: 31 different ones."""
    found = [1]
    while len(found) < 31:
        following = found[-1] << 1
        found.append(following ^ 0b100101 if following & 0b100000 else following)
    return tuple(found)


_POWERS = _powers()
_LOGARITHMS = {power: exponent for exponent, power in enumerate(_POWERS)}


def code_of(secret: bytes) -> str:
    """Return the code that the first 50 bits of `secret` make, its check character included, without groups.

    >>> code_of(bytes(7))
    '00000000000'
    """
    number = int.from_bytes(secret[:7], "big") >> 6
    data = "".join(ALPHABET[number >> _BITS * place & 31] for place in range(LENGTH))
    return data + _check(data)


def grouped(code: str) -> str:
    """Return a code as it is printed.

    >>> grouped("ABCDEFGHJKM")
    'ABCD-EFGH-JKM'
    """
    parts, start = [], 0
    for size in _GROUPS:
        parts.append(code[start : start + size])
        start += size
    return "-".join(parts)


def read_code(text: str) -> str | None:
    """Return the code somebody typed, None where it cannot be one: wrong length, sign or check character.

    Case, spaces, dots and hyphens of any kind make no difference.

    >>> read_code("oooo-oooo ooo")
    '00000000000'
    """
    plain = "".join(sign for sign in text.upper() if sign.isalnum()).translate(_READ_AS)
    if len(plain) != LENGTH + 1 or any(sign not in ALPHABET for sign in plain):
        return None
    return plain if _check(plain[:LENGTH]) == plain[LENGTH] else None


def _check(data: str) -> str:
    total = 0
    for place, sign in enumerate(data, start=1):
        value = ALPHABET.index(sign)
        if value:
            total ^= _POWERS[(_LOGARITHMS[value] + place) % 31]
    return ALPHABET[total]
