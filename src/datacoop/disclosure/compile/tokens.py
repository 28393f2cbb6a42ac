"""Words as SQLite's text index stores them: each carries audience, kind, and whether it stands in a name. Pure.

So one list of the index holds one kind as one audience sees it: nothing else is walked through to find a word, and
no hidden word moves a public answer. PostgreSQL has columns for this.
"""

from __future__ import annotations

from collections.abc import Iterable

from datacoop.consent.rules import PUBLIC

#: Length of what comes before a public word.
STEM = 9


def stem(tier: int, kind_code: int, *, in_name: bool = False) -> str:
    """Return what the words of one kind begin with, as one audience sees them."""
    audience = "" if tier == PUBLIC else f"t{tier}"
    return f"{audience}{'n' if in_name else 'w'}{kind_code:08x}"


def index_words(tier: int, kind_code: int, names: str, texts: str, deeper: str) -> tuple[str, str, str]:
    """Return the columns of an index row: words of the names, all words, audiences below with a row of their own.

    Words come folded, one blank between two.
    """
    every = f"{names} {texts}" if names and texts else names or texts
    in_names = _stemmed(names, stem(tier, kind_code, in_name=True))
    return in_names, _stemmed(every, stem(tier, kind_code)), deeper_words(deeper)


def _stemmed(words: str, before: str) -> str:
    if words.isascii():
        return before + words.replace(" ", f" {before}") if words else ""
    return " ".join(before + _safe(word) for word in words.split(" "))


def deeper_words(deeper: str) -> str:
    """Return the audiences of a `deeper` column as words."""
    return " ".join(mask(int(tier)) for tier in deeper.split(",") if tier)


def mask(tier: int) -> str:
    """Return the word that says: this audience has a row of its own."""
    return f"d{tier}"


def query(
    asked: Iterable[str], tier: int, kind_code: int, *, hidden_by: Iterable[int], prefix: bool, level: str
) -> str:
    """Return an FTS5 query for rows that hold all words: in the name (`name`), not there (`rest`), anywhere (`all`)."""
    words = list(asked)
    names = _all(words, stem(tier, kind_code, in_name=True), prefix=prefix)
    every = _all(words, stem(tier, kind_code), prefix=prefix)
    found = {"name": names, "rest": f"({every}) NOT ({names})", "all": every}[level]
    masks = " OR ".join(f'"{mask(each)}"' for each in hidden_by)
    return f"({found}) NOT ({masks})" if masks else found


def _safe(word: str) -> str:
    """Return a word as one token whatever SQLite takes for a letter: it knows an older Unicode than we do."""
    return word if word.isascii() else f"z{word.encode().hex()}"


def _all(words: list[str], before: str, *, prefix: bool) -> str:
    terms = [f'"{before}{_safe(word)}"' for word in words]
    if prefix:
        terms[-1] += " *"
    return " AND ".join(terms)
