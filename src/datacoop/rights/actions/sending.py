"""Preparing notices to leave, and the two hands that let them: the holder's and a steward's. Nothing leaves here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from datacoop.disclosure.own.notifying import Reach, reach
from datacoop.ledger.actions import append
from datacoop.records.actions.revising import take_writers_lock
from datacoop.rights.actions.agreeing import NoAgreement
from datacoop.rights.actions.composing import mailbox_of
from datacoop.rights.actions.desks import let_in_by
from datacoop.rights.models.logos import Logo
from datacoop.rights.models.notices import Notice, Sending
from datacoop.rights.queries.agreements import has_agreement
from datacoop.rights.queries.readiness import list_missing
from datacoop.rights.queries.reminders import silent
from datacoop.rights.rules.notices import MOST_PER_DAY, PER_DAY, last_day
from datacoop.rights.rules.sending import (
    BY_HAND,
    CHANNELS,
    LETTER,
    MAIL,
    SIDES,
    STEWARD,
    is_same_person,
    may_resume,
    side_of,
)
from datacoop.rights.wording import NOTICE_VERSION, notice_sha256
from datacoop.sources.spoken import holder_number, lists_of

ZONE = ZoneInfo("Europe/Zurich")
#: Notices in one sending; what is more waits for the next.
MOST = 2000


class NotPrepared(ValueError):
    """Nothing can be prepared like this; `code` says why: unready, none, open, channel, per_day, first_on."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Nothing can be prepared: {code}.")
        self.code = code


