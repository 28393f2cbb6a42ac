"""Texts in the cells of a table: several in one cell, and none that a spreadsheet would run. Both ways, exactly.

What `joined` and `harmless` write, `split` and `unsigned` give back, whatever the texts hold. Pure.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

BETWEEN: Final = " | "
"""Between several texts in one cell."""

# A bar that stands alone separates; two or more that stand alone are one less, in the text itself.
_BARS: Final = re.compile(r"(?<!\S)\|+(?!\S)")
_BAR: Final = re.compile(r"(?<!\S)\|(?!\S)")

_SIGN: Final = "'"
# OWASP, CSV injection: a cell that begins so is run by some spreadsheet, which may drop blanks of every width before.
_RUN: Final = re.compile(r"'*[\s\u200b-\u200f\u2060\ufeff\xad]*[=+\-@＝＋－＠\t\r\n]")


def joined(texts: Iterable[str]) -> str:
    """Several texts as one cell; a bar that stands alone in one of them is doubled.

    >>> joined(["CdC", "Chœur | Chor"])
    'CdC | Chœur || Chor'
    """
    return BETWEEN.join(_BARS.sub(_longer, text) if "|" in text else text for text in texts)


def split(cell: str) -> Iterator[str]:
    """Yield the texts of one cell, empty ones too, without the blanks around them.

    >>> list(split("CdC | Chœur || Chor"))
    ['CdC', 'Chœur | Chor']
    """
    if "|" not in cell:
        yield cell.strip()
        return
    for text in _BAR.split(cell):
        yield _BARS.sub(_shorter, text.strip())


def harmless(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula, and before such an apostrophe.

    >>> harmless("=1+1"), harmless("'=1+1"), harmless("'s Chörli")
    ("'=1+1", "''=1+1", "'s Chörli")
    """
    return text if text[:1].isalnum() or not _RUN.match(text) else _SIGN + text


def unsigned(text: str) -> str:
    """The text that `harmless` was given.

    >>> unsigned("'=1+1"), unsigned("''=1+1"), unsigned("'s Chörli")
    ('=1+1', "'=1+1", "'s Chörli")
    """
    return text[1:] if text.startswith(_SIGN) and _RUN.match(text) else text


def _longer(bars: re.Match[str]) -> str:
    return bars[0] + "|"


def _shorter(bars: re.Match[str]) -> str:
    return bars[0][1:]
