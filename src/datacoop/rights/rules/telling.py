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
#: Words of a holder's name in a mail in several languages; hardly a name has more.
LONGEST_NAME = 24
_WHERE = (("culture/chant", "choir"), ("culture/musique", "music"), ("sport", "sport"))
_ROLES = frozenset(
    {"president", "vice_president", "treasurer", "secretary", "committee", "honorary", "member", "contact"}
)
#: Say a key in a language with values: `rights.wording.PHRASES.say`.
Say = Callable[..., str]


@dataclass(frozen=True)
class Told:
    """What one holder says, as far as a message may tell. `is_safe`: nobody but the one it is for reads it, and the
    theme tells nothing about them. `name` is that of an organisation, never a person's. `is_sealed`: a letter.
    """

    holder: str
    natural: bool
    is_safe: bool
    name: str = ""
    function: str = ""
    theme: str = ""
    address: str = ""
    is_sealed: bool = False


@dataclass(frozen=True)
class Frame:
    """What surrounds what is told: addresses of ours, and the legal part, ready, by language."""

    genuine: str
    no_more: str
    is_reminder: bool = False


def first_sentence(say: Say, language: str, told: Told) -> str:
    """Return who names whom."""
    holder, name = told.holder, told.name
    if not told.natural:
        key = "organisation" if told.is_safe and told.name else "organisation_plain"
        return say(language, f"notices.{key}", holder=holder, **({"name": name} if key == "organisation" else {}))
    if told.is_sealed:
        return say(language, "notices.letter_person", holder=holder)
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
    """Return everything before the answers: who names whom, that nobody sees it, who else names them.

    Names are not cut: where they cannot be repeated in each language, they stand once, above or beside the links.
    """
    first, *others = told
    room = MOST_WORDS - words_in(f"{hello(say, languages)} {where(say, languages, told)}")
    beside = [f"{' / '.join(say(each, 'notices.also') for each in languages)}: {', '.join(o.holder for o in others)}."]
    whole = [_opened(say, each, first_sentence(say, each, first), first, is_reminder) for each in languages]
    for parts in ([*whole, *beside], whole) if others else (whole,):
        if words_in("\n\n".join(parts)) <= room:
            return "\n\n".join(parts)
    short = [_opened(say, each, _this_list(say, each, first), first, is_reminder) for each in languages]
    if others:
        return "\n\n".join(short)
    label = " / ".join(dict.fromkeys(say(each, "notices.this_list") for each in languages))
    name = first.holder if first.is_sealed else shortened(first.holder, LONGEST_NAME)
    return "\n\n".join([f"{label}: {name}", *short])


def hello(say: Say, languages: Sequence[str]) -> str:
    """Return the greeting, on one line."""
    if len(languages) == 1:
        return say(languages[0], "notices.hello")
    return " / ".join(say(language, "notices.hello").rstrip(",") for language in languages)


def _opened(say: Say, language: str, sentence: str, told: Told, is_reminder: bool) -> str:
    lines = [say(language, "notices.reminder")] if is_reminder else []
    return " ".join([*lines, sentence, say(language, f"notices.{'nobody' if told.natural else 'decide'}")])


def _this_list(say: Say, language: str, told: Told) -> str:
    """The first sentence under a list's name."""
    key = "person" if told.is_sealed or (told.is_safe and told.function in _ROLES) else "plain"
    if not told.natural:
        key = "organisation" if told.is_safe and told.name else "organisation_plain"
    return say(language, f"notices.this_{key}")


def where(say: Say, languages: Sequence[str], told: Sequence[Told]) -> str:
    """Return where the answer is given: of several holders, beside each."""
    label = " / ".join(say(language, "notices.answer") for language in languages)
    space = f"{_colon(languages[-1])} "
    if len(told) == 1:
        return f"{label}{space}{told[0].address}"
    return "\n".join([label, *(f"{each.holder}{space}{each.address}" for each in told)])


def _colon(language: str) -> str:
    return " :" if language == "fr" else ":"


def choices(say: Say, languages: Sequence[str], told: Sequence[Told]) -> str:
    """Return the three choices, equally prominent."""
    parts = []
    for language in languages:
        lines = [f"{say(language, 'notices.choices')}{_colon(language)}"]
        lines += [f"– {say(language, f'notices.{each}')}" for each in ("proposed", "less", "nothing")]
        lines.append(say(language, f"notices.silence_{'person' if told[0].natural else 'organisation'}"))
        lines.append(say(language, "notices.alone"))
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def before_the_law(say: Say, languages: Sequence[str], told: Sequence[Told], *, is_reminder: bool = False) -> str:
    """Return what a message says first: greeting, opening, where to answer, the choices."""
    parts = [hello(say, languages), opening(say, languages, told, is_reminder=is_reminder)]
    parts.append(where(say, languages, told))
    return "\n\n".join([*parts, choices(say, languages, told)])


def message(say: Say, languages: Sequence[str], told: Sequence[Told], frame: Frame, legal: Sequence[str]) -> str:
    """Return a whole message: what is said first, from whom, then the legal part and the way to hear no more."""
    regards = " / ".join(say(language, "notices.regards") for language in languages)
    parts = [before_the_law(say, languages, told, is_reminder=frame.is_reminder)]
    parts += [say(language, "notices.genuine", address=frame.genuine) for language in languages]
    parts += [f"{regards}\n{', '.join(each.holder for each in told)}", *legal]
    parts += [say(language, "notices.no_more", address=frame.no_more) for language in languages]
    return "\n\n".join(parts)


@dataclass(frozen=True)
class Legal:
    """What the duty to inform asks for, as far as it differs: `categories` and `country` in the reader's words."""

    holder: str
    controller: str
    address: str
    contact: str
    country: str
    natural: bool
    categories: str
    notice: str
    """Where the whole privacy notice stands."""


def legal_part(say: Say, language: str, legal: Legal) -> str:
    """Return what LPD 19(2)-(4) and GDPR 14(1)-(2) ask to be told, in one paragraph of lines."""
    received = say(language, f"notices.legal_recipients_{_some(legal)}")
    lines = [
        say(language, "notices.legal_title"),
        say(
            language, "notices.legal_controller", holder=legal.holder, controller=legal.controller,
            address=legal.address, contact=legal.contact,
        ),
        say(language, "notices.legal_source", holder=legal.holder),
        say(language, "notices.legal_categories", categories=legal.categories),
        say(language, "notices.legal_purpose"),
        say(language, "notices.legal_recipients", recipients=received, country=legal.country),
        *(say(language, f"notices.legal_{each}") for each in ("retention", "rights", "objection", "authority")),
        say(language, "notices.legal_more", address=legal.notice),
    ]  # fmt: skip
    return "\n".join(lines)


def legal_in_short(say: Say, language: str, legal: Legal) -> str:
    """Return the same in few words, for a page that says it in four languages and names the sender elsewhere."""
    return say(
        language, "notices.legal_short", categories=legal.categories, country=legal.country,
        recipients=say(language, f"notices.legal_short_{_some(legal)}"),
    )  # fmt: skip


def _some(legal: Legal) -> str:
    return "none" if legal.natural else "some"


def words_in(text: str) -> int:
    """Return how many words a reader counts.

    >>> words_in("C'est vous – qui décidez.")
    4
    """
    return sum(any(sign.isalnum() for sign in word) for word in text.split())
