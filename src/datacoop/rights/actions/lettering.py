"""What stands in one letter, in the languages of whoever it is for, and letters as a PDF, a page each.

Reads and keeps nothing: which letters are made, and who holds their codes, is `printing`'s.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import qrcode
from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import override
from qrcode.image.svg import SvgPathImage

from datacoop.charter.controller import controller
from datacoop.disclosure.own.notifying import Reach
from datacoop.lib.pictures import Picture
from datacoop.rights.actions.composing import languages_of, legal_of, told_of
from datacoop.rights.actions.sending import ZONE
from datacoop.rights.links import code_for, token_of
from datacoop.rights.rules.answers import CHOICES, NOTHING
from datacoop.rights.rules.telling import opening
from datacoop.rights.typesetting import LETTERS, typeset
from datacoop.rights.wording import PHRASES

#: The day of a letter, as each language writes it.
_DAYS = {"fr": "j F Y", "de": "j. F Y", "it": "j F Y", "en": "j F Y"}


@dataclass(frozen=True)
class Page:
    """One letter: from whom, how its list knows the subject, the link that was made for it, what it bears."""

    holder: str
    reach: Reach
    link_id: int
    logo: Picture | None = None
    is_reminder: bool = False


def letter_of(page: Page, *, now: datetime, opens: tuple[str, str] | None = None) -> dict[str, object]:
    """Return what stands in one letter, ready for the template; `opens`: another code and address than the link's.

    A letter is sealed and its window shows none of the sender; the logo is left out where a theme is sensitive.
    """
    languages = languages_of(page.reach)
    said, base = controller(), settings.DATACOOP_BASE_URL
    code, address = opens or (code_for(page.link_id), f"{base}/n/{token_of(page.link_id)}")
    return {
        "language": languages[0],
        "sender": page.holder,
        "has_logo": page.logo is not None and not page.reach.is_sensitive,
        "office": [said.name, *said.address, said.phone],
        "return_line": ", ".join(said.returns),
        "envelope": [page.reach.name, *page.reach.address],
        "dated": _dated(said.place, now, languages),
        "title": _all(languages, "letter_title"),
        "hello": _all(languages, "hello"),
        "opening": _opening(page, languages),
        "ways": [PHRASES.say(each, "notices.letter_ways") for each in languages],
        "code": code,
        "address": f"{base}/code",
        "phone": said.phone,
        "qr": qr_svg(address),
        "alt": f"{base}/code",
        "regards": _all(languages, "regards"),
        "legal": legal_part(page, languages),
        "slip": _all(languages, "letter_slip"),
        "tick_line": [PHRASES.say(each, "notices.letter_tick") for each in languages],
        "returns": list(said.returns),
        "ticks": [_tick(each, page, languages) for each in CHOICES],
        "tick_note": _all(languages, "tick_confirm") if len(languages) > 1 else "",
        "date_line": _all(languages, "letter_date"),
    }


def legal_part(page: Page, languages: Sequence[str]) -> list[str]:
    """Return what must be told, in every language of the letter, and where each may prove it and read all of it."""
    base = settings.DATACOOP_BASE_URL
    if len(languages) == 1:
        genuine = PHRASES.say(languages[0], "notices.genuine", address=f"{base}/genuine")
        return [*legal_of(page.holder, page.reach, languages[0]).split("\n"), genuine]
    places = (("letter_genuine", "genuine"), ("letter_all", "documents/privacy-notice"))
    where = " · ".join(f"{_all(languages, key)}: {base}/{place}" for key, place in places)
    return [*(legal_of(page.holder, page.reach, each, in_short=True) for each in languages), where]


def pdf_of(letters: Sequence[dict[str, object]], *, logo: Picture | None = None) -> bytes:
    """Return letters as one PDF, a page each."""
    # What is handed in is text: a picture goes in as its numbers, once for all letters.
    return typeset(LETTERS, letters=json.dumps(list(letters)), logo=json.dumps(list(logo.png if logo else b"")))


def qr_svg(address: str) -> str:
    """Return a square code for an address, as SVG."""
    out = io.BytesIO()
    qrcode.make(address, image_factory=SvgPathImage, border=2).save(out)
    return out.getvalue().decode()


def _opening(page: Page, languages: Sequence[str]) -> list[str]:
    """A sealed letter bears the name of whoever it is for; what they are named as stays on the page behind the code."""
    told = replace(told_of(page.holder, page.reach), is_sealed=True)
    said = opening(PHRASES.say, languages, [told], is_reminder=page.is_reminder).split("\n\n")
    silence = f"notices.silence_{_whose(page)}"
    if len(languages) == 1:
        return [*said, f"{PHRASES.say(languages[0], 'notices.choices')}. {PHRASES.say(languages[0], silence)}"]
    # On a page in four languages each says all of it in one paragraph; above them, perhaps, the list's name.
    above = len(said) - len(languages)
    pairs = zip(said[above:], languages, strict=True)
    return [*said[:above], *(f"{each} {PHRASES.say(language, silence)}" for each, language in pairs)]


def _tick(choice: str, page: Page, languages: Sequence[str]) -> dict[str, object]:
    """One of the three answers, and what happens when it is ticked."""
    keys = [f"tick_{_whose(page)}_{choice}"]
    # What shows more is confirmed by post; in four languages that stands once, below.
    keys += ["tick_confirm"] if len(languages) == 1 and choice != NOTHING else []
    means = [" ".join(PHRASES.say(each, f"notices.{key}") for key in keys) for each in languages]
    return {"label": _all(languages, choice), "means": means}


def _dated(place: str, now: datetime, languages: Sequence[str]) -> str:
    """Place and day as the letter's language writes them; in figures where it has several."""
    today = now.astimezone(ZONE).date()
    if len(languages) > 1:
        return f"{place}, {today:%d.%m.%Y}".removeprefix(", ")
    with override(languages[0]):
        day = date_format(today, _DAYS[languages[0]])
    day = day.lower() if languages[0] in ("fr", "it") else day
    if today.day == 1:
        day = {"fr": "1er", "it": "1º"}.get(languages[0], day[0]) + day[1:]
    return PHRASES.say(languages[0], "notices.letter_dated", place=place, day=day) if place else day


def _all(languages: Sequence[str], key: str) -> str:
    """A word or two in all languages of a letter, on one line."""
    said = [PHRASES.say(each, f"notices.{key}") for each in languages]
    return said[0] if len(said) == 1 else " / ".join(each.rstrip(",") for each in said)


def _whose(page: Page) -> str:
    return "person" if page.reach.natural else "organisation"
