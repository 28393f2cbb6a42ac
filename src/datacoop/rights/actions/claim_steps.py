"""The steps that every procedure about a claim is made of: lock, look, freeze, let in, enter it, tell.

Everything that changes a claim happens under the writers' lock and reads the claim again there: a late job, two
presses or two rivals cannot pass each other.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from datacoop.accounts.actions import drop_unused, end_mandates, give_mandate
from datacoop.accounts.queries import is_one_person, list_representing
from datacoop.accounts.rules import DECIDE, REPRESENTING
from datacoop.consent.speaking import organisation_uids
from datacoop.jobs.actions import enqueue
from datacoop.records.actions.revising import take_writers_lock
from datacoop.records.actions.tracing import append_about
from datacoop.records.endings import note_ended
from datacoop.records.rules import id_of
from datacoop.records.tracing import About
from datacoop.rights.models.claims import Claim
from datacoop.rights.rules import claims as rules
from datacoop.rights.rules.claims import FROZEN, GRANTED, OPEN, WAITING
from datacoop.rights.rules.endings import CLAIM

#: The job that finds out whom a claim concerns, and has them written to.
TELL = "rights.tell_of_claim"


class ClaimRefused(Exception):
    """What was asked cannot be: nothing was written. `code` says why, in a word that pages translate."""

    def __init__(self, code: str, claim_id: int | None = None) -> None:
        """Keep it, and which claim stands in the way."""
        super().__init__(f"The claim was refused: {code}.")
        self.code, self.claim_id = code, claim_id


@dataclass(frozen=True)
class Wanted:
    """What somebody asks: to represent this organisation, to correct or also to decide, shown in this way."""

    subject_uid: uuid.UUID
    scope: str
    method: str
    language: str = "fr"


@contextmanager
def locked() -> Iterator[None]:
    """Open a transaction under the writers' lock."""
    with transaction.atomic():
        take_writers_lock()
        yield


def row_of(claim_id: int) -> Claim:
    """Return a claim, under the lock. Raises: ClaimRefused."""
    row = Claim.objects.filter(pk=claim_id).first()
    if row is None:
        raise ClaimRefused("not-theirs")
    return row


@contextmanager
def own_row(claim_id: int, account_id: int) -> Iterator[Claim]:
    """Give a claim to whoever made it, under the writers' lock. Raises: ClaimRefused, the same for unknown ones."""
    with locked():
        row = Claim.objects.filter(pk=claim_id, account_id=account_id).first()
        if row is None:
            raise ClaimRefused("not-theirs")
        yield row


def organisation(uid: uuid.UUID) -> frozenset[uuid.UUID]:
    """Return all uids of the organisation. Raises: ClaimRefused for what is none: nobody represents a person."""
    found = organisation_uids(uid)
    if not found:
        raise ClaimRefused("impossible")
    return found


def need_decider(account_id: int, uid: uuid.UUID, now: datetime) -> frozenset[uuid.UUID]:
    """Return all uids of an organisation for which the account decides now. Raises: ClaimRefused."""
    uids = organisation(uid)
    if not holds(account_id, uids, DECIDE, now):
        raise ClaimRefused("not-theirs")
    return uids


def holds(account_id: int, uids: frozenset[uuid.UUID], scope: str, now: datetime) -> bool:
    """Return whether an account represents an organisation in a scope; in any, without one."""
    found = [each for each in list_representing(uids, now=now) if each.account_id == account_id]
    return any(not scope or scope in each.scopes for each in found)


def is_open(row: Claim, now: datetime) -> bool:
    """Return whether its proof is still awaited; nothing waits for a job to say that it is over."""
    return row.state == OPEN and row.expires_at > now


def make(
    account_id: int, wanted: Wanted, now: datetime, *, invited_by: int | None = None, hands_over: bool = False
) -> Claim:
    """Write a claim that begins."""
    return Claim.objects.create(
        account_id=account_id,
        subject_uid=wanted.subject_uid,
        scope=wanted.scope,
        method=wanted.method,
        language=wanted.language,
        invited_by_id=invited_by,
        hands_over=hands_over,
        made_at=now,
        expires_at=now + timedelta(days=rules.TIME_TO_PROVE[wanted.method]),
    )


