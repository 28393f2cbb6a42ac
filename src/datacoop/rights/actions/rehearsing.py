"""Notices marked as sent without a message: for invented worlds alone, where nobody must be written to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings

from datacoop.post.mailing import send
from datacoop.rights.actions.composing import Part, mail_of
from datacoop.rights.actions.leaving import mark_sent, read_anew
from datacoop.rights.links import LETTER, Wanted, make_links
from datacoop.rights.models.notices import Notice
from datacoop.rights.queries.safety import channel_of
from datacoop.rights.rules.notices import DAYS_TO_ALERT, DAYS_TO_TELL


def show_message(*, notice: int, now: datetime) -> None:
    """Write what would have been mailed about a notice to the folder of mails for trying out, if there is one.

    Where mails leave for real, nothing is written: who is invented must not be written to.
    """
    row = Notice.objects.select_related("holder", "sending").get(pk=notice)
    known = read_anew(row)
    if known is not None and settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        (link,) = make_links([Wanted(known.uid, channel_of(known), row.pk)], now=now)
        send(mail_of([Part(row.holder.name, known, link)]))


def rehearse(*, sending: int, notices: Collection[int], now: datetime, late: Collection[int] = ()) -> list[int]:
    """Mark notices of a sending as sent, and return the links a letter would have borne, in their order.

    `late` were called for so long ago that stewards are alerted. Nothing leaves.
    """
    links = []
    for row in (
        Notice.objects.select_related("holder", "sending").filter(pk__in=notices, sending=sending).order_by("pk")
    ):
        known = read_anew(row)
        if known is not None:
            links += make_links([Wanted(known.uid, LETTER, row.pk)], now=now)
            mark_sent([(row, known)], channel="mail", now=now, languages=("fr",))
    due = now + timedelta(days=DAYS_TO_TELL - DAYS_TO_ALERT - 1)
    Notice.objects.filter(pk__in=late, sending=sending).update(
        due_at=due, created_at=due - timedelta(days=DAYS_TO_TELL)
    )
    return links
