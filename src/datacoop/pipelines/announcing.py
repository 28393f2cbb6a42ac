"""An organiser announces what it does, changes it, confirms what lists say of it, and withdraws it: its own word.

Unlike a correction (decision 0032), to announce is to publish: what is typed is shown at once to everybody, as the
page says (decision 0066). What a decision hides stays hidden; whatever was not touched is not said.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from datacoop.consent.actions import Wish, decide_many
from datacoop.consent.audiences import ensure_audiences
from datacoop.consent.queries import deciders_of
from datacoop.disclosure.describe import self_body
from datacoop.disclosure.own.reserving import own_words_of
from datacoop.disclosure.own.subjects import Group, groups_of
from datacoop.disclosure.own.telling import shown_audiences
from datacoop.kinds.definition import kind as kind_named
from datacoop.pipelines.correcting import Cells, read_cells
from datacoop.records.actions.revising import Draft, revision
from datacoop.records.actions.stating import create_record, retract, state
from datacoop.records.actions.withholding import unite
from datacoop.records.rules import Origin
from datacoop.records.storing import Said
from datacoop.records.tracing import About
from datacoop.records.withdrawals import RETRACTED, Withdrawal
from datacoop.rights.actions.answering import Answerer, NotTheirs, ProofNeeded
from datacoop.rights.rules.answers import may_widen

KIND = "activity"
Changing = Callable[[dict[str, Any]], dict[str, Any]]
_ORGANISER = "organiser"


@dataclass(frozen=True)
class Announced:
    """What an organiser says of an activity.

    `cells` are read like a row of a list, the title always among them; `values` are as they are, several of one
    property as a list. Of what is not in `touched` nothing is said (None: all is); what is in it and without a value is
    said no longer. `whole_texts`: contacts typed into a text stay in it (decision 0017).
    """

    cells: Cells
    values: Mapping[str, Any]
    touched: frozenset[str] | None = None
    whole_texts: bool = False


def announce(*, by: Answerer, announced: Announced, now: datetime) -> UUID:
    """Publish a new activity and return its uid. An organiser who is a natural person is not named.

    Raises:
        ProofNeeded: a link alone announces nothing.
        NotTheirs: there is no such subject.
        EntryRefused: a field cannot be read; nothing was saved.
    """
    with revision(actor=by.actor, now=now, why="announced") as draft:
        organiser = _organiser(by)
        said = _said(announced, now)
        if organiser.facts.kind == "organisation":
            said.append(_named(organiser))
        record = create_record(draft, kind=KIND, subject_id=organiser.facts.id)
        state(draft, record_id=record.id, said=said, origin=Origin.SUBJECT)
        unite(draft, record_ids=[record.id])
        draft.enter("record.announced", about=[About(record.id)], properties=sorted({s.property for s in said}))
    return record.uid


def alter(*, by: Answerer, record: int, announced: Announced, now: datetime) -> None:
    """Say something else of an activity, which is confirmed by it. What is emptied, lists may still say.

    Raises: ProofNeeded, NotTheirs, EntryRefused as `announce`.
    """
    with revision(actor=by.actor, now=now, why="announced") as draft:
        group = _activity(by, record)
        _say(draft, group, _said(announced, now), announced.touched or frozenset())


def change_dates(*, by: Answerer, record: int, change: Changing, now: datetime) -> None:
    """Change what is said of single dates; `change` is given the recurrence that stands, and returns another.

    Raises: ProofNeeded, NotTheirs as `announce`.
    """
    with revision(actor=by.actor, now=now, why="announced") as draft:
        group = _activity(by, record)
        before = (self_body(uid=group.facts.uid, now=now) or {}).get("recurrence")
        after = change(before if isinstance(before, dict) else {})
        if after != before:
            _say(draft, group, [Said("recurrence", after)] if after else [], {"recurrence"})


def set_status(*, by: Answerer, record: int, status: str, now: datetime) -> None:
    """Say of all dates that they take place, are cancelled, full and so on.

    Raises: ProofNeeded, NotTheirs as `announce`.
    """
    with revision(actor=by.actor, now=now, why="announced") as draft:
        _say(draft, _activity(by, record), [Said("status", status)], {"status"})


def confirm(*, by: Answerer, record: int, now: datetime) -> None:
    """Say of an activity that lists tell that it is the organiser's: nothing else, so that lists can still move it.

    Raises: ProofNeeded, NotTheirs as `announce`.
    """
    with revision(actor=by.actor, now=now, why="confirmed") as draft:
        group, organiser = _activity(by, record), _organiser(by)
        if organiser.facts.kind == "organisation":
            state(draft, record_id=record, said=[_named(organiser)], origin=Origin.SUBJECT)
        draft.enter("record.announced", about=[About(each) for each in group.members], properties=[_ORGANISER])


def withdraw(*, by: Answerer, record: int, now: datetime) -> None:
    """Show an activity to nobody any more, whatever lists say: it leaves everybody who received it (laws 3 and 4).

    Raises: ProofNeeded, NotTheirs as `announce`.
    """
    _decide(by, record, shows=False, now=now)


def show_again(*, by: Answerer, record: int, may_decide: bool, now: datetime) -> None:
    """Take a withdrawal back: the default, or what was decided of single properties, holds again.

    Whoever may only correct takes back what they withdrew themselves, and nobody else's word.

    Raises:
        ProofNeeded: a link alone shows nothing, nor does a mandate to correct what somebody else decided.
        NotTheirs: as `announce`.
    """
    _decide(by, record, shows=None, now=now, own_alone=not may_decide)


def _decide(by: Answerer, record: int, *, shows: bool | None, now: datetime, own_alone: bool = False) -> None:
    with revision(actor=by.actor, now=now, why="withdrawn" if shows is False else "shown again") as draft:
        ensure_audiences()
        group = _activity(by, record)
        if own_alone and deciders_of(group.members) - {by.actor}:
            raise ProofNeeded("Somebody else decided that it is not shown.")
        wishes = [(each, Wish(key, shows)) for each in group.members for key in shown_audiences([group])]
        decide_many(draft, wishes=wishes, reason="", context=by.context)


def _say(draft: Draft, group: Group, said: Sequence[Said], touched: Collection[str]) -> None:
    record, names = group.facts.id, {each.property for each in said}
    if said:
        state(draft, record_id=record, said=said, origin=Origin.SUBJECT)
    _forget(draft, group, {*names, *touched}, except_for=record if said else None, kept=names)
    unite(draft, record_ids=[record])
    changed = sorted({*names, *touched})
    draft.enter("record.announced", about=[About(each) for each in group.members], properties=changed)


def _organiser(by: Answerer) -> Group:
    if not may_widen(by.proof):
        raise ProofNeeded("A link alone cannot publish anything.")
    found = groups_of(by.subject_uid)
    if not found:
        raise NotTheirs("There is no such organiser.")
    return found[0]


def _activity(by: Answerer, record: int) -> Group:
    if not may_widen(by.proof):
        raise ProofNeeded("A link alone cannot publish anything.")
    groups = groups_of(by.subject_uid)
    found = next((each for each in groups if each.facts.id == record and each.facts.kind == KIND), None)
    if found is None:
        raise NotTheirs("This is no activity of theirs.")
    return found


def _named(organiser: Group) -> Said:
    return Said(_ORGANISER, str(organiser.facts.uid), refers=organiser.facts.id)


def _said(announced: Announced, now: datetime) -> list[Said]:
    """Return what was typed as statements. Where a refuge is, `unite` withholds as in its own record."""
    kind = kind_named(KIND)
    given = [
        Said(name, each, position=place)
        for name, value in announced.values.items()
        for place, each in enumerate(value if kind.property(name).many else [value])
    ]
    read = read_cells(kind, announced.cells, now, whole_texts=announced.whole_texts).said
    found = [*(each for each in read if each.property not in announced.values), *given]
    return [each for each in found if announced.touched is None or each.property in announced.touched]


def _forget(
    draft: Draft, group: Group, properties: Collection[str], *, except_for: int | None, kept: Collection[str]
) -> None:
    """End what the organiser said of some properties before, on every record that is this one."""
    own = own_words_of(group)
    for member in group.members:
        ending = [name for name in sorted(properties) if name in own and not (member == except_for and name in kept)]
        if ending:
            retract(draft, record_id=member, properties=ending, origin=Origin.SUBJECT)
    gone = sorted(name for name in properties if name in own and name not in kept)
    draft.withdraw(*(Withdrawal(RETRACTED, group.facts.uid, (name,)) for name in gone))
