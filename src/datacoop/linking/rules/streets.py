"""Read the street of an address: what is distinctive of it, and its number. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from datacoop.lib.text import words
from datacoop.linking.rules.words import known

#: So many first letters of a street's distinctive word: most slips of the pen come later.
_STEM = 6
_NUMBER = re.compile(r"\d{1,4}[a-z]?")
#: "c/o Name," in front; "Case postale 12" behind. Neither leads to a door.
_CARE_OF = re.compile(r"^\s*c/o[^,]*,", re.IGNORECASE)
_BOX = re.compile(
    r",?\s*\b(?:case postale|postfach|casella postale|p\.?\s?o\.? box|cp|c\.p\.)\s*\d*\s*$", re.IGNORECASE
)
#: The way stands at the end of a German word: Bahnhofstr., Lindenweg.
_ENDING = re.compile(r"(?:strasse|str|gasse|weg|platz)$")


@lru_cache(maxsize=65536)
def read_street(text: str) -> tuple[str, str]:
    """Return the first letters of the distinctive word of a street, and the number of the house; "" where unsaid.

    >>> read_street("Av. de la Gare 12a"), read_street("12, avenue de la gare"), read_street("Bahnhofstr. 3")
    (('gare', '12a'), ('gare', '12'), ('bahnho', '3'))
    """
    said = [w for w in words(_BOX.sub("", _CARE_OF.sub("", text))) if w not in known().stop_words]
    numbers = [w for w in said if _NUMBER.fullmatch(w)]
    named = [_ENDING.sub("", w) or w for w in said if not w[0].isdigit()]
    own = [w for w in named if w not in known().ways] or named
    longest = max(own, key=lambda w: (len(w), w), default="")
    return longest[:_STEM], numbers[-1] if numbers else ""
