"""Why two records are one or not, in words and weights, in four languages: for pages and commands. No values."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from datacoop.lib.phrases import Phrases
from datacoop.linking.rules.comparing import Reason

LANGUAGES: Final = ("fr", "de", "it", "en")
PHRASES: Final = Phrases(Path(__file__).with_name("texts"), LANGUAGES)
#: Reasons whose detail says under how many names the contact is held.
_HELD: Final = frozenset({"same-email", "same-domain", "same-phone"})
_MINUS: Final = "\N{MINUS SIGN}"


def reason_in_words(reason: Reason, language: str) -> str:
    """Return what two records have in common, or what tells them apart, without its weight.

    >>> reason_in_words(Reason("same-phone", "3", 2.5), "en")
    'the same phone number, under 3 different names'
    """
    words = PHRASES.say(language, f"reasons.{reason.code}")
    if reason.code in _HELD and reason.detail not in ("", "1"):
        return PHRASES.say(language, "held", what=words, count=reason.detail)
    return words


def signed(weight: float, language: str) -> str:
    """Return a weight with its sign, as the language writes numbers.

    >>> signed(6.12, "en"), signed(-1.2, "fr"), signed(-0.01, "de")
    ('+6.1', '−1,2', '0,0')
    """
    rounded = round(weight, 1)
    text = f"{abs(rounded):.1f}"
    sign = "+" if rounded > 0 else _MINUS if rounded < 0 else ""
    return sign + (text if language == "en" else text.replace(".", ","))