def not_own(row: Claim, steward: int) -> None:
    """Raises: ClaimRefused (`own`: a steward has no hand in what they claim, by another address of theirs neither)."""
    if is_one_person(row.account_id, steward):
        raise ClaimRefused("own")


def note_hand(row: Claim, steward: int) -> None:
    """Note that a steward had a hand in it."""
    row.hands = " ".join(sorted({*row.hands.split(), rules.hand_of(steward)}))
    row.save()


def prove(row: Claim, now: datetime, *, what: str = "proven", note: str = "", **payload: object) -> None:
    """Let it wait for objections; beside another that waits or is frozen, both are frozen."""
    row.state, row.proven_at, row.due_at = WAITING, now, now + rules.TIME_TO_OBJECT
    row.save()
    enter(f"claims.{what}", row, now, note=note, method=row.method, **payload)
    rivals = Claim.objects.filter(subject_uid__in=organisation(row.subject_uid), state__in=(WAITING, FROZEN)).exclude(
        pk=row.pk
    )
    for rival in rivals:
        if rival.state == WAITING:
            freeze(rival, f"claim:{row.pk}", now)
        if row.state == WAITING:
            freeze(row, f"claim:{rival.pk}", now)
    if row.state == WAITING:
        tell(row, what, now)


def freeze(row: Claim, by: str, now: datetime) -> None:
    """Let it rest until a steward decides."""
    row.state, row.frozen_at, row.objected_by = FROZEN, now, by
    row.save()
    note_ended(CLAIM, [str(row.pk)], at=now)
    enter("claims.frozen", row, now)
    tell(row, "frozen", now)


def grant(row: Claim, now: datetime, *, by: str) -> None:
    """Write the mandates, and tell everybody whom it concerns."""
    uids = organisation(row.subject_uid)
    held = [each.scopes for each in list_representing(uids, now=now) if each.account_id == row.account_id]
    for scope in rules.scopes_of(row.scope):
        if not any(scope in scopes for scopes in held):
            give_mandate(
                account_id=row.account_id, subject_uid=row.subject_uid, scope=scope, valid_from=now,
                proof=_proof(row),
            )  # fmt: skip
    row.state, row.granted_at, row.settled_at, row.settled_by = GRANTED, now, now, by
    row.save()
    enter("claims.granted", row, now, note=row.reason, scope=row.scope, method=row.method, actor=by or "time")
    tell(row, "granted", now)


def end_all(account_id: int, uids: frozenset[uuid.UUID], scopes: tuple[str, ...], now: datetime) -> int:
    """End what an account may do for an organisation, at once; return how many mandates ended."""
    return sum(end_mandates(account_id=account_id, subject_uid=uid, now=now, scopes=scopes) for uid in uids)


def end_given(row: Claim, now: datetime) -> None:
    """End what this claim gave, and nothing its account was given before."""
    end_mandates(
        account_id=row.account_id, subject_uid=row.subject_uid, now=now, scopes=REPRESENTING, proof=_proof(row)
    )


def close(row: Claim, state: str, now: datetime, *, by: str = "") -> None:
    """End it without letting anybody in."""
    row.state, row.settled_at, row.settled_by = state, now, by
    row.save()
    note_ended(CLAIM, [str(row.pk)], at=now)


def forget_invited(row: Claim) -> None:
    """Remove the account that was opened for an invitation nobody answered: an address is not kept for nothing."""
    others = Claim.objects.filter(account_id=row.account_id).exclude(pk=row.pk)
    if row.method == rules.INVITATION and not others.exists():
        drop_unused(account_id=row.account_id)


def enter(kind: str, row: Claim, now: datetime, *, note: str = "", **payload: object) -> None:
    """Enter it about the organisation: what happened, to which claim by number; no id of a record, no name."""
    told = {"claim": row.pk, "account": row.account_id, "state": row.state, **payload}
    append_about(at=now, kind=kind, about=[About(id_of(row.subject_uid), told, note)], payload=told)


def _proof(row: Claim) -> str:
    return f"claim:{row.pk}"


def tell(row: Claim, what: str, now: datetime) -> None:
    """Let a job find out whom it concerns and write to them: nobody waits for it."""
    enqueue(name=TELL, payload={"claim": row.pk, "what": what}, due_at=now, now=now)
