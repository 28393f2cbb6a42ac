"""Representing: leave, keep only the correcting, and propose that somebody else leaves.

Leaving asks nobody. Removing another needs the decider's proposal and a week in which the one concerned may object;
then a steward settles it.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from datacoop.accounts.actions import end_mandates
from datacoop.accounts.queries import is_one_person, list_guardians, list_represented, list_representing
from datacoop.accounts.rules import DECIDE, EDIT, GUARDIAN, REPRESENTING
from datacoop.consent.speaking import organisation_uids
from datacoop.jobs.actions import enqueue
from datacoop.records.actions.tracing import append_about
from datacoop.records.endings import note_ended
from datacoop.records.rules import id_of
from datacoop.records.tracing import About
from datacoop.rights.actions.claim_steps import ClaimRefused, end_all, holds, locked, need_decider, organisation
from datacoop.rights.models.claims import Removal
from datacoop.rights.rules import claims as rules
from datacoop.rights.rules.claims import DONE, DROPPED, FROZEN, WAITING
from datacoop.rights.rules.endings import REMOVAL

#: The jobs that write to whoever is to be removed, and to the mailbox of whom nobody represents any more.
TELL_REMOVAL, TELL_LEFT = "rights.tell_of_removal", "rights.tell_of_leaving"
_RUNNING = (WAITING, FROZEN)


def leave(*, account_id: int, subject_uid: uuid.UUID, now: datetime) -> bool:
    """Represent an organisation no more, at once; return whether anybody still does.

    What was decided stays decided. Where nobody is left, its published mailbox is told, and stewards see it.
    Raises: ClaimRefused (`not-theirs`).
    """
    with locked():
        uids = organisation(subject_uid)
        if not end_all(account_id, uids, REPRESENTING, now):
            raise ClaimRefused("not-theirs")
        _enter("representatives.left", subject_uid, now, account=account_id)
        return _anybody_left(subject_uid, uids, now)


def leave_all(*, account_id: int, erased: Collection[uuid.UUID], now: datetime) -> None:
    """Represent nobody and be nobody's guardian any more; inside the revision that erases whoever the account is.

    As when somebody leaves, except that nothing that stays names the account, nor is told of who is erased with it.
    """
    for subject_uid in list_represented(account_id, now=now):
        uids = organisation_uids(subject_uid)
        if subject_uid not in erased and end_all(account_id, uids, REPRESENTING, now):
            _enter("representatives.left", subject_uid, now)
            _anybody_left(subject_uid, uids, now)
    for account, minor, _ in list_guardians(now=now):
        if account.pk == account_id and minor not in erased:
            end_mandates(account_id=account_id, subject_uid=minor, now=now, scopes=(GUARDIAN,))
            _enter("guardians.dismissed", minor, now)


def keep_editing(*, account_id: int, subject_uid: uuid.UUID, now: datetime) -> None:
    """Decide no more who sees what, and go on correcting. Raises: ClaimRefused (`not-theirs`)."""
    with locked():
        uids = need_decider(account_id, subject_uid, now)
        if not holds(account_id, uids, EDIT, now):
            raise ClaimRefused("not-theirs")
        end_all(account_id, uids, (DECIDE,), now)
        _enter("representatives.narrowed", subject_uid, now, account=account_id)


def propose_removal(*, by: int, account_id: int, subject_uid: uuid.UUID, scope: str, now: datetime) -> int:
    """Propose that another represents the organisation no more (`edit`), or only corrects (`decide`).

    They are told at once, and have a week to object. Returns the removal's number.
    Raises: ClaimRefused (`not-theirs`, `running`, `impossible`).
    """
    if scope not in REPRESENTING or by == account_id:
        raise ClaimRefused("impossible")
    with locked():
        uids = need_decider(by, subject_uid, now)
        if not holds(account_id, uids, DECIDE if scope == DECIDE else "", now):
            raise ClaimRefused("not-theirs")
        if Removal.objects.filter(account_id=account_id, subject_uid__in=uids, state__in=_RUNNING).exists():
            raise ClaimRefused("running")
        row = Removal.objects.create(
            subject_uid=subject_uid, account_id=account_id, proposed_by_id=by, scope=scope, made_at=now,
            due_at=now + rules.TIME_TO_OBJECT,
        )  # fmt: skip
        _enter("removals.proposed", subject_uid, now, removal=row.pk, actor=f"account:{by}")
        _tell(row, "proposed", now)
    return row.pk


def object_to_removal(*, removal_id: int, account_id: int, now: datetime) -> None:
    """Object, as the one it is about: it rests until a steward settles it. Raises: ClaimRefused."""
    with locked():
        row = Removal.objects.filter(pk=removal_id, account_id=account_id).first()
        if row is None:
            raise ClaimRefused("not-theirs")
        if row.state != WAITING:
            raise ClaimRefused("closed")
        row.state, row.objected_at = FROZEN, now
        row.save()
        note_ended(REMOVAL, [str(row.pk)], at=now)
        _enter("removals.frozen", row.subject_uid, now, removal=row.pk)
        _tell(row, "frozen", now)


def take_back(*, removal_id: int, account_id: int, now: datetime) -> None:
    """Take a proposal back, as whoever made it. Raises: ClaimRefused."""
    with locked():
        row = Removal.objects.filter(pk=removal_id, proposed_by_id=account_id, state__in=_RUNNING).first()
        if row is None:
            raise ClaimRefused("not-theirs")
        _close(row, DROPPED, f"account:{account_id}", now)


def settle_removal(*, removal_id: int, steward: int, removed: bool, reason: str, now: datetime) -> None:
    """Let a steward decide a proposal that was objected to, with a reason that is written down.

    Raises: ClaimRefused (`reason`, `own`, `closed`).
    """
    reason = reason.strip()[: rules.LONGEST_REASON]
    if not reason:
        raise ClaimRefused("reason")
    with locked():
        row = Removal.objects.filter(pk=removal_id, state=FROZEN).first()
        if row is None:
            raise ClaimRefused("closed")
        if any(is_one_person(each, steward) for each in (row.account_id, row.proposed_by_id)):
            raise ClaimRefused("own")
        row.reason = reason
        if removed:
            _carry_out(row, f"steward:{steward}", now)
        else:
            _close(row, DROPPED, f"steward:{steward}", now)


def remove_due(*, now: datetime) -> int:
    """Carry out what nobody objected to for a week, if whoever proposed it still decides; return how many."""
    done = 0
    for number in Removal.objects.filter(state=WAITING, due_at__lte=now).order_by("pk").values_list("pk", flat=True):
        with locked():
            row = Removal.objects.filter(pk=number, state=WAITING, due_at__lte=now).first()
            if row is None:
                continue
            if not holds(row.proposed_by_id, organisation_uids(row.subject_uid), DECIDE, now):
                _close(row, DROPPED, "time", now)
                continue
            _carry_out(row, "time", now)
            done += 1
    return done


def _carry_out(row: Removal, by: str, now: datetime) -> None:
    uids = organisation(row.subject_uid)
    end_all(row.account_id, uids, (DECIDE,) if row.scope == DECIDE else REPRESENTING, now)
    _close(row, DONE, by, now)
    _anybody_left(row.subject_uid, uids, now)


def _close(row: Removal, state: str, by: str, now: datetime) -> None:
    row.state, row.settled_at, row.settled_by = state, now, by
    row.save()
    note_ended(REMOVAL, [str(row.pk)], at=now)
    _enter(f"removals.{state}", row.subject_uid, now, note=row.reason, removal=row.pk, actor=by)
    _tell(row, state, now)


def _anybody_left(subject_uid: uuid.UUID, uids: frozenset[uuid.UUID], now: datetime) -> bool:
    if list_representing(uids, now=now):
        return True
    _enter("representatives.none", subject_uid, now)
    enqueue(name=TELL_LEFT, payload={"subject": str(subject_uid)}, due_at=now, now=now)
    return False


def _enter(kind: str, subject_uid: uuid.UUID, now: datetime, *, note: str = "", **payload: object) -> None:
    about = [About(id_of(subject_uid), dict(payload), note)]
    append_about(at=now, kind=kind, about=about, payload=payload)


def _tell(row: Removal, what: str, now: datetime) -> None:
    enqueue(name=TELL_REMOVAL, payload={"removal": row.pk, "what": what}, due_at=now, now=now)
