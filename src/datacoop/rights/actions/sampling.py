"""What will leave, about somebody invented: shown to both hands before they press Send. It holds no record's value."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from django.conf import settings

from datacoop.disclosure.own.notifying import Reach
from datacoop.rights.actions.composing import legal_of
from datacoop.rights.actions.lettering import Page, letter_of
from datacoop.rights.queries.logos import find_logo
from datacoop.rights.typesetting import LETTERS, pictured
from datacoop.rights.wording import LANGUAGES, PHRASES

PERSON, ORGANISATION = WHOSE = ("person", "organisation")
#: What a list usually says; a real letter names what its own list says.
_CATEGORIES = {
    PERSON: (("person", "name"), ("person", "email"), ("role", "organisation"), ("role", "role")),
    ORGANISATION: (
        ("organisation", "name"), ("organisation", "theme"), ("organisation", "addresses"), ("organisation", "email"),
        ("organisation", "phones"),
    ),
}  # fmt: skip
_CODE = "ABCD-EFGH-JKM"


def sample_picture(*, holder: UUID, name: str, whose: str, language: str, now: datetime) -> bytes:
    """Return a letter of a holder as PNG, in a language, or in all of them where it is none of ours."""
    page = Page(name, _somebody(whose, language), 0, find_logo(holder))
    letter = letter_of(page, now=now, opens=(_CODE, f"{settings.DATACOOP_BASE_URL}/code"))
    logo = page.logo.png if page.logo else b""
    return pictured(LETTERS, letters=json.dumps([letter]), logo=json.dumps(list(logo)))


def sample_legal(name: str, whose: str, language: str) -> str:
    """Return the legal part of a message about somebody, in one language."""
    return legal_of(name, _somebody(whose, language), language)


def _somebody(whose: str, language: str) -> Reach:
    spoken = language if language in LANGUAGES else LANGUAGES[0]
    address = tuple(PHRASES.say(spoken, "notices.sample_address").split("; "))
    return Reach(
        subject_id=0, uid=UUID(int=0), natural=whose == PERSON, language=language, email="", through="",
        own_domains=frozenset(), name=PHRASES.say(spoken, f"notices.sample_{whose}"), address=address, function="",
        theme="", is_sensitive=False, content=b"", categories=_CATEGORIES[whose],
    )  # fmt: skip
