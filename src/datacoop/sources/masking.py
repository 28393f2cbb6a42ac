"""E-mail addresses and telephone numbers inside free text, taken out before anything is stored. Pure.

Years, postcodes, dates, prices, account and register numbers stay.
"""

import re
from functools import lru_cache
from typing import Final

from phonenumbers import Leniency, PhoneNumberMatcher

#: What a report calls it.
CONTACT_IN_TEXT: Final = "contact-in-text"
MASK: Final = "…"

_AT: Final = r"(?:@|\s?[\[({]\s?(?:at|arobase|arrobase|ät|chiocciola)\s?[\])}]\s?)"
_EMAIL: Final = re.compile(
    rf"(?:mailto:)?[\w.+%'-]{{1,64}}{_AT}[\w-]{{1,63}}(?:(?:\.|\s?[\[(]\s?(?:dot|punkt|point|punto)\s?[\])]\s?)[\w-]{{1,63}})+",
    re.IGNORECASE,
)
_DIGITS: Final = re.compile(r"\d(?:[\s().\-/'–\u2011\u00a0\u202f]{0,4}\d){7}")
_NUMBERS: Final = re.compile(
    r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){3,7}(?:\s?[A-Z0-9]{1,3})?\b"  # IBAN
    r"|\bCHE[-\s]?\d{3}\.?\d{3}\.?\d{3}"  # register
    r"|\b\d{2}-\d{1,6}-\d\b"  # postal account
    r"|\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b"  # date
    r"|\b(?:19|20)\d\d\s?[-–/]\s?(?:19|20)\d\d\b"  # years
)
_NEIGHBOURS: Final = ("CH", "FR", "DE", "IT", "AT")
_LINK: Final = re.compile(r"https?://\S+", re.IGNORECASE)


def mask(value: object, country: str | None) -> object:
    """Return a text, or the texts by language, without its contacts; the very same object if there are none."""
    if isinstance(value, dict):
        masked = {language: mask(text, country) for language, text in value.items()}
        return masked if masked != value else value
    return _masked(value, country) if isinstance(value, str) else value


def _masked(text: str, country: str | None) -> str:
    if "@" in text or "[" in text or "(" in text or "{" in text:
        text = _EMAIL.sub(MASK, text)
    # Where nobody knows the country of a list, a number of any neighbour is one.
    for each in (country,) if country else _NEIGHBOURS:
        if not _DIGITS.search(text):
            break
        text = _without_phones(text, each)
    return text


@lru_cache(maxsize=4096)
def _without_phones(text: str, country: str) -> str:
    kept = [match.span() for pattern in (_NUMBERS, _LINK) for match in pattern.finditer(text)]
    out, at = [], 0
    for match in PhoneNumberMatcher(text, country, leniency=Leniency.VALID):
        if any(start <= match.start and match.end <= end for start, end in kept):
            continue
        out += [text[at : match.start], MASK]
        at = match.end
    return "".join((*out, text[at:])) if out else text
