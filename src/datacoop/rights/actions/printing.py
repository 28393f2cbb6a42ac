"""Letters as one PDF, a page each, and rows for a holder's own mail merge: made at this moment, kept nowhere.

What is handed out waits to be posted: only somebody who says that it was makes it count as sent.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import qrcode
from django.conf import settings
from django.db import transaction
from qrcode.image.svg import SvgPathImage

from datacoop.disclosure.own.notifying import Reach
from datacoop.lib.cells import harmless
from datacoop.lib.pictures import Picture
from datacoop.lib.workbooks import Cell, Sheet, book
from datacoop.records.actions.revising import take_writers_lock
from datacoop.rights.actions.composing import contact_line, languages_of, legal_of, mailbox_of, told_of
from datacoop.rights.actions.leaving import (
    finish,
    goes_now,
    mark_sent,
    quota_of,
    read_anew,
    release_from_sending,
    released,
)
from datacoop.rights.actions.reminding import mark_reminded, remind_no_more, still_told
from datacoop.rights.actions.sending import NotPressable, fits
from datacoop.rights.links import LETTER as BY_LETTER
from datacoop.rights.links import Wanted, code_for, list_links, make_links, token_of
from datacoop.rights.models.confirming import PendingAnswer
from datacoop.rights.models.notices import Notice, Sending, Told
from datacoop.rights.queries.logos import logo_of
from datacoop.rights.rules.answers import CHOICES
from datacoop.rights.rules.sending import LETTER, MERGE
from datacoop.rights.rules.telling import opening
from datacoop.rights.typesetting import LETTERS, typeset
from datacoop.rights.wording import PHRASES

#: Columns of the table for a holder's own mail merge.
MERGE_COLUMNS = ("language", "name", "address_1", "address_2", "address_3", "e_mail", "code", "link", "first_sentence")


@dataclass(frozen=True)
class Page:
    """One letter: from whom, how its list knows the subject, the link that was made for it, what it bears."""

    holder: str
    reach: Reach
    link_id: int
    logo: Picture | None = None
    is_reminder: bool = False


def letters_pdf(*, sending: int, now: datetime) -> tuple[bytes, int]:
    """Return today's batch of a sending of letters as PDF, one page each, and how many pages.

    The same batch again until somebody says that it was posted. Raises: NotPressable.
    """
    pages = _composed(sending, LETTER, now)
    return pdf_of([letter_of(page) for page in pages], logo=pages[0].logo if pages else None), len(pages)


def merge_workbook(*, sending: int, now: datetime) -> tuple[bytes, int]:
    """Return today's rows of a sending that the holder sends itself, as XLSX: name, address, mailbox, code, link."""
    pages = _composed(sending, MERGE, now)
    sheet = Sheet("notices", MERGE_COLUMNS, [[Cell(harmless(text)) for text in _merged(page)] for page in pages])
    return book([sheet]), len(pages)


def _merged(page: Page) -> list[str]:
    lines = [*page.reach.address, "", "", ""][:3]
    languages = languages_of(page.reach)[:1]
    told = [told_of(page.holder, page.reach)]
    first = opening(PHRASES.say, languages, told, is_reminder=page.is_reminder)
    link = f"{settings.DATACOOP_BASE_URL}/n/{token_of(page.link_id)}"
    name, mailbox = page.reach.name, mailbox_of(page.reach)
    return [languages[0], name, *lines, mailbox, code_for(page.link_id), link, first]


def posted(*, sending: int, channel: str, now: datetime) -> int:
    """Note that what was handed out was posted now, and return how many; they count as delivered days later."""
    row = Sending.objects.filter(pk=sending, channel=channel).first()
    if row is None:
        return 0
    out = row.waiting().select_related("holder", "sending").filter(composed_at__isnull=False)
    count = 0
    for notice in out.order_by("pk"):
        known = read_anew(notice)
        if row.is_reminder:
            mark_reminded([notice], now=now)
        elif known is None:
            release_from_sending(notice)
            continue
        else:
            mark_sent([(notice, known)], channel=channel, now=now, languages=languages_of(known)[:1])
        count += 1
    finish(row, now)
    return count


