"""Telling holders: do not publish me, and this is how it is right. Their answers come back to whoever told them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from datacoop.consent.actions import note_objection
from datacoop.disclosure.own.subjects import Group, groups_of
from datacoop.records.actions.revising import revision, take_writers_lock
from datacoop.records.actions.tracing import append_about
from datacoop.records.erasers import Erasure
from datacoop.records.tracing import About
from datacoop.records.withdrawals import HIDDEN, Withdrawal, what_digest
from datacoop.rights.actions.answering import Answerer, NotTheirs, ProofNeeded
from datacoop.rights.models.objections import Objection, Passed
from datacoop.rights.queries.objections import Naming, holders_naming
from datacoop.rights.rules.answers import may_widen
from datacoop.sources.spoken import uids_by_number

ANSWERS = ("removed", "kept")
LONGEST_NOTE = 500


class AnswerRefused(ValueError):
    """The answer is none of `ANSWERS`, or keeping somebody listed was not explained."""


@dataclass(frozen=True)
class Telling:
    """What holders (by uid) are told of one record: not to publish it, and the properties as the subject says them."""

    record: int
    objected_to: frozenset[uuid.UUID] = frozenset()
    passed_to: frozenset[uuid.UUID] = frozenset()
    properties: frozenset[str] = frozenset()


def tell_holders(*, by: Answerer, telling: Telling, now: datetime) -> int:
    """Keep what some holders that name a record are told, in one revision; return how many objections are new.

    An objection narrows at once what the default would have widened (GDPR 21; LPD 30(2)(b)); what is passed on is told
    to no other holder. One that does not name the record, or only another of the subject's, is told nothing. Where
    nobody is told anything, no history says that somebody was.

    Raises:
        NotTheirs: it is no record of theirs.
        ProofNeeded: something is to be passed on, which a link alone cannot ask for.
    """
    if telling.passed_to and not may_widen(by.proof):
        raise ProofNeeded("A link alone cannot ask for more to be shown.")
    if not telling.objected_to and not telling.passed_to:
        return 0
    with revision(actor=by.actor, now=now, why="told holders") as draft:
        group = _group(by, telling.record)
        named = {each.uid: each for each in holders_naming(group)}
        made = 0
        for uid in sorted(telling.objected_to & set(named)):
            holder = named[uid]
            for record in holder.records:
                _, new = Objection.objects.get_or_create(
                    record_id=record, holder_id=holder.id, answered_at=None, defaults={"made_at": now}
                )
                made += new
            for record, source in holder.said:
                note_objection(draft, record_id=record, source_id=source, at=now)
        _pass_on(telling, group, [named[uid] for uid in sorted(telling.passed_to & set(named))], now)
        draft.touch(*group.members)
        draft.enter("rights.holders_told", about=[About(each) for each in group.members], objections=made)
    return made


def stop_passing(*, by: Answerer, record: int, holder: uuid.UUID, now: datetime) -> None:
    """Let a holder no longer be told what the subject says itself of a record; a backup does not bring it back.

    Where nothing was passed on, no history says that it ended. Raises: NotTheirs.
    """
    with revision(actor=by.actor, now=now, why="stopped passing on") as draft:
        group = _group(by, record)
        passed = Passed.objects.filter(record_id__in=group.members, holder__uid=holder)
        names = sorted(set(passed.values_list("property", flat=True)))
        if not names:
            return
        draft.withdraw(*(Withdrawal(HIDDEN, group.facts.uid, (name, f"holder:{holder.hex}")) for name in names))
        passed.delete()
        draft.touch(*group.members)
        draft.enter("rights.passing_stopped", about=[About(each) for each in group.members])


def stop_again(withdrawn: Collection[bytes]) -> int:
    """Let holders no longer be told what was taken back since a backup, by digests of `withdrawals.log`; how many."""
    rows = list(Passed.objects.values_list("pk", "record_id", "property", "holder__uid"))
    uids = uids_by_number({record for _, record, _, _ in rows})
    gone = [
        number
        for number, record, name, holder in rows
        if record in uids and what_digest(uids[record], (name, f"holder:{holder.hex}")) in withdrawn
    ]
    for start in range(0, len(gone), 500):
        Passed.objects.filter(pk__in=gone[start : start + 500]).delete()
    return len(gone)


def answer_objection(*, number: int, holder: uuid.UUID, answer: str, note: str, actor: str, now: datetime) -> bool:
    """Keep a holder's answer to an objection; False where it has none of that number that waits.

    Raises:
        AnswerRefused: the answer is unknown, too long, or keeps somebody listed without a word why
                (LPD 32; GDPR 21(1)).
    """
    note = note.strip()
    if answer not in ANSWERS or len(note) > LONGEST_NOTE or (answer == "kept" and not note):
        raise AnswerRefused(answer)
    with transaction.atomic():
        take_writers_lock()
        waiting = Objection.objects.filter(pk=number, holder__uid=holder, answered_at__isnull=True)
        about = [About(record) for record in waiting.values_list("record_id", flat=True)]
        done = waiting.update(answer=answer, note=note, answered_at=now, answered_by=actor)
        if done:
            payload = {"answer": answer, "actor": actor}
            append_about(at=now, kind="rights.objection_answered", about=about, payload=payload)
    return bool(done)


def forget(erasure: Erasure) -> None:
    """Remove what holders were told of somebody who is erased; inside the revision."""
    Objection.objects.filter(record_id__in=erasure.record_ids).delete()
    Passed.objects.filter(record_id__in=erasure.record_ids).delete()


def _group(by: Answerer, record: int) -> Group:
    group = next((each for each in groups_of(by.subject_uid) if each.facts.id == record), None)
    if group is None:
        raise NotTheirs("This is not among what you decide about.")
    return group


def _pass_on(telling: Telling, group: Group, holders: Iterable[Naming], now: datetime) -> None:
    known = _known_properties(group)
    rows = [
        Passed(record_id=group.facts.id, holder_id=holder.id, property=name, at=now)
        for holder in holders
        for name in sorted(telling.properties & known)
    ]
    Passed.objects.bulk_create(rows, ignore_conflicts=True)


def _known_properties(group: Group) -> frozenset[str]:
    return frozenset(each.property for each in group.facts.statements)
