"""Answering: what somebody decided on their page becomes their word. Narrowing is always let through; widening is not.

Whether an answer widens is found inside the revision that writes it, under the writers' lock, by the same rules that
compile what everybody sees: no page, no order of clicks and no race can show more on the strength of a link alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from datacoop.accounts.proofs import LETTER_CODE
from datacoop.consent.actions import Wish, decide_many, note_objection, set_indexing
from datacoop.consent.audiences import ensure_audiences
from datacoop.consent.queries import last_word
from datacoop.consent.rules import ACCOUNT, LINK, DecisionContext
from datacoop.consent.withholding import Withheld, say_what_is_withheld, show_later, withhold
from datacoop.disclosure.own.previewing import Preview, Saying
from datacoop.disclosure.own.subjects import Group, group_of, groups_of, spread
from datacoop.disclosure.own.telling import own_records
from datacoop.jobs.actions import enqueue
from datacoop.records.actions.revising import Draft, revision
from datacoop.records.actions.stating import Said, release, state
from datacoop.records.rules import Origin
from datacoop.rights.models.notices import Notice
from datacoop.rights.queries.foreseeing import asked_of, said_by_lists, sayings_of, wishes_of
from datacoop.rights.rules.answers import FULL, MANDATE, Meaning, may_widen
from datacoop.rights.rules.objections import against_lists
from datacoop.sources.spoken import sources_of

__all__ = [
    "Answerer",
    "NotTheirs",
    "Overtaken",
    "ProofNeeded",
    "answer",
    "index",
    "object_to",
    "sayings_of",
    "wishes_of",
]


#: The job that writes to whoever a letter's code showed more of: the code may have been read on its way.
TELL_CODE = "rights.tell_of_code"


class ProofNeeded(PermissionError):
    """The answer would show more than is shown today; a link, or a mailbox that several read, is not enough for it."""


class Overtaken(Exception):
    """Somebody else decided meanwhile, and this answer would show more: look again before deciding."""


class NotTheirs(LookupError):
    """The answer is about a record that is not theirs, or that their notice does not concern."""


@dataclass(frozen=True)
class Answerer:
    """Who answers for a subject. `actor` as revisions name them (`link:5`, `account:7`); never a name.

    `proof` is a method of `accounts.proofs`, `rights.rules.answers.MANDATE`, or None for a link alone. With `sources`
    they answer what those lists say, and nothing else. `capacity` is one of `consent.rules.CAPACITIES`.
    `method`, where it is not the proof that tells it: paper, telephone.
    """

    subject_uid: uuid.UUID
    actor: str
    proof: str | None = None
    sources: frozenset[int] | None = None
    capacity: str = "subject"
    language: str = ""
    notice_version: str = ""
    notice_sha256: str = ""
    method: str = ""

    @property
    def context(self) -> DecisionContext:
        """What receipts say of how it was decided."""
        if self.method:
            told = self.language, self.notice_version, self.notice_sha256
            return DecisionContext(self.method, self.capacity, *told)
        method = LINK if self.proof is None else ACCOUNT if self.proof == MANDATE else self.proof
        return DecisionContext(method, self.capacity, self.language, self.notice_version, self.notice_sha256)


def answer(*, by: Answerer, meaning: Meaning, seen: int | None, now: datetime, reason: str = "") -> int:
    """Take an answer as the subject's word, in one revision, and return its number; when this returns it is in force.

    `seen` is what `last_word` said when the page was made; None where nothing was looked at before.

    Raises:
        ProofNeeded: it would let anybody see, now or later, what they do not see today, and `by` has not proven who
            they are; nothing is written.
        Overtaken: it would, they have, but another word was spoken since the page was made; nothing is written.
        NotTheirs: it is about a record they do not decide about.
    """
    with revision(actor=by.actor, now=now, why="answer") as draft:
        ensure_audiences()
        wishes = wishes_of(meaning)
        preview = Preview(by.subject_uid, now=now, wishes=wishes)
        own = _own(preview.groups, by)
        if any(record not in own for record, _ in wishes):
            raise NotTheirs("This is not among what you decide about.")
        if preview.widens(wishes) or FULL in (meaning.names or {}).values():
            _check(by, seen, preview.groups)
        _write(draft, wishes=wishes, groups=preview.groups, sayings=sayings_of(meaning, preview.groups))
        _bind_later(draft, by, wishes, preview.groups, later=meaning.later)
        decide_many(draft, wishes=spread(wishes, preview.groups), reason=reason, context=by.context)
        if by.proof == LETTER_CODE and any(wish.shows for _, wish in wishes):
            enqueue(name=TELL_CODE, payload={"uid": str(by.subject_uid)}, due_at=now, now=now)
        _answered(by, now)
    return draft.number


def object_to(*, by: Answerer, sources: Collection[int], now: datetime) -> int:
    """Object to what some lists of a holder say (GDPR 21; LPD 30(2)(b)), in one revision, and return its number.

    Nothing they say widens by default any more, and nothing of it is shown: only narrower, so no proof is asked.

    Raises: NotTheirs where none of the lists speaks of them, or where their notice concerns other lists.
    """
    with revision(actor=by.actor, now=now, why="objection") as draft:
        ensure_audiences()
        groups = groups_of(by.subject_uid)
        own = _own(groups, by)
        said = [s for group in own.values() for s in group.facts.statements if s.source and s.source.id in sources]
        if not said or (by.sources is not None and not set(sources) <= by.sources):
            raise NotTheirs("These lists say nothing that you decide about.")
        for record, source in sorted({(s.record_id, s.source.id) for s in said if s.source}):
            note_objection(draft, record_id=record, source_id=source, at=now)
        records = own_records(by.subject_uid, now=now, sources=by.sources)
        wishes = wishes_of(against_lists(said_by_lists(records, sources), asked_of(records)))
        decide_many(draft, wishes=spread(wishes, groups), reason="objection", context=by.context)
        _answered(by, now)
    return draft.number


def index(*, by: Answerer, record: int, allowed: bool, now: datetime) -> int:
    """Let search engines list a record's page, or not, apart from who may see it; return the revision.

    Raises: ProofNeeded, NotTheirs as `answer`.
    """
    with revision(actor=by.actor, now=now, why="indexing") as draft:
        own = _own(groups_of(by.subject_uid), by)
        if record not in own:
            raise NotTheirs("This is not among what you decide about.")
        if allowed and not may_widen(by.proof):
            raise ProofNeeded("A link alone cannot ask for more to be shown.")
        set_indexing(draft, record_ids=own[record].members, allowed=allowed)
    return draft.number


def _bind_later(
    draft: Draft, by: Answerer, wishes: Sequence[tuple[int, Wish]], groups: Sequence[Group], *, later: bool | None
) -> None:
    """Withhold what is said later, or no longer: where the subject itself is opened, or a choice opens all of it.

    A link alone only narrows. What is withheld and not opened by this answer stays so, by a word of its own.
    """
    subject = group_of(by.subject_uid)
    what = Withheld(sorted(subject), by.sources)
    if later is False:
        withhold(draft, what)
        return
    if not any(wish.shows is not False for _, wish in wishes):
        return
    say_what_is_withheld(draft, record_ids=[m for group in groups for m in group.members], context=by.context)
    opened = any(
        record in subject and (wish.audience, wish.property) == ("public", None) and wish.shows is not False
        for record, wish in wishes
    )
    if (later or opened) and may_widen(by.proof):
        show_later(draft, what)


def _check(by: Answerer, seen: int | None, groups: Sequence[Group]) -> None:
    if not may_widen(by.proof):
        raise ProofNeeded("A link alone cannot ask for more to be shown.")
    if seen is not None and last_word([member for group in groups for member in group.members]) > seen:
        raise Overtaken("Somebody decided meanwhile.")


def _answered(by: Answerer, now: datetime) -> None:
    """Stop the clocks of the notices that this answers: a link answers those of its lists' holder alone."""
    rows = Notice.objects.filter(subject_id__in=group_of(by.subject_uid), state__in=(*Notice.UNTOLD, Notice.DELIVERED))
    answered = [
        pk
        for pk, holder in rows.values_list("pk", "holder_id")
        if by.sources is None or by.sources & set(sources_of(holder))
    ]
    Notice.objects.filter(pk__in=answered).update(state=Notice.ANSWERED, answered_at=now)


def _own(groups: Sequence[Group], by: Answerer) -> dict[int, Group]:
    return {
        group.facts.id: group
        for group in groups
        if by.sources is None or any(s.source and s.source.id in by.sources for s in group.facts.statements)
    }


def _write(
    draft: Draft, *, wishes: Sequence[tuple[int, Wish]], groups: Sequence[Group], sayings: Sequence[Saying]
) -> None:
    """End the quarantine of what is to be shown, and say the name as it is to be shown."""
    shown = {record for record, wish in wishes if wish.shows}
    for group in groups:
        if group.facts.id in shown:
            for member in group.members:
                release(draft, record_id=member)
    for record, name, value in sayings:
        state(draft, record_id=record, said=[Said(name, value)], origin=Origin.SUBJECT)
