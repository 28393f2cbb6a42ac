"""Letters to be posted, and rows for a holder's own mail merge: made at this moment, kept nowhere.

What is handed out waits to be posted: only somebody who says that it was makes it count as sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from datacoop.charter.controller import controller
from datacoop.disclosure.own.notifying import Reach
from datacoop.lib.cells import harmless
from datacoop.lib.sheets import Cell, Sheet
from datacoop.lib.workbooks import book
from datacoop.records.actions.revising import take_writers_lock
from datacoop.rights.actions.composing import languages_of, mailbox_of, told_of
from datacoop.rights.actions.leaving import (
    finish,
    goes_now,
    mark_sent,
    quota_of,
    read_anew,
    release_from_sending,
    released,
)
from datacoop.rights.actions.lettering import Page, legal_part, letter_of, pdf_of
from datacoop.rights.actions.reminding import mark_reminded, remind_no_more, still_told
from datacoop.rights.actions.sending import ZONE, NotPressable, fits
from datacoop.rights.links import LETTER as BY_LETTER
from datacoop.rights.links import Wanted, code_for, list_links, make_links, note_held, token_of
from datacoop.rights.models.confirming import PendingAnswer
from datacoop.rights.models.notices import Notice, Sending, Told
from datacoop.rights.queries.logos import logo_of
from datacoop.rights.queries.readiness import list_missing
from datacoop.rights.rules.sending import LETTER, MERGE
from datacoop.rights.rules.telling import opening
from datacoop.rights.wording import PHRASES

#: Columns of the table for a holder's own mail merge.
MERGE_COLUMNS = ("language", "name", "address_1", "address_2", "address_3", "e_mail", "code", "link", "first_sentence")


def letters_pdf(*, sending: int, actor: str, now: datetime) -> tuple[bytes, int]:
    """Return today's batch of a sending of letters as PDF, one page each, and how many pages.

    The same batch again until somebody says that it was posted. Whoever gets it holds its codes, and is kept for that.
    Raises: NotPressable.
    """
    pages = _to_post(sending, LETTER, now)
    note_held([page.link_id for page in pages], actor=actor)
    return pdf_of([letter_of(page, now=now) for page in pages], logo=pages[0].logo), len(pages)


def merge_workbook(*, sending: int, actor: str, now: datetime) -> tuple[bytes, int]:
    """Return today's rows of a sending that the holder sends itself, as XLSX: name, address, mailbox, code, link."""
    pages = _to_post(sending, MERGE, now)
    note_held([page.link_id for page in pages], actor=actor)
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


def confirmation_pdf(*, pending: int, actor: str, now: datetime) -> bytes | None:
    """Return the letter that asks to confirm an answer a steward entered; None where it cannot be written.

    It names no list and says nothing of what was asked: whoever gets it by mistake learns that somebody asked. Who
    prints it holds its code, and is kept for that (`entering.confirm_answer`). None, too, while nobody can be told who
    answers for the data: there is no place the slip could go back to.
    """
    if list_missing():
        return None
    row = PendingAnswer.objects.filter(pk=pending, settled_at=None).first()
    notice = Notice.objects.select_related("holder").filter(pk=row.notice_id).first() if row else None
    known = read_anew(notice) if notice else None
    if row is None or notice is None or known is None or not known.address:
        return None
    page = Page(controller().name, known, row.link_id)
    languages = languages_of(known)
    whole = letter_of(page, now=now) | {
        "title": " / ".join(PHRASES.say(each, "notices.confirm_title") for each in languages),
        "opening": [PHRASES.say(each, "notices.confirm_why") for each in languages],
        # The line by which anybody can prove the letter; the law's part came with the notice.
        "legal": legal_part(page, languages)[-1:],
        "ticks": [],
    }
    with transaction.atomic():
        take_writers_lock()
        note_held([row.link_id], actor=actor)
        held = set(PendingAnswer.objects.values_list("printed_by", flat=True).get(pk=row.pk).split())
        PendingAnswer.objects.filter(pk=row.pk).update(printed_at=now, printed_by=" ".join(sorted(held | {actor})))
    return pdf_of([whole])


def _to_post(sending: int, channel: str, now: datetime) -> list[Page]:
    """What is to be posted now. Raises: NotPressable before the first day (too_early), or for nothing (empty)."""
    pages = _composed(sending, channel, now)
    if not pages:
        row = Sending.objects.get(pk=sending)
        raise NotPressable("too_early" if now.astimezone(ZONE).date() < row.first_on else "empty")
    return pages


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
    """The letter's link: the one made before, where the batch is printed again; never one that confirms an answer.

    That one's code would confirm, in the hand of whoever prints a reminder, what they are not to confirm.
    """
    confirming = set(PendingAnswer.objects.filter(notice_id=notice.pk).values_list("link_id", flat=True))
    links = [
        each
        for each in list_links(notice_id=notice.pk, now=now)
        if each.channel == BY_LETTER and each.id not in confirming
    ]
    return links[0].id if links else make_links([Wanted(known.uid, BY_LETTER, notice.pk)], now=now)[0]
