"""One message from what holders' lists say now: address and text are made here, at the moment it leaves.

They lie in no queue, table or log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from datacoop.charter.controller import controller, country_name
from datacoop.disclosure.own.notifying import Reach
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.pictures import Picture
from datacoop.post.mailing import Mail
from datacoop.rights.links import token_of
from datacoop.rights.queries.safety import is_safe
from datacoop.rights.rules.telling import Frame, Legal, Told, legal_in_short, legal_part, message
from datacoop.rights.wording import LANGUAGES, PHRASES


@dataclass(frozen=True)
class Part:
    """What one holder tells in a message: its name, how its lists know the subject, the link that was made for it."""

    holder: str
    reach: Reach
    link_id: int


def mailbox_of(reach: Reach) -> str:
    """Return where a subject is written to: its own address, else that of an organisation it has a function in."""
    return reach.email or reach.through


def told_of(holder: str, reach: Reach, *, address: str = "") -> Told:
    """Return as much of what a list says as a message may tell."""
    if reach.natural:
        return Told(holder, True, is_safe(reach), "", reach.function, reach.theme, address)
    return Told(holder, False, is_safe(reach), reach.name, "", "", address)


def languages_of(reach: Reach) -> tuple[str, ...]:
    """Return the language somebody is known to read, all of ours where none is known."""
    return (reach.language,) if reach.language in LANGUAGES else LANGUAGES


def mail_of(parts: Sequence[Part], *, is_reminder: bool = False, logo: Picture | None = None) -> Mail:
    """Return the message of one or several holders about one subject.

    The first one's logo stands above it only where the whole of it is safe: words are read, an emblem is seen in
    passing, by whoever walks past the screen that others share.
    """
    reach = parts[0].reach
    languages = languages_of(reach)
    base = settings.DATACOOP_BASE_URL
    tokens = [token_of(part.link_id) for part in parts]
    told = [
        told_of(part.holder, part.reach, address=f"{base}/n/{token}") for part, token in zip(parts, tokens, strict=True)
    ]
    no_more = f"{base}/n/{tokens[0]}/no-more"
    legal = [legal_of(part.holder, part.reach, language) for language in languages for part in parts]
    return Mail(
        to=mailbox_of(reach),
        subject=" / ".join(PHRASES.say(each, "notices.subject") for each in languages),
        text=message(PHRASES.say, languages, told, Frame(f"{base}/genuine", no_more, is_reminder), legal),
        language=languages[0],
        unsubscribe=no_more,
        sender_name=parts[0].holder,
        reply_to=_reply_to(),
        picture=logo if all(each.is_safe for each in told) else None,
    )


def legal_of(holder: str, reach: Reach, language: str, *, in_short: bool = False) -> str:
    """Return what the duty to inform asks for about one holder's list."""
    said = controller()
    legal = Legal(
        holder, said.name, ", ".join(said.address), contact_line(), country_name(said.country, language), reach.natural,
        categories_of(reach, language), f"{settings.DATACOOP_BASE_URL}/documents/privacy-notice",
    )  # fmt: skip
    return (legal_in_short if in_short else legal_part)(PHRASES.say, language, legal)


def categories_of(reach: Reach, language: str) -> str:
    """Return the sorts of data a list holds, by the labels of their kinds: no value."""
    names = {kind_named(kind).property(name).labels[language] for kind, name in reach.categories}
    return ", ".join(sorted(names, key=str.casefold))


def contact_line() -> str:
    """Return by what the cooperative is reached: telephone, mailbox or page."""
    said = controller()
    return ", ".join(each for each in (said.phone, said.contact) if each)


def _reply_to() -> str:
    contact = str(settings.DATACOOP_CONTACT or "")
    return contact if "@" in contact and ":" not in contact else ""
