"""French as it is printed; and before a name “de” and “que” lose their vowel, “de” joins the article it begins with."""

from __future__ import annotations

import re
from collections.abc import Mapping

from datacoop.lib.text import plain

_BEFORE = re.compile(r"\b(?P<word>de|que) \{(?P<gap>\w+)\}", re.IGNORECASE)
_OPENING, _CLOSING = re.compile(r"«\s*"), re.compile(r"\s*»")
_ARTICLES = {"le ": "du ", "les ": "des "}
#: Beginnings before which nothing is dropped, and those whose h is not heard.
_HEARD = ("onz", "oui", "yoga", "yach", "uhu")
_MUTE = ("habit", "harmon", "heur", "hist", "hom", "hopit", "hort", "hosp", "hotel", "human", "hydr", "hygien", "hiver")


def spaced(text: str) -> str:
    """Return a text with a narrow space that does not break inside its guillemets, however they were typed.

    >>> spaced("Appuyez sur «Envoyer », puis sur « Cacher »")
    'Appuyez sur «\u202fEnvoyer\u202f», puis sur «\u202fCacher\u202f»'
    """
    return _CLOSING.sub("\u202f»", _OPENING.sub("«\u202f", text))


def fill(template: str, values: Mapping[str, object]) -> str:
    """Return a template with its gaps filled, what stands before a gap fitting what fills it.

    >>> fill("La liste de {holder} nomme {name}.", {"holder": "Association du Lac", "name": "le Chœur"})
    "La liste d'Association du Lac nomme le Chœur."
    """
    ready = _BEFORE.sub(lambda found: _kept(joined(found["word"], str(values[found["gap"]]))), template)
    return ready.format(**values)


def joined(word: str, name: str) -> str:
    """Return “de” or “que” with a name behind it.

    >>> joined("de", "Le Chœur du lac"), joined("de", "Écoles réunies"), joined("que", "Harmonie"), joined("de", "Onze")
    ('du Chœur du lac', "d'Écoles réunies", "qu'Harmonie", 'de Onze')
    >>> joined("de", "Ville de Clairière"), joined("de", "Yverdon"), joined("de", "L'Atelier"), joined("de", "8")
    ('de Ville de Clairière', "d'Yverdon", "de L'Atelier", 'de 8')
    """
    article = next((each for each in _ARTICLES if name.casefold().startswith(each)), "")
    if article and word.casefold() == "de":
        return _ARTICLES[article] + name[len(article) :]
    return f"{word[:-1]}'{name}" if _begins_open(name) else f"{word} {name}"


def _begins_open(name: str) -> bool:
    """Whether a vowel is heard first."""
    said = plain(name).lstrip("\"' ")
    if said.startswith(_HEARD):
        return False
    return said[:1] in tuple("aeiou") or said.startswith(_MUTE) or (said[:1] == "y" and said[1:2] not in "aeiou ")


def _kept(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
