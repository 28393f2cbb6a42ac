"""Claims in the demo, one in each state worth seeing: asked, waiting its week, frozen between two, refused, invited."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from datacoop.accounts.actions import open_account
from datacoop.accounts.codes import text_of
from datacoop.rights.actions.claim_steps import Wanted
from datacoop.rights.actions.claiming import open_claim, prove_by_code
from datacoop.rights.actions.granting import settle
from datacoop.rights.actions.inviting import make_invitation
from datacoop.rights.published import published
from datacoop.rights.queries.claims import find_claim
from datacoop.rights.rules.claims import INVITATION, MAILBOX, REPRESENTATIVE

#: Somebody who claims the same association as the claimant among the characters.
RIVAL: Final = ("ursule@example.org", "Ursule Pontaillaz")
#: How long ago what waits was asked.
_AGO: Final = timedelta(days=2)


@dataclass(frozen=True)
class Cast:
    """Who plays: three accounts, and the choir that the secretary represents."""

    choir: uuid.UUID
    claimant: int
    secretary: int
    steward: int


def stand_in_line(organisations: Mapping[str, uuid.UUID], cast: Cast, *, now: datetime) -> None:
    """Let the claimant ask for several associations, and the secretary of the choir be asked and have invited."""
    choir, claimant = cast.choir, cast.claimant
    rival = int(open_account(email=RIVAL[0], name=RIVAL[1], now=now).pk)
    fit = (uid for _, uid in sorted(organisations.items()) if uid != choir and published(uid).email)
    waiting, frozen, refused, opened = next(fit), next(fit), next(fit), next(fit)
    _shown(claimant, waiting, now - _AGO)
    _shown(claimant, frozen, now - _AGO)
    _shown(rival, frozen, now)
    _open(claimant, opened, MAILBOX, now)
    number = _open(claimant, refused, MAILBOX, now - _AGO)
    settle(claim_id=number, steward=cast.steward, granted=False, reason="Le comité ne vous connaît pas.", now=now)
    _open(claimant, choir, REPRESENTATIVE, now)
    wanted = Wanted(choir, "edit", INVITATION)
    make_invitation(by=cast.secretary, account_id=rival, wanted=wanted, hands_over=False, now=now)


def _open(account: int, uid: uuid.UUID, method: str, at: datetime) -> int:
    wanted = Wanted(uid, "decide", method)
    return open_claim(account_id=account, wanted=wanted, possible=published(uid).methods, now=at)


def _shown(account: int, uid: uuid.UUID, at: datetime) -> None:
    number = _open(account, uid, MAILBOX, at)
    found = find_claim(number)
    code = text_of(found.code_id, now=at) if found is not None and found.code_id else None
    prove_by_code(claim_id=number, account_id=account, text=code or "", now=at)
