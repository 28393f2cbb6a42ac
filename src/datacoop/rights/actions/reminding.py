"""The one reminder of whoever was told and said nothing: by mail of itself, by post in a sending of its own.

After it nothing is written about the same content any more, by whatever way.
"""

from __future__ import annotations

import smtplib
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from datacoop.disclosure.own.notifying import Reach
from datacoop.post.mailing import send
from datacoop.records.actions.revising import take_writers_lock
from datacoop.records.actions.tracing import append_about
from datacoop.records.endings import note_ended
from datacoop.records.tracing import About
from datacoop.rights.actions.composing import Part, mail_of, mailbox_of
from datacoop.rights.actions.leaving import mark_returned, read_anew
from datacoop.rights.links import Wanted, make_links, take_back
from datacoop.rights.models.notices import Notice
from datacoop.rights.queries.agreements import has_agreement
from datacoop.rights.queries.logos import logo_of
from datacoop.rights.queries.readiness import list_missing
from datacoop.rights.queries.reminders import silent
from datacoop.rights.queries.safety import channel_of
from datacoop.rights.rules.endings import REMINDER, reminder_key
from datacoop.rights.rules.sending import MAIL

#: Reminders in one day, of all holders together.
_MOST = 200


def remind(*, now: datetime) -> int:
    """Write once more to whoever was told by mail two weeks ago and said nothing; return how many mails left.

    None while nobody can be told who answers for the data.
    """
    if list_missing():
        return 0
    due = silent(MAIL, now=now).select_related("holder", "sending")
    sent = 0
    for row in due.order_by("delivered_at", "pk")[:_MOST]:
        outcome = _remind(row, now) if has_agreement(row.holder.uid) else 0
        if outcome is None:
            break
        sent += outcome
    return sent


def mark_reminded(rows: Collection[Notice], *, now: datetime) -> None:
    """Note that a reminder left, with an entry that those concerned find; an old backup does not let it leave again."""
    with transaction.atomic():
        take_writers_lock()
        _settle(rows, now)
        note_ended(REMINDER, [reminder_key(row.pk, row.generation) for row in rows], at=now)
        about = [About(row.subject_id, {"holder": row.holder.uid.hex}) for row in rows]
        append_about(at=now, kind="notice.reminded", about=about, payload={"notices": len(rows)})


def still_told(notice: Notice, known: Reach | None) -> bool:
    """Return whether a list says the same as when it was told: of anything else there is nothing to be reminded."""
    return known is not None and notice.content is not None and bytes(notice.content) == known.content


def remind_no_more(notice: Notice, *, now: datetime) -> None:
    """Let a notice be without a reminder: there is nothing left to remind of."""
    _settle([notice], now)
    Notice.objects.filter(pk=notice.pk).update(reminder=None)


def _settle(rows: Collection[Notice], now: datetime) -> None:
    Notice.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_at=now, composed_at=None)


def _remind(row: Notice, now: datetime) -> int | None:
    known = read_anew(row)
    if known is None or not still_told(row, known) or not mailbox_of(known):
        remind_no_more(row, now=now)
        return 0
    (link,) = make_links([Wanted(known.uid, channel_of(known), row.pk)], now=now)
    try:
        send(mail_of([Part(row.holder.name, known, link)], is_reminder=True, logo=logo_of(row.sending)))
    except smtplib.SMTPRecipientsRefused:
        mark_returned(row, now=now)
        return 0
    except (smtplib.SMTPException, OSError):
        take_back([link], now=now)
        return None
    mark_reminded([row], now=now)
    return 1
