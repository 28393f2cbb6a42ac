"""Whether somebody who reads a mailbox is the person a list means: by what they know that no message told them. Pure.

A list may know a wrong address. Who reads what comes there can then type the code that is mailed to it; what a stranger
does not know is the person's name together with the association, or the telephone number, that the list has.
"""

from __future__ import annotations

from collections.abc import Collection, Set
from difflib import SequenceMatcher

from datacoop.lib.text import words

#: More words are a list of guesses, not a name.
MOST_WORDS = 12
#: Stand in names and tell nobody apart.
_SMALL = frozenset(
    words(
        "a al am an and au aux d da dal das de degli dei del della den der des di die du e ed et fuer fur i il im in l"
        " la las le les lo of on pour sur the und van vom von y zu zum zur mme mr mrs ms dr frau herr monsieur madame"
    )
)
_SLIP = 0.84
_FIGURES = 4


def is_named(typed: str, names: Collection[str]) -> bool:
    """Return whether what was typed is one of the names, in any order; an initial stands for a first name.

    >>> is_named("vernehaut marlyse", ["Marlyse de Vernehaut"]), is_named("Marlyse", ["Marlyse de Vernehaut"])
    (True, False)
    """
    given = _telling(typed)
    return 0 < len(given) <= MOST_WORDS and any(_is_same_name(given, _telling(name)) for name in names)


def is_known(typed: str, *, associations: Collection[str], phones: Collection[str], told: Set[str]) -> bool:
    """Return whether an association or a telephone number is meant, by a word that no message carries.

    `told` are words that may stand in a message (its holder's name, a theme), or in any name. A name of such words
    alone must be typed whole.

    >>> choirs = {"associations": ["Chœur mixte du Jorat"], "phones": [], "told": {"choeur", "mixte"}}
    >>> is_known("le choeur du jorat", **choirs), is_known("un choeur mixte", **choirs)
    (True, False)
    """
    figures = "".join(each for each in typed if each.isdecimal())
    if len(figures) >= _FIGURES and any(_ends_alike(figures, phone) for phone in phones):
        return True
    given = _telling(typed)
    return 0 < len(given) <= MOST_WORDS and any(_is_meant(given, _telling(name), told) for name in associations)


def _telling(text: str) -> list[str]:
    return [word for word in words(text[:200]) if word not in _SMALL]


def _is_same_name(given: list[str], name: list[str]) -> bool:
    """All words of the shorter one stand in the other; two at least, where the name has two, one of them whole."""
    short, long = sorted((given, name), key=len)
    if len(short) < min(2, len(name)):
        return False
    left, whole = list(long), False
    for word in sorted(short, key=len, reverse=True):
        found = next((each for each in left if _is_alike(word, each)), None)
        initial = next((each for each in left if 1 in {len(word), len(each)} and word[0] == each[0]), None)
        if found is None and initial is None:
            return False
        whole |= found is not None and len(word) > 1
        left.remove(found or initial or "")
    return whole


def _is_meant(given: list[str], name: list[str], told: Set[str]) -> bool:
    rare = [word for word in name if word not in told]
    needed = (len(rare) + 1) // 2 if rare else len(name)
    return needed > 0 and sum(any(_is_alike(word, each) for each in given) for word in rare or name) >= needed


def _is_alike(one: str, other: str) -> bool:
    """The same word, or a long one with a slip."""
    if one == other:
        return True
    return min(len(one), len(other)) > _FIGURES and SequenceMatcher(None, one, other, autojunk=False).ratio() >= _SLIP


def _ends_alike(figures: str, phone: str) -> bool:
    known = "".join(each for each in phone if each.isdecimal())
    return len(known) >= _FIGURES and figures[-_FIGURES:] == known[-_FIGURES:]
