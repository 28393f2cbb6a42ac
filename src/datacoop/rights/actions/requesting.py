"""Asking under one's rights: what only narrows is done the moment it is asked, the rest within its clock.

A link alone restricts and objects at once: neither shows more to anybody, and both can be taken back. It asks for an
erasure, which cannot: everything is restricted at once, and erased once somebody proved who they are, or by a steward
within the clock. A stranger with a forwarded link could otherwise destroy for ever what is not theirs (decision 0030).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from datacoop.consent.actions import note_objection
from datacoop.consent.restricting import lift_in, restrict_in
from datacoop.disclosure.own.subjects import Group, group_of, groups_of, uids_of_subjects
from datacoop.records.actions.erasing import erase, foresee
from datacoop.records.actions.revising import Draft, revision
from datacoop.records.erasers import look_through
from datacoop.records.sealing import opened, sealed
from datacoop.records.tracing import About
from datacoop.rights.actions.answering import Answerer, NotTheirs, ProofNeeded
from datacoop.rights.models.requests import Request
from datacoop.rights.queries.requests import SEALED_FOR
from datacoop.rights.rules.answers import may_widen
from datacoop.rights.rules.requests import AT_ONCE, DONE, ERASE, GIVEN, KINDS, OBJECT, RECEIVED, due_of

#: Why everything is restricted (`consent.Restriction.ground`).
RESTRICTION, OBJECTION = "restriction", "objection"
LONGEST_WORDS = 2000


class UnknownRight(ValueError):
    """There is no such right."""


@dataclass(frozen=True)
class Taken:
    """What came of asking: the request, and whether it is done already."""

    request_id: int
    is_done: bool


@dataclass(frozen=True)
class Erased:
    """How much was erased: records, and statements about them, whoever made them."""

    records: int
    statements: int


def ask(*, by: Answerer, kind: str, now: datetime, words: str = "") -> Taken:
    """Take a request and do at once what may be; when this returns, what it restricts is shown to nobody.

    The same asked again, in the same words, while it waits is the same request. `words` say what is to be corrected.
    Access and a copy to take along count as done for whoever proved who they are: the caller gives the package.

    Raises: UnknownRight; NotTheirs: nothing here is theirs to decide about.
    """
    if kind not in KINDS:
        raise UnknownRight(f"There is no right “{kind}”. Use one of: {', '.join(KINDS)}.")
    with revision(actor=by.actor, now=now, why=f"request: {kind}") as draft:
        groups = _own(by)
        if kind in AT_ONCE or kind == ERASE:
            _narrow(draft, kind, groups, whole=by.sources is None)
        is_done = kind in AT_ONCE or (kind in GIVEN and may_widen(by.proof))
        row = _kept(by, kind, draft, words)
        if is_done:
            row.state, row.settled_by, row.settled_at = DONE, by.actor, now
            row.save(update_fields=["state", "settled_by", "settled_at"])
        draft.enter("rights.requested", about=[About(_root(by))], right=kind, done=is_done)
    return Taken(row.pk, is_done)


def lift(*, by: Answerer, now: datetime) -> int:
    """Take back every restriction and objection of theirs: what was decided before holds again. Return the revision.

    Raises: ProofNeeded (it shows more), NotTheirs.
    """
    if not may_widen(by.proof):
        raise ProofNeeded("A link alone cannot ask for more to be shown.")
    with revision(actor=by.actor, now=now, why="restriction lifted") as draft:
        lift_in(draft, record_ids=_members(_own(by)))
    return draft.number


def erase_oneself(*, by: Answerer, now: datetime) -> Erased:
    """Erase the subject for good: everything in every role, by whomever it was said; no list brings it back.

    Their waiting request of it, if there is one, is done by it. Look through texts first, in transactions of its own.

    Raises: ProofNeeded, NotTheirs.
    """
    if not may_widen(by.proof):
        raise ProofNeeded("Erasing needs a proof of who asks.")
    return erase_for(subject_ids=_subject_ids(by), actor=by.actor, now=now)


def erase_for(*, subject_ids: Collection[int], actor: str, now: datetime, asked_at: datetime | None = None) -> Erased:
    """Do the same for whoever asks for it, and keep of it that an erasure was asked for and done, and when.

    Raises: NotTheirs: there is nothing to erase.
    """
    foreseen = foresee(subject_ids=subject_ids, now=now)
    if not foreseen.record_ids:
        raise NotTheirs("There is nothing to erase.")
    look_through(foreseen)
    with revision(actor=actor, now=now, why="erasure") as draft:
        waiting = Request.objects.filter(subject_id__in=foreseen.record_ids, kind=ERASE, state=RECEIVED)
        since = waiting.order_by("asked_at").values_list("asked_at", flat=True).first() or asked_at or now
        statements = _count_statements(subject_ids)
        records = erase(draft, subject_ids=subject_ids, foreseen=foreseen)
        Request.objects.create(kind=ERASE, state=DONE, asked_at=since, due_at=due_of(since), settled_at=now)
    return Erased(len(records), statements)


def _narrow(draft: Draft, kind: str, groups: Sequence[Group], *, whole: bool) -> None:
    """Let nobody see it from now on; an objection binds every list that speaks of it, whenever it speaks again.

    Where it is `whole`, and no link that concerns some lists alone, it binds what is said later of whatever they do.
    """
    ground = OBJECTION if kind == OBJECT else RESTRICTION
    restrict_in(draft, record_ids=_members(groups), ground=ground, whole=whole)
    if kind == OBJECT:
        lists = {(s.record_id, s.source.id) for g in groups for s in g.facts.statements if s.source}
        for record, source in sorted(lists):
            note_objection(draft, record_id=record, source_id=source, at=draft.now)


def _kept(by: Answerer, kind: str, draft: Draft, words: str) -> Request:
    """The request that waits already, else a new one; one that says something else has a clock of its own."""
    root, subjects, said = _root(by), _subject_ids(by), words.strip()[:LONGEST_WORDS]
    for each in Request.objects.filter(subject_id__in=subjects, kind=kind, state=RECEIVED).order_by("pk"):
        if said in ("", opened(bytes(each.words) if each.words else None, about=SEALED_FOR)):
            return each
    return Request.objects.create(
        subject_id=root,
        kind=kind,
        asked_by=by.actor,
        asked_at=draft.now,
        due_at=due_of(draft.now),
        language=by.language[:2],
        words=sealed(said, about=SEALED_FOR),
    )


def _count_statements(subject_ids: Collection[int]) -> int:
    groups = (group for uid in uids_of_subjects(subject_ids).values() for group in groups_of(uid))
    return sum({group.facts.id: len(group.facts.statements) for group in groups}.values())


def _own(by: Answerer) -> list[Group]:
    """What they may decide about: all of it, or what the lists say that their link concerns."""
    found = [
        group
        for group in groups_of(by.subject_uid)
        if by.sources is None or any(s.source and s.source.id in by.sources for s in group.facts.statements)
    ]
    if not found:
        raise NotTheirs("This is not among what you decide about.")
    return found


def _members(groups: Iterable[Group]) -> list[int]:
    return sorted({member for group in groups for member in group.members})


def _subject_ids(by: Answerer) -> frozenset[int]:
    found = group_of(by.subject_uid)
    if not found:
        raise NotTheirs("There is no such subject.")
    return found


def _root(by: Answerer) -> int:
    """The record that stands for the subject, the survivor where several are one."""
    return groups_of(by.subject_uid)[0].facts.id
