"""Values with their meaning taken out but their shape left: enough to know one's own again, too little to learn. Pure.

A link may have been forwarded: until somebody proves to be the one it is for, values that the public does not see
are shown like this.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from datacoop.kinds.definition import Property

DOTS = "•••"
#: Types that the notice itself names, or that say nothing without the rest.
_PLAIN = frozenset({"code", "theme", "commune"})


def masked(value: object, prop: Property) -> object:
    """Return a value of a property as somebody sees it who has proven nothing.

    >>> from datacoop.kinds.definition import kind
    >>> masked("amelie@example.org", kind("person").property("email"))
    'a•••@e•••.org'
    >>> masked("+41 79 555 01 02", kind("person").property("phones"))
    '+41 ••• 02'
    >>> masked("Amélie Exemplaire", kind("person").property("name"))
    'A••• E•••'
    """
    if prop.type in _PLAIN:
        return value
    if isinstance(value, Mapping):
        return {
            name: part if name in {"country", "kind", "scheme"} else _word(str(part)) for name, part in value.items()
        }
    text = str(value)
    if prop.type == "email":
        return _email(text)
    if prop.type == "phone":
        return _phone(text)
    if prop.type in {"date", "datetime", "integer", "number", "boolean", "point", "text", "url"}:
        return DOTS
    return words_masked(text)


def words_masked(text: str) -> str:
    """Return a name with the first letter of each word: how long a word is tells nothing.

    >>> words_masked("Chœur de la Clairière")
    'C••• d••• l••• C•••'
    """
    return " ".join(_word(each) for each in text.split())


def _word(word: str) -> str:
    first = re.search(r"\w", word)
    return f"{first.group()}{DOTS}" if first and not first.group().isdigit() else DOTS


def _email(text: str) -> str:
    local, _, domain = text.rpartition("@")
    name, _, ending = domain.rpartition(".")
    return f"{local[:1]}{DOTS}@{name[:1]}{DOTS}.{ending}" if local and name else DOTS


def _phone(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    start = text.split(maxsplit=1)[0] if text.startswith("+") and " " in text else ""
    return f"{start} {DOTS} {digits[-2:]}".strip() if len(digits) > 6 else DOTS
