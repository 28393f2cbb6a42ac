"""Waves of mails: what both hands let go leaves, some a day, until somebody presses stop. A job; ids alone in it."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction
from django.db.models import Max, Q

from datacoop.consent.actions import note_returned
from datacoop.disclosure.own.notifying import Reach, members_of, reach
from datacoop.post.mailing import send
from datacoop.records.actions.revising import revision, take_writers_lock
from datacoop.records.actions.tracing import append_about
from datacoop.records.tracing import About
from datacoop.rights.actions.composing import Part, languages_of, mail_of, mailbox_of
from datacoop.rights.actions.sending import ZONE
from datacoop.rights.links import Wanted, end_links, make_links, take_back
from datacoop.rights.models.notices import Notice, Sending, Told
from datacoop.rights.queries.agreements import has_agreement
from datacoop.rights.queries.logos import logo_of
from datacoop.rights.queries.readiness import list_missing
from datacoop.rights.queries.safety import channel_of
from datacoop.rights.rules.notices import may_go_now
from datacoop.rights.rules.sending import CHANNELS, MAIL, left_today
from datacoop.rights.rules.telling import MOST_HOLDERS
from datacoop.rights.wording import notice_sha256
from datacoop.sources.spoken import sources_of

_log = logging.getLogger("datacoop.rights")
#: Messages in one run of the job: the next run goes on.
_AT_ONCE = 200


@dataclass(frozen=True)
class Ready:
    """A notice that may leave now, and how its holder's lists know the subject."""

    notice: Notice
    reach: Reach


def released(channel: str) -> list[Sending]:
    """Return the sendings of a channel that both hands let go, that nobody stopped, and whose holder did not leave.

    None while nobody can be told who answers for the data.
    """
    if list_missing():
        return []
    rows = Sending.objects.select_related("holder").filter(channel=channel, finished_at=None, stopped_at=None)
    rows = rows.exclude(Q(holder_pressed_by="") | Q(steward_pressed_by="")).order_by("first_on", "pk")
    return [row for row in rows if has_agreement(row.holder.uid)]


def leave_waves(*, now: datetime) -> int:
    """Send what may leave by mail now and return how many messages left. Stops within one message of a stop."""
    sent = 0
    for sending in released(MAIL):
        quota = min(quota_of(sending, now), _AT_ONCE - sent)
        for notice in _next(sending) if quota > 0 else ():
            if quota <= 0 or not _goes_on(sending):
                break
            outcome = _leave(notice, now)
            if outcome is None:  # the mail server does not answer: later
                return sent
            sent, quota = sent + outcome, quota - outcome
    for channel in CHANNELS:
        for sending in released(channel):
            finish(sending, now)
    return sent


def quota_of(sending: Sending, now: datetime) -> int:
    """Return how many of a sending may still leave today, by the calendar of Zurich."""
    today = now.astimezone(ZONE).date()
    midnight = datetime.combine(today, time(), ZONE)
    gone = sending.gone().filter(**{f"{sending.moment}__gte": midnight}).count()
    return left_today(per_day=sending.per_day, sent_today=gone, today=today, first_on=sending.first_on)


def last_message(notice: Notice) -> datetime | None:
    """Return when anybody last wrote to the subject of a notice about what another holder says of it."""
    others = Notice.objects.filter(subject_id__in=members_of(notice.subject_id)).exclude(pk=notice.pk)
    found: datetime | None = others.aggregate(Max("sent_at"))["sent_at__max"]
    return found


def goes_now(notice: Notice, now: datetime) -> bool:
    """Return whether a week has passed since the last message to somebody, or time runs out."""
    return may_go_now(last_message=last_message(notice), due_at=notice.due_at, now=now)


def finish(sending: Sending, now: datetime) -> None:
    """Close a sending of which nothing waits any more."""
    if not sending.waiting().exists():
        Sending.objects.filter(pk=sending.pk, finished_at=None).update(finished_at=now)


def mark_sent(rows: Sequence[tuple[Notice, Reach]], *, channel: str, now: datetime, languages: Sequence[str]) -> None:
    """Note that notices left: what was told (a digest), in which text, and an entry that those concerned find."""
    with transaction.atomic():
        take_writers_lock()
        for notice, known in rows:
            language = languages[0] if len(languages) == 1 else ""
            Notice.objects.filter(pk=notice.pk).update(
                state=Notice.SENT, sent_at=now, channel=channel, language=language, content=known.content,
                text_version=notice.sending.text_version if notice.sending else None,
                text_sha256=notice_sha256(language), composed_at=None, changed_at=None,
            )  # fmt: skip
        about = [About(notice.subject_id, {"holder": notice.holder.uid.hex}) for notice, _ in rows]
        payload = {"channel": channel, "text": notice_sha256(), "notices": len(rows)}
        append_about(at=now, kind="notice.sent", about=about, payload=payload)


