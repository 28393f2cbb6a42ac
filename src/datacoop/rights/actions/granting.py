"""Letting somebody in: by one who decides already, by a steward, or by time without an objection; and objecting.

Nobody is let in by the clock alone: a job writes the mandates, and looks again before it does. A job that does not run
lets nobody in.
"""

from __future__ import annotations

from datetime import datetime

from datacoop.accounts.queries import is_one_person, list_representing
from datacoop.accounts.rules import DECIDE
from datacoop.consent.speaking import organisation_uids
from datacoop.rights.actions.claim_steps import (
    ClaimRefused,
    Wanted,
    close,
    end_given,
    enter,
    forget_invited,
    freeze,
    grant,
    holds,
    is_open,
    locked,
    need_decider,
    not_own,
    note_hand,
    organisation,
    prove,
    row_of,
    tell,
)
from datacoop.rights.actions.claiming import open_claim
from datacoop.rights.models.claims import Claim
from datacoop.rights.published import published
from datacoop.rights.queries.claims import find_claim
from datacoop.rights.rules import claims as rules
from datacoop.rights.rules.claims import EXPIRED, FROZEN, GRANTED, OPEN, REFUSED, RUNNING, WAITING, WITHDRAWN


def agree(*, claim_id: int, account_id: int, now: datetime) -> None:
    """Let somebody who decides for the organisation say yes: it counts at once, the others may object for a week.

    Raises: ClaimRefused (`not-theirs`, `closed`).
    """
    with locked():
        row = row_of(claim_id)
        need_decider(account_id, row.subject_uid, now)
        if row.method == rules.INVITATION or not (is_open(row, now) or row.state == WAITING):
            raise ClaimRefused("closed")
        row.proven_at = now
        grant(row, now, by=f"account:{account_id}")


def object_to(*, claim_id: int, account_id: int | None, now: datetime) -> None:
    """Object as one who represents the organisation now, or as its mailbox (None): frozen until a steward decides.

    What was given on somebody else's word less than a week ago ends with it. Raises: ClaimRefused.
    """
    with locked():
        row = row_of(claim_id)
        if account_id is not None and (
            account_id == row.account_id or not holds(account_id, organisation(row.subject_uid), "", now)
        ):
            raise ClaimRefused("not-theirs")
        found = find_claim(row.pk)
        if found is None or not found.may_be_objected(now):
            raise ClaimRefused("closed")
        if row.state == GRANTED:
            end_given(row, now)
            _take_in(row, now)
        freeze(row, rules.BY_MAILBOX if account_id is None else f"account:{account_id}", now)


def _take_in(row: Claim, now: datetime) -> None:
    """Let what the same account asks meanwhile rest with the claim objected to: one question for the steward."""
    uids = organisation(row.subject_uid)
    asked = Claim.objects.filter(account_id=row.account_id, subject_uid__in=uids, state__in=RUNNING).exclude(pk=row.pk)
    for other in asked:
        row.scope = DECIDE if DECIDE in (row.scope, other.scope) else row.scope
        close(other, WITHDRAWN, now)
        enter("claims.withdrawn", other, now)


def settle(*, claim_id: int, steward: int, granted: bool, reason: str, now: datetime) -> None:
    """Let a steward decide a claim that runs, with a reason that is written down.

    Where nothing was shown yet, a steward's yes is one word as any other: it waits a week for objections, or for the
    yes of a second steward. Where something was, it counts at once, but not from whoever had a hand in it.

    Raises: ClaimRefused (`reason`, `own`: nobody settles what they claim themselves; `second`; `closed`).
    """
    reason = reason.strip()[: rules.LONGEST_REASON]
    if not reason:
        raise ClaimRefused("reason")
    with locked():
        row = row_of(claim_id)
        not_own(row, steward)
        if row.state not in RUNNING or (row.method == rules.INVITATION and row.state != FROZEN):
            raise ClaimRefused("closed")
        if granted and row.proven_at is not None and rules.hand_of(steward) in row.hands.split():
            raise ClaimRefused("second")
        row.reason = reason
        if not granted:
            close(row, REFUSED, now, by=rules.hand_of(steward))
            enter("claims.refused", row, now, note=reason, actor=rules.hand_of(steward))
            tell(row, "refused", now)
        elif row.proven_at is None:
            _vouch(row, steward, now)
        else:
            grant(row, now, by=rules.hand_of(steward))


def _vouch(row: Claim, steward: int, now: datetime) -> None:
    """Take a first steward's word; one that somebody objected to meanwhile stays frozen until a second says yes."""
    row.settled_by = rules.hand_of(steward)
    note_hand(row, steward)
    if row.state == FROZEN:
        row.proven_at = now
        row.save()
        enter("claims.vouched", row, now, note=row.reason, method=row.method, actor=row.settled_by)
    else:
        prove(row, now, what="vouched", note=row.reason, actor=row.settled_by)


def give_by_steward(*, account_id: int, wanted: Wanted, steward: int, reason: str, now: datetime) -> int:
    """Let somebody represent an organisation on a steward's recorded reason, as `settle` does; the claim's number.

    Raises: ClaimRefused (`reason`, `own`, `represents`, `running`).
    """
    if not reason.strip():
        raise ClaimRefused("reason")
    if is_one_person(account_id, steward):
        raise ClaimRefused("own")
    number = open_claim(account_id=account_id, wanted=wanted, possible=(rules.STEWARD,), now=now)
    settle(claim_id=number, steward=steward, granted=True, reason=reason, now=now)
    return number


def _may_be_due(row: Claim, now: datetime) -> bool:
    """Whether the week alone lets somebody in: on one steward's word only where somebody could be told of it."""
    if not row.settled_by:
        return True
    uids = organisation_uids(row.subject_uid)
    return bool(published(row.subject_uid).email or list_representing(uids, now=now))


def grant_due(*, now: datetime) -> int:
    """Let in whoever waited a week without an objection, close what was never shown; return how many were let in."""
    granted = 0
    for found in Claim.objects.filter(state=WAITING, due_at__lte=now).order_by("pk"):
        if not _may_be_due(found, now):
            continue
        number = found.pk
        with locked():
            row = Claim.objects.select_related("account").filter(pk=number, state=WAITING, due_at__lte=now).first()
            if row is None:
                continue
            if not row.account.is_active or not organisation_uids(row.subject_uid):
                close(row, EXPIRED, now)
                continue
            grant(row, now, by=row.settled_by)
            granted += 1
    for number in Claim.objects.filter(state=OPEN, expires_at__lte=now).values_list("pk", flat=True):
        with locked():
            row = Claim.objects.filter(pk=number, state=OPEN, expires_at__lte=now).first()
            if row is not None:
                close(row, EXPIRED, now)
                forget_invited(row)
    return granted
