"""Reading claims and removals: ids, states, moments. Names of organisations come from disclosure."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from datacoop.rights.models.claims import Claim, Removal
from datacoop.rights.rules.claims import (
    FROZEN,
    GRANTED,
    INVITATION,
    LETTER,
    OPEN,
    REPRESENTATIVE,
    RUNNING,
    STEWARD,
    TIME_TO_OBJECT,
    WAITING,
    hand_of,
)


@dataclass(frozen=True)
class ClaimFacts:
    """One claim, as its table has it; `invited_by` is an account."""

    id: int
    account_id: int
    subject_uid: uuid.UUID
    scope: str
    method: str
    state: str
    seed: uuid.UUID
    code_id: int | None
    language: str
    invited_by: int | None
    hands_over: bool
    made_at: datetime
    expires_at: datetime
    checked_at: datetime | None
    posted_at: datetime | None
    proven_at: datetime | None
    due_at: datetime | None
    granted_at: datetime | None
    frozen_at: datetime | None
    objected_by: str
    settled_at: datetime | None
    settled_by: str
    reason: str
    hands: frozenset[str]

    @property
    def is_vouched(self) -> bool:
        """Whether it waits on one steward's word."""
        return self.state == WAITING and self.settled_by.startswith(STEWARD)

    def was_hand(self, steward: int) -> bool:
        """Whether a steward printed or posted its letter, or said yes to it."""
        return hand_of(steward) in self.hands

    def is_open(self, now: datetime) -> bool:
        """Whether its proof is still awaited."""
        return self.state == OPEN and self.expires_at > now

    def may_be_objected(self, now: datetime) -> bool:
        """Whether somebody who was told may still speak against it."""
        if self.state == GRANTED:
            return self.granted_at is not None and now < self.granted_at + TIME_TO_OBJECT
        return self.state == WAITING or self.is_open(now)


@dataclass(frozen=True)
class RemovalFacts:
    """One removal that was proposed, as its table has it."""

    id: int
    subject_uid: uuid.UUID
    account_id: int
    proposed_by: int
    scope: str
    state: str
    made_at: datetime
    due_at: datetime


def find_claim(claim_id: int) -> ClaimFacts | None:
    """Return a claim by its number."""
    row = Claim.objects.filter(pk=claim_id).first()
    return _facts(row) if row else None


def find_own_claim(claim_id: int, account_id: int) -> ClaimFacts | None:
    """Return a claim to whoever made it or was invited by it, None to anybody else."""
    row = Claim.objects.filter(pk=claim_id, account_id=account_id).first()
    return _facts(row) if row else None


def list_claims_of(account_id: int) -> list[ClaimFacts]:
    """Return what an account claimed and was invited to, newest first."""
    return _all(Claim.objects.filter(account_id=account_id).order_by("-pk"))


def list_claims_about(uids: Collection[uuid.UUID], *, now: datetime) -> list[ClaimFacts]:
    """Return the claims that whoever represents an organisation sees: those that ask them, wait or are frozen."""
    asking = Q(state=OPEN, method=REPRESENTATIVE, expires_at__gt=now)
    about = Claim.objects.filter(subject_uid__in=list(uids))
    return _all(about.filter(asking | Q(state__in=(WAITING, FROZEN))).order_by("pk"))


def list_invitations(uids: Collection[uuid.UUID], *, now: datetime) -> list[ClaimFacts]:
    """Return the invitations to represent an organisation that were not answered yet."""
    about = Claim.objects.filter(subject_uid__in=list(uids), state=OPEN, method=INVITATION, expires_at__gt=now)
    return _all(about.order_by("pk"))


def list_rivals(claim: ClaimFacts, uids: Collection[uuid.UUID]) -> list[ClaimFacts]:
    """Return the other frozen claims of the same organisation: shown to each other, without a name."""
    found = Claim.objects.filter(subject_uid__in=list(uids), state=FROZEN)
    return _all(found.exclude(account_id=claim.account_id).order_by("pk"))


def list_for_stewards(*, now: datetime) -> list[ClaimFacts]:
    """Return what waits for a steward, oldest first: frozen claims, those that ask one or a second one, letters."""
    asking = Q(state=OPEN, method=STEWARD) | Q(state=OPEN, method=LETTER, posted_at__isnull=True)
    vouched = Q(state=WAITING, settled_by__startswith=f"{STEWARD}:")
    return _all(Claim.objects.filter(Q(state=FROZEN) | vouched | (asking & Q(expires_at__gt=now))).order_by("pk"))


def find_removal(removal_id: int) -> RemovalFacts | None:
    """Return a proposed removal by its number."""
    row = Removal.objects.filter(pk=removal_id).first()
    return _removal(row) if row else None


def list_removals_about(uids: Collection[uuid.UUID]) -> list[RemovalFacts]:
    """Return the removals that run at an organisation, oldest first."""
    rows = Removal.objects.filter(subject_uid__in=list(uids), state__in=(WAITING, FROZEN))
    return [_removal(row) for row in rows.order_by("pk")]


def list_frozen_removals() -> list[RemovalFacts]:
    """Return the removals somebody objected to, oldest first: a steward settles them."""
    return [_removal(row) for row in Removal.objects.filter(state=FROZEN).order_by("pk")]


def count_running(account_id: int) -> int:
    """Return how many claims of an account run."""
    return Claim.objects.filter(account_id=account_id, state__in=RUNNING).count()


def _all(rows: QuerySet[Claim]) -> list[ClaimFacts]:
    return [_facts(row) for row in rows]


def _facts(row: Claim) -> ClaimFacts:
    return ClaimFacts(
        row.pk, row.account_id, row.subject_uid, row.scope, row.method, row.state, row.seed, row.code_id,
        row.language, row.invited_by_id, row.hands_over, row.made_at, row.expires_at, row.checked_at,
        row.posted_at, row.proven_at, row.due_at, row.granted_at, row.frozen_at, row.objected_by, row.settled_at,
        row.settled_by, row.reason, frozenset(row.hands.split()),
    )  # fmt: skip


def _removal(row: Removal) -> RemovalFacts:
    return RemovalFacts(
        row.pk, row.subject_uid, row.account_id, row.proposed_by_id, row.scope, row.state, row.made_at, row.due_at
    )
