"""One folding of text for search, comparison and order. Pure, no state; never for display.

The rule of `fold`, in order: lower case; accents and marks fall; ligatures open (œ → oe, æ → ae, ß → ss);
then the digraphs ae, oe, ue lose their e, because German writes ä either as ä, as ae, or as a:

>>> fold("Zürich") == fold("Zuerich") == fold("ZURICH")
True
>>> fold("Chœur") == fold("choeur")
True
>>> fold("Straße") == fold("STRASSE")
True

`oeu` stays, since it is French and its e is heard (cœur is not cour):

>>> fold("Cœur"), fold("Cour"), fold("Möbel"), fold("Moebel")
('coeur', 'cour', 'mobel', 'mobel')

A folded text may look odd ("rue" → "ru"): both sides of a comparison are folded, nobody reads it.
`plain` stops before the digraphs: readable ASCII for slugs, order and header words.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_EXTRA: Final = {
    "œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h",
    "ŋ": "n", "ŧ": "t", "ĸ": "k", "ſ": "s", "ə": "e", "ƒ": "f",
    "’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "′": "'", "“": '"', "”": '"', "„": '"', "«": '"',
    "»": '"', "‹": "'", "›": "'", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "…": "...",
    "\u00a0": " ", "\u202f": " ", "\u2009": " ", "·": ".", "№": "no", "°": "o", "ª": "a", "º": "o",
}  # fmt: skip
_INVISIBLE: Final = (
    "\u00ad\u061c\u115f\u1160\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\ufeff\ufff9\ufffa\ufffb"
)


def _strip_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _fold_table() -> dict[int, str | None]:
    table: dict[int, str | None] = {}
    for code in (*range(0x00A0, 0x0250), *range(0x1E00, 0x1F00)):
        char = chr(code)
        stripped = _strip_marks(char).lower()
        if stripped != char and stripped.isascii():
            table[code] = stripped
    for char, replacement in _EXTRA.items():
        table[ord(char)] = replacement
        if len(char.upper()) == 1:
            table.setdefault(ord(char.upper()), replacement)
    for char in _INVISIBLE:
        table[ord(char)] = None
    return table


_FOLD: Final = _fold_table()
_OTHERWISE: Final = b"\x80"


def _western(code: int) -> int:
    folded = bytes((code,)).decode("cp1252", "replace").translate(_FOLD)
    return ord(folded) if len(folded) == 1 and folded.isascii() else _OTHERWISE[0]


#: The same, faster, for what Windows writes with one byte and what becomes one letter.
_WESTERN: Final = bytes(map(_western, range(256)))
_DIGRAPH: Final = re.compile(r"([au])e+|o(?:e+)(?![eu])")
_WORD: Final = re.compile(r"[^\W_]+", re.UNICODE)
_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")
_CLEAN: Final[dict[int, str | None]] = {
    **dict.fromkeys((*range(32), *range(127, 160), 8232, 8233), " "),
    **dict.fromkeys(range(55296, 57344)),
    **{ord(char): None for char in _INVISIBLE},
}
_CLEAN_LINES: Final[dict[int, str | None]] = {**_CLEAN, 0x0A: "\n", 0x0D: "\n", 0x2028: "\n", 0x2029: "\n"}


def _short(match: re.Match[str]) -> str:
    return match[1] or "o"


def _unusual(text: str) -> str:
    """The slow way for what the table does not know: other scripts, compatibility forms, stray marks."""
    previous = ""
    while text != previous:
        previous = text
        text = _strip_marks(text.casefold()).translate(_FOLD)
    return text


def plain(text: str) -> str:
    """Lower case without accents and ligatures; digraphs stay.

    >>> plain("École des Sœurs à Neuchâtel")
    'ecole des soeurs a neuchatel'
    """
    text = text.lower()
    if text.isascii():
        return text
    text = text.replace("œ", "oe").replace("ß", "ss")
    try:
        folded = text.encode("cp1252").translate(_WESTERN)
    except UnicodeEncodeError:
        folded = _OTHERWISE
    if _OTHERWISE not in folded:
        return folded.decode("ascii")
    text = text.translate(_FOLD)
    return text if text.isascii() else _unusual(text)


def fold(text: str) -> str:
    """The one folding for search and comparison; idempotent. See the module for the rule."""
    text = plain(text)
    return _DIGRAPH.sub(_short, text) if "ue" in text or "ae" in text or "oe" in text else text


def words(text: str) -> list[str]:
    """Folded words, in order.

    >>> words("L'Église d’Orbe (VD)")
    ['l', 'eglise', 'd', 'orbe', 'vd']
    """
    return _WORD.findall(fold(text))


def plain_words(text: str) -> list[str]:
    """Words with their digraphs kept, for looking up in lists that people wrote."""
    return _WORD.findall(plain(text))


def slug(text: str, limit: int = 80) -> str:
    """ASCII words joined by hyphens, cut at a word where possible.

    >>> slug("Chœur « Les Aînés » de la rue Haute")
    'choeur-les-aines-de-la-rue-haute'
    """
    slugged = _NOT_SLUG.sub("-", plain(text)).strip("-")
    if len(slugged) <= limit:
        return slugged
    cut = slugged[: limit + 1].rfind("-")
    return slugged[: cut if cut > limit // 2 else limit].strip("-")


def clean(text: str, *, lines: bool = False) -> str:
    """NFC, without control, zero-width and direction characters, blanks collapsed.

    With `lines`, line breaks stay (at most one empty line between two paragraphs).
    """
    if lines and ("\n" in text or "\r" in text):
        return _clean_lines(text)
    if not text.isprintable() or not (text.isascii() or _is_clean(text)):
        text = unicodedata.normalize("NFC", text).translate(_CLEAN)
    return " ".join(text.split())


def _is_clean(text: str) -> bool:
    """Whether a printable text needs no change: the Hangul fillers alone are printable and show nothing."""
    return unicodedata.is_normalized("NFC", text) and "\u115f" not in text and "\u1160" not in text


def _clean_lines(text: str) -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).translate(_CLEAN_LINES)
    stripped = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", stripped).strip()


@lru_cache(maxsize=4096)
def sort_key(text: str) -> bytes:
    """Bytes whose order is the same in every database: base letters, marks of punctuation ignored.

    >>> sorted(["Zoo", "Élan", "Eau", "« Art »"], key=sort_key)
    ['« Art »', 'Eau', 'Élan', 'Zoo']
    """
    return " ".join(_WORD.findall(plain(text))).encode()