def letter_of(page: Page) -> dict[str, object]:
    """Return what stands in one letter, ready for the template.

    A letter is sealed and its window shows none of the sender; the logo is left out where a theme is sensitive.
    """
    languages = languages_of(page.reach)
    language, base = languages[0], settings.DATACOOP_BASE_URL
    say = _in(language)
    natural = page.reach.natural
    slip = "; ".join(_postal()) or contact_line()
    return {
        "language": language,
        "sender": page.holder,
        "has_logo": page.logo is not None and not page.reach.is_sensitive,
        "sender_line": page.holder[:60],
        "envelope": [page.reach.name, *page.reach.address],
        "title": " / ".join(PHRASES.say(each, "notices.letter_title") for each in languages),
        "opening": _opening(page, languages),
        "choices": [
            f"{PHRASES.say(each, 'notices.choices')}. "
            + PHRASES.say(each, f"notices.silence_{'person' if natural else 'organisation'}")
            for each in languages
        ],
        "type": say("letter_type", address=f"{base}/code"),
        "code_label": say("letter_code"),
        "code": code_for(page.link_id),
        "scan": say("letter_scan"),
        "phone": say("letter_phone", phone=settings.DATACOOP_PHONE) if settings.DATACOOP_PHONE else "",
        "qr": qr_svg(f"{base}/n/{token_of(page.link_id)}"),
        "alt": say("letter_scan"),
        "legal": [say("genuine", address=f"{base}/genuine"), *legal_of(page.holder, page.reach, language).split("\n")],
        "slip": say("letter_slip"),
        "tick_line": say("letter_tick", address=slip),
        "ticks": [" / ".join(PHRASES.say(spoken, f"notices.{each}") for spoken in languages) for each in CHOICES],
        "date_line": say("letter_date"),
    }


def confirmation_pdf(*, pending: int, actor: str, now: datetime) -> bytes | None:
    """Return the letter that asks to confirm an answer a steward entered; None where it cannot be written.

    It names no list and says nothing of what was asked: whoever gets it by mistake learns that somebody asked. Who
    prints it holds its code, and is kept for that (`entering.confirm_answer`).
    """
    row = PendingAnswer.objects.filter(pk=pending, settled_at=None).first()
    notice = Notice.objects.select_related("holder").filter(pk=row.notice_id).first() if row else None
    known = read_anew(notice) if notice else None
    if row is None or notice is None or known is None or not known.address:
        return None
    page = Page(notice.holder.name, known, row.link_id)
    languages = languages_of(known)
    whole = letter_of(page) | {
        "title": " / ".join(PHRASES.say(each, "notices.confirm_title") for each in languages),
        "opening": [PHRASES.say(each, "notices.confirm_why") for each in languages],
        "choices": [],
        "legal": [],
        "ticks": [],
    }
    with transaction.atomic():
        take_writers_lock()
        held = set(PendingAnswer.objects.values_list("printed_by", flat=True).get(pk=row.pk).split())
        PendingAnswer.objects.filter(pk=row.pk).update(printed_at=now, printed_by=" ".join(sorted(held | {actor})))
    return pdf_of([whole])


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
    if not page.reach.natural:
        told = [told_of(page.holder, page.reach)]
        return opening(PHRASES.say, languages, told, is_reminder=page.is_reminder).split("\n\n")
    keys = [*(["reminder"] if page.is_reminder else []), "letter_person", "nobody"]
    return [" ".join(PHRASES.say(each, f"notices.{key}", holder=page.holder) for key in keys) for each in languages]


def _composed(sending: int, channel: str, now: datetime) -> list[Page]:
    row = next((each for each in released(channel) if each.pk == sending), None)
    if row is None:
        raise NotPressable("gone")
    waiting = row.waiting().select_related("holder", "sending")
    again = list(waiting.filter(composed_at__isnull=False).order_by("pk"))
    chosen = again or _fresh(list(waiting.order_by("due_at", "pk")), quota_of(row, now), now)
    found = [(notice, known) for notice in chosen if (known := _known(notice, row, now)) is not None]
    with transaction.atomic():
        take_writers_lock()
        row.waiting().filter(pk__in=[n.pk for n, _ in found]).update(composed_at=now)
        logo = logo_of(row)
        return [
            Page(row.holder.name, known, _link(notice, known, now), logo, row.is_reminder) for notice, known in found
        ]


def _fresh(waiting: Sequence[Notice], quota: int, now: datetime) -> list[Notice]:
    found: list[Notice] = []
    for notice in waiting:
        if len(found) >= quota:
            break
        if goes_now(notice, now):
            found.append(notice)
    return found


def _known(notice: Notice, row: Sending, now: datetime) -> Reach | None:
    """Return how the subject is known, None, and out of this sending, where it is not reached or was told."""
    known = read_anew(notice)
    if known is not None and fits(known, row.channel) and _is_to_say(notice, known, row):
        return known
    if row.is_reminder:
        remind_no_more(notice, now=now)
    else:
        release_from_sending(notice)
    return None


def _is_to_say(notice: Notice, known: Reach, row: Sending) -> bool:
    if row.is_reminder:
        return still_told(notice, known)
    return not Told.objects.filter(digest=known.content).exists()


def _link(notice: Notice, known: Reach, now: datetime) -> int:
    """The letter's link: the one made before, where the batch is printed again."""
    links = [each for each in list_links(notice_id=notice.pk, now=now) if each.channel == BY_LETTER]
    return links[0].id if links else make_links([Wanted(known.uid, BY_LETTER, notice.pk)], now=now)[0]


def _in(language: str) -> Callable[..., str]:
    def say(key: str, **values: object) -> str:
        return PHRASES.say(language, f"notices.{key}", **values)

    return say


def _postal() -> list[str]:
    return [line.strip() for line in settings.DATACOOP_POSTAL_ADDRESS.split(";") if line.strip()]
