"""Guardians of minors: appointed by a steward with a reason that is written down, until the child comes of age."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from datacoop.accounts.actions import end_mandates, give_mandate
from datacoop.accounts.queries import has_mandate
from datacoop.accounts.rules import GUARDIAN
from datacoop.consent.minors import is_person, minor_until, note_of_age
from datacoop.consent.rules import of_age_from
from datacoop.records.actions.revising import revision
from datacoop.records.rules import id_of
from datacoop.records.tracing import About
from datacoop.rights.rules.claims import LONGEST_REASON


class GuardianRefused(Exception):
    """Nobody was appointed. `code`: `reason`, `own`, `nobody` (no such person), `age` (not known to be a minor)."""

    def __init__(self, code: str) -> None:
        """Keep it."""
        super().__init__(f"The guardian was refused: {code}.")
        self.code = code


@dataclass(frozen=True)
class Guarding:
    """Whom an account is to speak for; `born` (an ISO date) where no list says it."""

    account_id: int
    person: uuid.UUID
    born: str = ""


def appoint_guardian(*, wanted: Guarding, steward: int, reason: str, now: datetime) -> datetime:
    """Let an account speak for a minor and return until when: of age, a person speaks for themselves.

    From now on nothing of the child is shown, whoever decided. Raises: GuardianRefused.
    """
    reason = _checked(wanted.account_id, steward, reason)
    with revision(actor=f"steward:{steward}", now=now, why="guardian") as draft:
        if not is_person(wanted.person):
            raise GuardianRefused("nobody")
        of_age = minor_until(wanted.person) or of_age_from(wanted.born)
        if of_age is None or of_age <= now:
            raise GuardianRefused("age")
        note_of_age(draft, uid=wanted.person, of_age=of_age)
        if not has_mandate(account_id=wanted.account_id, subject_uid=wanted.person, scope=GUARDIAN, now=now):
            give_mandate(
                account_id=wanted.account_id, subject_uid=wanted.person, scope=GUARDIAN, valid_from=now,
                valid_until=of_age, proof=f"steward:{steward}",
            )  # fmt: skip
        about = [About(id_of(wanted.person), {"account": wanted.account_id}, reason)]
        draft.enter("guardians.appointed", about=about, account=wanted.account_id)
    return of_age


def dismiss_guardian(*, wanted: Guarding, steward: int, reason: str, now: datetime) -> None:
    """End what a guardian may do, at once; what they decided stays. Raises: GuardianRefused."""
    reason = _checked(wanted.account_id, steward, reason)
    with revision(actor=f"steward:{steward}", now=now, why="guardian") as draft:
        if not end_mandates(account_id=wanted.account_id, subject_uid=wanted.person, now=now, scopes=(GUARDIAN,)):
            raise GuardianRefused("nobody")
        about = [About(id_of(wanted.person), {"account": wanted.account_id}, reason)]
        draft.enter("guardians.dismissed", about=about, account=wanted.account_id)


def _checked(account_id: int, steward: int, reason: str) -> str:
    if account_id == steward:
        raise GuardianRefused("own")
    if not reason.strip():
        raise GuardianRefused("reason")
    return reason.strip()[:LONGEST_REASON]
