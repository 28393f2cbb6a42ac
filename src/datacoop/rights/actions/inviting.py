"""Inviting: one who decides for an organisation asks another to represent it too, or in their place."""

from __future__ import annotations

from datetime import datetime

from datacoop.accounts.rules import DECIDE, REPRESENTING
from datacoop.consent.speaking import organisation_uids
from datacoop.rights.actions.claim_steps import (
    ClaimRefused,
    Wanted,
    close,
    end_all,
    enter,
    forget_invited,
    grant,
    holds,
    is_open,
    locked,
    make,
    need_decider,
    organisation,
    own_row,
    row_of,
    tell,
)
from datacoop.rights.models.claims import Claim
from datacoop.rights.rules import claims as rules
from datacoop.rights.rules.claims import OPEN, RUNNING, WITHDRAWN


def make_invitation(*, by: int, account_id: int, wanted: Wanted, hands_over: bool, now: datetime) -> int:
    """Invite an account to represent an organisation too, or instead of whoever invites; return the claim's number.

    Nothing changes before they take it up. Raises: ClaimRefused (`not-theirs`, `represents`, `running`, `impossible`).
    """
    if wanted.scope not in REPRESENTING:
        raise ClaimRefused("impossible")
    with locked():
        uids = need_decider(by, wanted.subject_uid, now)
        if account_id == by or holds(account_id, uids, wanted.scope, now):
            raise ClaimRefused("represents")
        running = Claim.objects.filter(account_id=account_id, subject_uid__in=uids, state__in=RUNNING).first()
        if running is not None and (running.state != OPEN or running.method == rules.INVITATION):
            raise ClaimRefused("running", running.pk)
        if running is not None:
            # They asked already and had not shown it yet: that they did is not told to whoever invites.
            close(running, WITHDRAWN, now)
        invitation = Wanted(wanted.subject_uid, wanted.scope, rules.INVITATION, wanted.language)
        row = make(account_id, invitation, now, invited_by=by, hands_over=hands_over)
        enter("claims.invited", row, now, actor=f"account:{by}")
        tell(row, "invited", now)
    return row.pk


def take_up(*, claim_id: int, account_id: int, now: datetime) -> None:
    """Take an invitation up: whoever invited must still decide for the organisation. Raises: ClaimRefused."""
    with own_row(claim_id, account_id) as row:
        if row.method != rules.INVITATION or not is_open(row, now):
            raise ClaimRefused("closed")
        if row.invited_by_id is None or not _stands(row, now):
            raise ClaimRefused("closed")
        uids = organisation(row.subject_uid)
        row.proven_at = now
        grant(row, now, by=f"account:{row.invited_by_id}")
        if row.hands_over:
            end_all(row.invited_by_id, uids, REPRESENTING, now)


def call_back(*, claim_id: int, account_id: int, now: datetime) -> None:
    """Take an invitation back, as one who decides for the organisation. Raises: ClaimRefused."""
    with locked():
        row = row_of(claim_id)
        need_decider(account_id, row.subject_uid, now)
        if row.method != rules.INVITATION or row.state != OPEN:
            raise ClaimRefused("closed")
        close(row, WITHDRAWN, now)
        enter("claims.withdrawn", row, now, actor=f"account:{account_id}")
        # Whoever has an account of their own learns of it; an address that only the invitation knew is forgotten.
        tell(row, "called_back", now)
        forget_invited(row)


def is_standing(claim_id: int, *, now: datetime) -> bool:
    """Return whether an invitation could be taken up: whoever invited still decides for the organisation."""
    row = Claim.objects.filter(pk=claim_id, method=rules.INVITATION).first()
    return row is not None and is_open(row, now) and _stands(row, now)


def _stands(row: Claim, now: datetime) -> bool:
    uids = organisation_uids(row.subject_uid)
    return row.invited_by_id is not None and bool(uids) and holds(row.invited_by_id, uids, DECIDE, now)
