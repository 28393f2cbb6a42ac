"""Guardians of minors, until the child comes of age, and ages noted wrongly: by a steward, with a reason kept."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from datacoop.accounts.actions import end_mandates, give_mandate, move_end
from datacoop.accounts.queries import has_mandate, list_guardians
from datacoop.accounts.rules import GUARDIAN, SELF
from datacoop.consent.minors import correct_age, is_person, minor_until, note_of_age
from datacoop.consent.rules import of_age_from
from datacoop.consent.speaking import speaks_for, subject_uids
from datacoop.records.actions.revising import revision
from datacoop.records.rules import id_of
from datacoop.records.tracing import About
from datacoop.rights.rules.claims import LONGEST_REASON


class GuardianRefused(Exception):
    """Nothing was done. `code`: `reason`, `own`, `nobody` (no such person), `age` (not known to be a minor), `date`
    (no date of birth), `merged` (the age is noted of another record that is one with it).
    """

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


def correct_birth_date(*, person: uuid.UUID, born: str, steward: int, reason: str, now: datetime) -> datetime:
    """Note when a person noted as a minor was really born (an ISO date), and return when they come, or came, of age.

    What they decided since then is in force at once; their guardians speak until then, and no longer. The date itself
    stands nowhere: what lists say of it is corrected in the record. Raises: GuardianRefused.
    """
    reason = _reason(reason)
    with revision(actor=f"steward:{steward}", now=now, why="guardian") as draft:
        if not is_person(person):
            raise GuardianRefused("nobody")
        if any(speaks_for(account_id=steward, uid=person, now=now, scope=each) for each in (SELF, GUARDIAN)):
            raise GuardianRefused("own")
        of_age = of_age_from(born)
        if of_age is None or date.fromisoformat(born) > now.date():
            raise GuardianRefused("date")
        if not correct_age(draft, uid=person, of_age=of_age):
            raise GuardianRefused("merged" if minor_until(person) else "age")
        _end_at(person, of_age, now)
        draft.enter("minors.age_corrected", about=[About(id_of(person), {}, reason)])
    return of_age


def _end_at(person: uuid.UUID, of_age: datetime, now: datetime) -> None:
    """Let the guardians of a person speak until it comes of age."""
    uids = subject_uids(person)
    for account, subject, _ in list_guardians(now=now):
        if subject in uids:
            move_end(account_id=account.pk, subject_uid=subject, scope=GUARDIAN, until=of_age, now=now)


def _checked(account_id: int, steward: int, reason: str) -> str:
    if account_id == steward:
        raise GuardianRefused("own")
    return _reason(reason)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise GuardianRefused("reason")
    return reason.strip()[:LONGEST_REASON]