def mark_returned(notice: Notice, *, now: datetime, actor: str = "rights") -> None:
    """Note that what was sent came back: nobody was told, also where it counted as delivered meanwhile."""
    with revision(actor=actor, now=now, why="returned") as draft:
        row = Notice.objects.get(pk=notice.pk)
        if row.delivered_at is not None:
            sources = sources_of(notice.holder_id)
            note_returned(draft, subject_id=row.subject_id, source_ids=sources, at=row.delivered_at)
            Told.objects.filter(digest=row.content, at=row.delivered_at).delete()
        Notice.objects.filter(pk=row.pk).update(
            state=Notice.RETURNED, ended_at=now, delivered_at=None, composed_at=None
        )
        about = [About(notice.subject_id, {"holder": notice.holder.uid.hex})]
        draft.enter("notice.returned", about=about, channel=notice.channel or MAIL)
    end_links(notice_id=notice.pk, now=now)


def read_anew(notice: Notice) -> Reach | None:
    """Return how a notice's subject is known now, None where its holder says nothing of it any more."""
    sources = sources_of(notice.holder_id)
    return reach([notice.subject_id], holder=notice.holder.uid, sources=sources).get(notice.subject_id)


def release_from_sending(notice: Notice) -> None:
    """Let a notice wait for another sending: this one does not reach its subject any more."""
    Notice.objects.filter(pk=notice.pk, state=Notice.WAITING).update(sending=None, composed_at=None)


def _next(sending: Sending) -> list[Notice]:
    return list(sending.waiting().select_related("holder", "sending").order_by("due_at", "pk"))


def _goes_on(sending: Sending) -> bool:
    return Sending.objects.filter(pk=sending.pk, stopped_at=None, finished_at=None).exists()


def _leave(notice: Notice, now: datetime) -> int | None:
    """Send one message; return 1 if it left, 0 if it did not, None where nothing leaves at all."""
    notice.refresh_from_db(fields=["state", "sending"])
    if notice.state != Notice.WAITING or notice.sending_id is None or not goes_now(notice, now):
        return 0
    known = read_anew(notice)
    if known is None or not mailbox_of(known):
        release_from_sending(notice)
        return 0
    if Told.objects.filter(digest=known.content).exists():
        # The same was told since: comparing settles it.
        Notice.objects.filter(pk=notice.pk).update(changed_at=now, sending=None)
        return 0
    return _post([Ready(notice, known), *_beside(notice, known, now)], now)


def _beside(notice: Notice, known: Reach, now: datetime) -> list[Ready]:
    """Return what other holders may tell the same subject now, at the same address: it goes in one message."""
    others = Notice.objects.select_related("holder", "sending").filter(
        subject_id__in=members_of(notice.subject_id), state=Notice.WAITING,
        sending__in=[row.pk for row in released(MAIL) if quota_of(row, now) > 0],
    ).exclude(pk=notice.pk)  # fmt: skip
    found = []
    for other in others.order_by("pk"):
        how = read_anew(other)
        if how is not None and mailbox_of(how).casefold() == mailbox_of(known).casefold():
            found.append(Ready(other, how))
    return found[: MOST_HOLDERS - 1]


def _post(ready: Sequence[Ready], now: datetime) -> int | None:
    wanted = [Wanted(each.reach.uid, channel_of(each.reach), each.notice.pk) for each in ready]
    links = make_links(wanted, now=now)
    parts = [Part(each.notice.holder.name, each.reach, link) for each, link in zip(ready, links, strict=True)]
    try:
        send(mail_of(parts, logo=logo_of(ready[0].notice.sending)))
    except smtplib.SMTPRecipientsRefused:
        for each in ready:
            mark_returned(each.notice, now=now)
        return 0
    except (smtplib.SMTPException, OSError) as error:
        take_back(links, now=now)
        _log.error("rights: no mail leaves (%s); the next run goes on", type(error).__name__)
        return None
    rows = [(each.notice, each.reach) for each in ready]
    mark_sent(rows, channel=MAIL, now=now, languages=languages_of(ready[0].reach))
    return 1
