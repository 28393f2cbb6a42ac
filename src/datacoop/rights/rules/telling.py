"""What a notice says: no name of a person; of what is known, only what a stranger may read by mistake. Pure.

The first sentence says plainly who names whom; of a function and its surroundings only where nobody else reads the
mailbox and the theme is not sensitive. Nothing of it names an association to a person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: Words before the choices, in any language.
MOST_WORDS = 120
#: Holders named in one message.
MOST_HOLDERS = 3
#: Words of a name in a message: of one holder, of several, and in four languages.
LONG_NAME, SHORT_NAME, SHORTEST_NAME = 12, 6, 3
_WHERE = (("culture/chant", "choir"), ("culture/musique", "music"), ("sport", "sport"))
_ROLES = frozenset(
    {"president", "vice_president", "treasurer", "secretary", "committee", "honorary", "member", "contact"}
)
#: Say a key in a language with values: `rights.wording.PHRASES.say`.
Say = Callable[..., str]


@dataclass(frozen=True)
class Told:
    """What one holder says, as far as a message may tell. `is_safe`: nobody but the one it is for reads it, and the
    theme tells nothing about them. `name` is that of an organisation, never a person's.
    """

    holder: str
    natural: bool
    is_safe: bool
    name: str = ""
    function: str = ""
    theme: str = ""
    address: str = ""


@dataclass(frozen=True)
class Frame:
    """What surrounds what is told: addresses of ours, and the legal part, ready, by language."""

    genuine: str
    no_more: str
    is_reminder: bool = False


def first_sentence(say: Say, language: str, told: Told, *, room: int = LONG_NAME) -> str:
    """Return who names whom, with at most `room` words of each name."""
    holder, name = shortened(told.holder, room), shortened(told.name, room)
    if not told.natural:
        key = "organisation" if told.is_safe and told.name else "organisation_plain"
        return say(language, f"notices.{key}", holder=holder, **({"name": name} if key == "organisation" else {}))
    if told.is_safe and told.function in _ROLES:
        return say(
            language, "notices.named", holder=holder, function=say(language, f"notices.role_{told.function}"),
            where=say(language, f"notices.where_{where_of(told.theme)}"),
        )  # fmt: skip
    return say(language, "notices.plain", holder=holder)


def where_of(theme: str) -> str:
    """Return the sort of association a theme speaks of, by the key of its words.

    >>> where_of("culture/chant"), where_of("sport/football"), where_of("sante")
    ('choir', 'sport', 'other')
    """
    return next((key for path, key in _WHERE if theme == path or theme.startswith(path + "/")), "other")


def shortened(name: str, room: int) -> str:
    """Return a name with as many words as there is room for.

    >>> shortened("Ville de Clairière", 3), shortened("Fédération des chœurs du lac", 3)
    ('Ville de Clairière', 'Fédération des chœurs …')
    """
    words = name.split()
    return " ".join(words) if len(words) <= room else " ".join(words[:room]) + " …"


def opening(say: Say, languages: Sequence[str], told: Sequence[Told], *, is_reminder: bool = False) -> str:
    """Return everything before the choices: who names whom, that nobody sees it, who else names them."""
    first, *others = told
    room = SHORTEST_NAME if len(languages) > 1 else SHORT_NAME if others else LONG_NAME
    parts = []
    for language in languages:
        lines = [say(language, "notices.reminder")] if is_reminder else []
        lines.append(first_sentence(say, language, first, room=room))
        lines.append(say(language, f"notices.{'nobody' if first.natural else 'decide'}"))
        parts.append(" ".join(lines))
    if others:
        names = ", ".join(shortened(each.holder, room) for each in others)
        parts.append(f"{' / '.join(say(language, 'notices.also') for language in languages)}: {names}.")
    return "\n\n".join(parts)


def choices(say: Say, languages: Sequence[str], told: Sequence[Told]) -> str:
    """Return the three choices, equally prominent, and where each is made."""
    parts = []
    for language in languages:
        lines = [f"{say(language, 'notices.choices')}:"]
        lines += [f"– {say(language, f'notices.{each}')}" for each in ("proposed", "less", "nothing")]
        lines.append(say(language, f"notices.silence_{'person' if told[0].natural else 'organisation'}"))
        parts.append("\n".join(lines))
    if len(told) == 1:
        where = [say(language, "notices.here", address=told[0].address) for language in languages]
    else:
        where = [f"{each.holder}: {each.address}" for each in told]
    return "\n\n".join([*parts, *where])


def message(say: Say, languages: Sequence[str], told: Sequence[Told], frame: Frame, legal: Sequence[str]) -> str:
    """Return a whole message: opening, choices, then the legal part and the way to hear no more."""
    parts = [opening(say, languages, told, is_reminder=frame.is_reminder), choices(say, languages, told)]
    parts += [say(language, "notices.genuine", address=frame.genuine) for language in languages]
    parts += legal
    parts += [say(language, "notices.no_more", address=frame.no_more) for language in languages]
    return "\n\n".join(parts)


@dataclass(frozen=True)
class Legal:
    """What the duty to inform asks for, as far as it differs: `categories` in the reader's words."""

    holder: str
    contact: str
    natural: bool
    categories: str


def legal_part(say: Say, language: str, legal: Legal) -> str:
    """Return what LPD 19(2)-(4) and GDPR 14(1)-(2) ask to be told, in one paragraph of lines."""
    some = "none" if legal.natural else "some"
    lines = [
        say(language, "notices.legal_title"),
        say(language, "notices.legal_controller", holder=legal.holder, contact=legal.contact),
        say(language, "notices.legal_source", holder=legal.holder),
        say(language, "notices.legal_categories", categories=legal.categories),
        say(language, "notices.legal_purpose"),
        say(language, "notices.legal_recipients", recipients=say(language, f"notices.legal_recipients_{some}")),
        *(say(language, f"notices.legal_{each}") for each in ("retention", "rights", "objection", "authority")),
    ]
    return "\n".join(lines)


def words_in(text: str) -> int:
    """Return how many words a reader counts.

    >>> words_in("C'est vous – qui décidez.")
    4
    """
    return sum(any(sign.isalnum() for sign in word) for word in text.split())
