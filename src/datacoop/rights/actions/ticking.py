"""The clocks of notices: arrived, reminded, lapsed, erased, and the mail to stewards. Every step may be repeated."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.conf import settings
from django.db import transaction

from datacoop.accounts.queries import list_representatives, steward_mailboxes
from datacoop.accounts.rules import SELF
from datacoop.disclosure.own.notifying import standing
from datacoop.post.mailing import Mail, send
from datacoop.records.actions.erasing import erase_subjects
from datacoop.records.actions.revising import revision, take_writers_lock
from datacoop.records.tracing import About
from datacoop.rights.actions.comparing import compare, mark_delivered
from datacoop.rights.actions.leaving import leave_waves
from datacoop.rights.actions.noticing import make_notices
from datacoop.rights.actions.reminding import remind
from datacoop.rights.models.confirming import Alert
from datacoop.rights.models.notices import Notice, Told
from datacoop.rights.queries.notices import count_late
from datacoop.rights.rules.notices import DAYS_TO_ARRIVE, DAYS_TO_ERASE, DAYS_TO_TELL
from datacoop.rights.wording import PHRASES

ACTOR = "rights"
_AT_ONCE = 100


def make_and_compare(*, now: datetime) -> None:
    """Make the notices lists call for, and see which of them have something new to tell. Sends nothing."""
    make_notices(now=now)
    compare(now=now)


def tick(*, now: datetime) -> None:
    """Let everything happen that is due: deliveries count, values of persons nobody told go, mails leave."""
    deliver(now=now)
    lapse(now=now)
    leave_waves(now=now)
    remind(now=now)
    alert(now=now)


def tidy(*, now: datetime) -> None:
    """Erase persons who were told, stayed silent, and whom no list names any more. Once a day."""
    forget_silent(now=now)


def deliver(*, now: datetime) -> int:
    """Count as delivered what was sent long enough ago and did not come back; return how many."""
    count = 0
    for channel, days in DAYS_TO_ARRIVE.items():
        before = now - timedelta(days=days)
        due = Notice.objects.select_related("holder").filter(state=Notice.SENT, channel=channel, sent_at__lte=before)
        while rows := list(due.order_by("holder_id", "pk")[:_AT_ONCE]):
            for holder, part in groupby(rows, key=lambda row: row.holder_id):
                _deliver(holder, list(part), now)
            count += len(rows)
    return count


def _deliver(holder: int, rows: list[Notice], now: datetime) -> None:
    with revision(actor=ACTOR, now=now, why="told") as draft:
        for row in rows:
            Notice.objects.filter(pk=row.pk, state=Notice.SENT).update(state=Notice.DELIVERED, delivered_at=now)
            if row.content is not None:
                Told.objects.get_or_create(digest=bytes(row.content), defaults={"at": now})
        mark_delivered(draft, subjects=[row.subject_id for row in rows], holder_id=holder, at=now)
        about = [About(row.subject_id, {"holder": row.holder.uid.hex}) for row in rows]
        draft.enter("notice.delivered", about=about, notices=len(rows))


def lapse(*, now: datetime) -> int:
    """Give up what reached no person in 28 days, and erase whoever is left without any notice; return how many.

    Only persons whose every notice lapsed, and who never spoke. A list may name them again: nobody asked to be
    forgotten. Organisations simply stay hidden, and wait.
    """
    before = now + timedelta(days=DAYS_TO_TELL - DAYS_TO_ERASE)
    due = Notice.objects.filter(natural=True, state__in=(Notice.WAITING, Notice.RETURNED), due_at__lte=before)
    erased = 0
    while subjects := sorted(set(due.order_by("pk").values_list("subject_id", flat=True)[:_AT_ONCE])):
        with transaction.atomic():
            take_writers_lock()
            due.filter(subject_id__in=subjects).update(state=Notice.LAPSED, ended_at=now, composed_at=None)
        erased += _erase(_without_notice(subjects, now), why="untold", now=now)
    return erased


def forget_silent(*, now: datetime) -> int:
    """Erase persons who were told, never spoke, and whom no list carries; return how many. The digest stays."""
    erased, after = 0, -1
    told = Notice.objects.filter(natural=True, state__in=(Notice.DELIVERED, Notice.KNOWN)).order_by("subject_id")
    while True:
        page = told.filter(subject_id__gt=after).values_list("subject_id", flat=True)
        subjects = list(dict.fromkeys(page[:_AT_ONCE]))
        if not subjects:
            return erased
        after = subjects[-1]
        gone = [
            number
            for number, each in standing(subjects).items()
            if not each.has_spoken and not each.is_carried and not _is_represented(each.uid, now)
        ]
        erased += _erase(gone, why="unlisted", now=now)


def alert(*, now: datetime) -> bool:
    """Write to the stewards, once a day at most, that notices run out; False if there is nothing to say."""
    count = count_late(now)
    if not count or Alert.objects.filter(day=now.date()).exists():
        return False
    with transaction.atomic():
        take_writers_lock()
        _, is_first = Alert.objects.get_or_create(day=now.date(), defaults={"at": now})
    if not is_first:
        return False
    address = f"{settings.DATACOOP_BASE_URL}/steward/notices"
    for mailbox, language in steward_mailboxes():
        subject = PHRASES.say(language, "stewards.late_subject")
        send(Mail(mailbox, subject, PHRASES.say(language, "stewards.late", count=count, address=address), language))
    return True


def _without_notice(subjects: Collection[int], now: datetime) -> list[int]:
    """Return those of some persons whose every notice lapsed, and who never spoke."""
    found = []
    for number, each in standing(subjects).items():
        others = Notice.objects.filter(subject_id__in=each.members).exclude(state=Notice.LAPSED)
        if not each.has_spoken and not others.exists() and not _is_represented(each.uid, now):
            found.append(number)
    return found


def _is_represented(uid: UUID, now: datetime) -> bool:
    return bool(list_representatives(subject_uid=uid, scope=SELF, now=now))


def _erase(subjects: Collection[int], *, why: str, now: datetime) -> int:
    if subjects:
        erase_subjects(subject_ids=subjects, actor=ACTOR, now=now, why=why, returns=True)
    return len(subjects)
