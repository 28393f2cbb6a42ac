"""Signing a contribution agreement, and leaving it. What was signed is never edited: a new one ends the old."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from datacoop.ledger.actions import append
from datacoop.records.actions.revising import take_writers_lock
from datacoop.records.endings import note_ended
from datacoop.rights.actions.logos import forget_logo
from datacoop.rights.models.agreements import ContributionAgreement
from datacoop.rights.queries.agreements import AGREEMENT as TEXT
from datacoop.rights.queries.agreements import find_text
from datacoop.rights.queries.readiness import list_missing
from datacoop.rights.rules.agreements import problem_of
from datacoop.rights.rules.endings import AGREEMENT
from datacoop.sources.spoken import holder_number


class NotSignable(ValueError):
    """Something is missing under the text, or (unready) in what the cooperative says of itself; `code` says what."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The agreement cannot be signed: {code}.")
        self.code = code


class NoAgreement(PermissionError):
    """The holder has signed no agreement, or has left it: nothing is sent in its name."""


@dataclass(frozen=True)
class Signature:
    """What stands under the text: a basis for each group of columns, what becomes of the lists at the exit, who signs.

    `paper_on` is the date of a paper that a steward enters; `version` the one that was read, None the newest.
    """

    language: str
    bases: Mapping[str, str]
    leaves: str
    signatory: str
    paper_on: date | None = None
    version: int | None = None


def sign(*, holder: UUID, signature: Signature, actor: str, now: datetime) -> int:
    """Sign for a holder and return the agreement's number; one that is in force ends by it.

    Raises: NotSignable; LookupError for a holder there is not.
    """
    if list_missing():
        raise NotSignable("unready")
    problem = problem_of(signature.bases, signature.leaves, signature.signatory)
    if not problem and signature.paper_on is not None and signature.paper_on > now.date():
        problem = "paper_on"
    text = find_text(TEXT, signature.language, signature.version)
    if problem or text is None:
        raise NotSignable(problem or "language")
    number = holder_number(holder)
    if number is None:
        raise LookupError("There is no such holder.")
    with transaction.atomic():
        take_writers_lock()
        _end(number, actor, now)
        row = ContributionAgreement.objects.create(
            holder_id=number, version=text.version, language=text.language, sha256=text.sha256,
            bases=dict(signature.bases), leaves=signature.leaves, signatory=signature.signatory.strip(),
            paper_on=signature.paper_on, signed_by=actor, signed_at=now,
        )  # fmt: skip
        payload = {"holder": holder.hex, "version": text.version, "sha256": text.sha256, "actor": actor}
        append(at=now, kind="contribution.agreed", payload=payload)
    return int(row.pk)


def leave(*, holder: UUID, actor: str, now: datetime) -> bool:
    """End what a holder signed, at once: nothing more is sent in its name, its logo goes. False if nothing was."""
    number = holder_number(holder)
    with transaction.atomic():
        take_writers_lock()
        if number is None or not _end(number, actor, now):
            return False
        forget_logo(number, now)
        append(at=now, kind="contribution.left", payload={"holder": holder.hex, "actor": actor})
    return True


def _end(holder: int, actor: str, now: datetime) -> int:
    in_force = ContributionAgreement.objects.filter(holder_id=holder, ended_at=None)
    note_ended(AGREEMENT, [str(number) for number in in_force.values_list("pk", flat=True)], at=now)
    return in_force.update(ended_at=now, ended_by=actor)