class NotPressable(ValueError):
    """The button does nothing now; `code` says why.

    One of: gone, unready, same_person, let_in, stopped_by_other, changed, too_early, empty.
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"The sending stays as it is: {code}.")
        self.code = code


@dataclass(frozen=True)
class Plan:
    """How notices are to leave: by which channel, from which day on, how many in a day.

    `is_reminder`: the one reminder of those that left by this channel, by post alone; by mail it leaves of itself.
    """

    channel: str
    first_on: date
    per_day: int = PER_DAY
    is_reminder: bool = False


def prepare(*, holder: UUID, plan: Plan, actor: str, now: datetime) -> int:
    """Put a holder's waiting notices, or those to be reminded of, that the channel reaches into one sending.

    Return its number. Sends nothing.

    Raises: NoAgreement, NotPrepared.
    """
    _check(plan, now)
    number = holder_number(holder)
    if number is None or not has_agreement(holder):
        raise NoAgreement("The holder has not signed the contribution agreement.")
    open_ = Sending.objects.filter(holder_id=number, channel=plan.channel, finished_at=None)
    if open_.filter(is_reminder=plan.is_reminder).exists():
        raise NotPrepared("open")
    waiting = _free(plan, now).filter(holder_id=number).order_by("due_at", "pk")
    subjects = dict(waiting.values_list("subject_id", "pk")[: MOST * 2])
    found = reach(list(subjects), holder=holder, sources=lists_of(holder))
    chosen = [pk for subject, pk in subjects.items() if subject in found and fits(found[subject], plan.channel)][:MOST]
    if not chosen:
        raise NotPrepared("none")
    return _made(number, plan, chosen, actor, now)


def fits(known: Reach, channel: str) -> bool:
    """Return whether a subject is reached by a channel: a letter is for those without a mailbox."""
    if channel == MAIL:
        return bool(mailbox_of(known))
    if channel == LETTER:
        return bool(known.address) and not mailbox_of(known)
    return bool(known.address or mailbox_of(known))


def press(*, sending: int, holder: UUID | None, actor: str, now: datetime) -> bool:
    """Press Send for the actor's side; True once both sides have. A holder's hand presses its own sendings alone.

    Raises: NoAgreement; NotPressable, among others when one person would press for both sides.
    """
    side = side_of(actor)
    with transaction.atomic():
        row = _locked(sending, holder)
        if not has_agreement(row.holder.uid):
            raise NoAgreement("The holder has left the contribution agreement.")
        if list_missing():
            raise NotPressable("unready")
        if row.text_sha256 != notice_sha256():
            raise NotPressable("changed")
        other = SIDES[1 - SIDES.index(side)]
        if is_same_person(getattr(row, f"{other}_pressed_by"), actor):
            raise NotPressable("same_person")
        if _let_in(row.holder.uid, (getattr(row, f"{other}_pressed_by"), actor)):
            raise NotPressable("let_in")
        if not getattr(row, f"{side}_pressed_by"):
            setattr(row, f"{side}_pressed_by", actor)
            setattr(row, f"{side}_pressed_at", now)
            row.save()
            _enter("notices.released", row, actor, now)
        return bool(row.holder_pressed_by and row.steward_pressed_by)


def _let_in(holder: UUID, hands: Collection[str]) -> bool:
    """Whether the steward of two hands let the other in at the desk: as far as can be known, that is one person."""
    accounts = [each.partition(":")[2] for each in hands if each and side_of(each) != STEWARD]
    stewards = [each for each in hands if each and side_of(each) == STEWARD]
    return any(
        number.isdigit() and let_in_by(holder=holder, account_id=int(number), actor=steward)
        for number in accounts
        for steward in stewards
    )


def stop(*, sending: int, holder: UUID | None, actor: str, now: datetime) -> None:
    """Let nothing more leave, from the next message on. Raises: NotPressable for one that is over."""
    with transaction.atomic():
        row = _locked(sending, holder)
        # The cooperative's stop stands whatever the holder did before it.
        if row.stopped_at is None or (side_of(actor) == STEWARD and side_of(row.stopped_by) != STEWARD):
            row.stopped_by, row.stopped_at = actor, now
            row.save()
            _enter("notices.stopped", row, actor, now)


def stop_all(*, actor: str, now: datetime) -> int:
    """Stop everything that is leaving, for the cooperative, and return how many sendings this actor holds now.

    A restore does: what left after the backup would leave again.
    """
    with transaction.atomic():
        take_writers_lock()
        rows = Sending.objects.select_related("holder").filter(finished_at=None, stopped_at=None)
        leaving = list(rows.exclude(holder_pressed_by="").exclude(steward_pressed_by=""))
        for row in leaving:
            row.stopped_by, row.stopped_at = actor, now
            row.save()
            _enter("notices.stopped", row, actor, now)
    return Sending.objects.filter(finished_at=None, stopped_by=actor).count()


def resume(*, sending: int, holder: UUID | None, actor: str, now: datetime) -> None:
    """Let a stopped sending go on: the side that stopped it. Raises: NotPressable."""
    with transaction.atomic():
        row = _locked(sending, holder)
        if row.stopped_at is None:
            return
        if not may_resume(row.stopped_by, actor):
            raise NotPressable("stopped_by_other")
        row.stopped_by, row.stopped_at = "", None
        row.save()
        _enter("notices.resumed", row, actor, now)


def discard(*, sending: int, holder: UUID | None, actor: str, now: datetime) -> None:
    """Take a sending apart: what has not left waits for another one. Raises: NotPressable."""
    with transaction.atomic():
        row = _locked(sending, holder)
        row.waiting().update(**{_place(row): None}, composed_at=None)
        row.finished_at, row.stopped_by, row.stopped_at = now, actor, now
        row.save()
        _enter("notices.discarded", row, actor, now)


def _check(plan: Plan, now: datetime) -> None:
    if list_missing():
        raise NotPrepared("unready")
    if plan.channel not in (BY_HAND if plan.is_reminder else CHANNELS):
        raise NotPrepared("channel")
    if not 1 <= plan.per_day <= MOST_PER_DAY:
        raise NotPrepared("per_day")
    if plan.first_on < now.astimezone(ZONE).date():
        raise NotPrepared("first_on")


def _made(number: int, plan: Plan, chosen: Collection[int], actor: str, now: datetime) -> int:
    with transaction.atomic():
        take_writers_lock()
        count = len(chosen)
        row = Sending.objects.create(
            holder_id=number, channel=plan.channel, is_reminder=plan.is_reminder,
            text_version=NOTICE_VERSION, text_sha256=notice_sha256(),
            logo=Logo.objects.filter(holder_id=number).first(),
            count=count, cost_cents=count * settings.DATACOOP_LETTER_CENTS if plan.channel == LETTER else 0,
            per_day=plan.per_day, first_on=plan.first_on, last_on=last_day(plan.first_on, count, plan.per_day),
            prepared_by=actor, prepared_at=now,
        )  # fmt: skip
        numbers = list(chosen)
        for start in range(0, count, 500):
            _free(plan, now).filter(pk__in=numbers[start : start + 500]).update(**{_place(row): row})
    return int(row.pk)


def _free(plan: Plan, now: datetime) -> QuerySet[Notice]:
    """What is to leave and is in no sending yet."""
    if plan.is_reminder:
        return silent(plan.channel, now=now).filter(reminder=None)
    return Notice.objects.filter(state=Notice.WAITING, sending=None)


def _place(row: Sending) -> str:
    return "reminder" if row.is_reminder else "sending"


def _locked(sending: int, holder: UUID | None) -> Sending:
    take_writers_lock()
    row = Sending.objects.select_related("holder").filter(pk=sending, finished_at=None).first()
    if row is None or (holder is not None and row.holder.uid != holder):
        raise NotPressable("gone")
    return row


def _enter(kind: str, row: Sending, actor: str, now: datetime) -> None:
    payload = {"sending": row.pk, "holder": row.holder.uid.hex, "channel": row.channel, "count": row.count}
    append(at=now, kind=kind, payload={**payload, "text": row.text_sha256, "actor": actor})
