"""Correct in one place: what whoever is named says of itself, read like a row of a list, wins everywhere (law 5).

It never shows anybody what they did not see before: that is a decision of its own, with a proof of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings

from datacoop.consent.actions import Wish, decide_many
from datacoop.consent.audiences import ensure_audiences
from datacoop.disclosure.describe import self_body
from datacoop.disclosure.own.reserving import is_hidden_by_marks, own_words_of, reserved
from datacoop.disclosure.own.subjects import Group, groups_of
from datacoop.kinds.definition import Kind
from datacoop.kinds.definition import kind as kind_named
from datacoop.pipelines.entering import EntryRefused
from datacoop.pipelines.preparing import Prepared, Preparing
from datacoop.records.actions.revising import Draft, revision
from datacoop.records.actions.stating import retract, state
from datacoop.records.actions.withholding import unite
from datacoop.records.rules import Origin
from datacoop.records.storing import Said
from datacoop.records.tracing import About
from datacoop.records.withdrawals import RETRACTED, Withdrawal
from datacoop.rights.actions.answering import Answerer, NotTheirs, ProofNeeded
from datacoop.rights.rules.answers import may_widen
from datacoop.sources.normalising import Setting
from datacoop.sources.places import default_gazetteer
from datacoop.sources.readers.table import Row
from datacoop.sources.rows import RowReader, StatedValue

Cells = Mapping[str, str | list[str]]
#: Types of which a form has fields for the first value alone.
_ONE_IN_A_FORM = frozenset({"address", "identifier"})

#: Types that are read from an address where nobody says them.
_FOLLOWS_ADDRESS = frozenset({"commune", "point"})


@dataclass(frozen=True)
class Typed:
    """What stands in the form, text (or lines of it) by path, and the properties of which it was changed.

    `whole_texts`: contacts typed into a text stay in it, as whoever decides what the text shows may say (decision
    0017).
    """

    cells: Cells
    touched: frozenset[str]
    whole_texts: bool = False


@dataclass(frozen=True)
class Corrected:
    """What a correction did: the properties said anew, those taken back, and those shown to fewer because of it."""

    said: frozenset[str] = frozenset()
    taken_back: frozenset[str] = frozenset()
    narrowed: frozenset[str] = frozenset()


def correct(*, by: Answerer, record: int, typed: Typed, now: datetime) -> Corrected:
    """Let a subject say of one of its records what was typed; only what was changed is said, in one revision.

    An emptied field takes the subject's own word back. A value that reaches a person, where the one before did not,
    narrows the property to nobody until its subject shows it.

    Raises:
        ProofNeeded: a link alone corrects nothing.
        NotTheirs: it is no record of theirs.
        EntryRefused: a field cannot be read; nothing was saved.
    """
    with revision(actor=by.actor, now=now, why="correction") as draft:
        group = _group(by, record)
        kind = kind_named(group.facts.kind)
        before = self_body(uid=group.facts.uid, now=now) or {}
        typed = _moved(kind, typed, before)
        prepared = read_cells(kind, _without_references(kind, typed.cells), now, whole_texts=typed.whole_texts)
        spoken = _with_the_others(kind, prepared, before)
        changed = _changed(kind, spoken, before) & typed.touched
        said = reserved(group, [s for s in spoken if s.property in changed])
        emptied = (typed.touched - {s.property for s in spoken}) & set(own_words_of(group))
        narrowed = {name for name in changed if is_hidden_by_marks(said, name)}
        if said:
            state(draft, record_id=record, said=said, origin=Origin.SUBJECT)
        _forget(draft, group, {*emptied, *changed}, except_for=record if said else None, kept=changed)
        _tell_taken_back(draft, group, emptied)
        if narrowed:
            ensure_audiences()
            wishes = [(member, Wish("public", False, name)) for member in group.members for name in sorted(narrowed)]
            decide_many(draft, wishes=wishes, reason="", context=by.context)
        unite(draft, record_ids=[record])
        draft.enter("record.corrected", about=[About(each) for each in group.members], properties=sorted(changed))
    return Corrected(frozenset(changed), frozenset(emptied), frozenset(narrowed))


def take_back(*, by: Answerer, record: int, properties: Collection[str], now: datetime) -> frozenset[str]:
    """Take back what a subject said itself of some properties: what others say is seen again. Return which it said.

    Raises: ProofNeeded, NotTheirs as `correct`.
    """
    with revision(actor=by.actor, now=now, why="correction taken back") as draft:
        group = _group(by, record)
        found = frozenset(own_words_of(group)) & frozenset(properties)
        _forget(draft, group, found, except_for=None, kept=frozenset())
        _tell_taken_back(draft, group, found)
        draft.enter("record.corrected", about=[About(each) for each in group.members], properties=sorted(found))
    return found


def _group(by: Answerer, record: int) -> Group:
    if not may_widen(by.proof):
        raise ProofNeeded("A link alone cannot correct what is said.")
    group = next((each for each in groups_of(by.subject_uid) if each.facts.id == record), None)
    if group is None:
        raise NotTheirs("This is not among what you decide about.")
    return group


def _forget(
    draft: Draft, group: Group, properties: Iterable[str], *, except_for: int | None, kept: Collection[str]
) -> None:
    """End what the subject said of some properties on every record that is this one; what was just said stays."""
    names = sorted(properties)
    for member in group.members:
        ending = [name for name in names if not (member == except_for and name in kept)]
        if ending:
            retract(draft, record_id=member, properties=ending, origin=Origin.SUBJECT)


def _tell_taken_back(draft: Draft, group: Group, properties: Iterable[str]) -> None:
    """Tell the log of withdrawals: after a restore neither the word taken back is shown, nor the one it corrected."""
    names = sorted(properties)
    draft.withdraw(*(Withdrawal(RETRACTED, group.facts.uid, (name,)) for name in names))


def _moved(kind: Kind, typed: Typed, before: Mapping[str, object]) -> Typed:
    """Let commune and position follow an address that was changed, unless they were changed as well."""
    types = {prop.name: prop.type for prop in kind.properties}
    if not any(types[name] == "address" for name in typed.touched):
        return typed
    places = {name for name, of in types.items() if of in _FOLLOWS_ADDRESS and name in before} - typed.touched
    cells = {path: text for path, text in typed.cells.items() if path.partition(".")[0] not in places}
    return replace(typed, cells=cells, touched=typed.touched | places)


def _without_references(kind: Kind, cells: Cells) -> Cells:
    """Whom a record belongs to is not corrected in a text field."""
    return {path: text for path, text in cells.items() if kind.property(path.partition(".")[0]).type != "reference"}


def read_cells(kind: Kind, cells: Cells, now: datetime, *, whole_texts: bool) -> Prepared:
    """Return what typed cells say of a record, read like a row of a list. Raises: EntryRefused."""
    gazetteer = default_gazetteer(settings.DATACOOP_DATA_DIR)
    filled: dict[str, object] = {path: text for path, text in cells.items() if text}
    reader = RowReader({path: path for path in cells}, kind, Setting("CH"), gazetteer=gazetteer)
    mapped = reader.read(Row(1, filled))
    if whole_texts:
        mapped.values = [_whole(each) for each in mapped.values]
    prepared = Preparing(kind, {}, gazetteer=gazetteer, now=now).prepare(mapped)
    problems = [each for each in (*mapped.problems, *prepared.problems) if each.column in cells]
    if mapped.rejected or problems:
        raise EntryRefused(tuple(problems or mapped.problems))
    return prepared


def _whole(each: StatedValue) -> StatedValue:
    return each if each.unmasked is None else each._replace(value=each.unmasked, unmasked=None)


def _with_the_others(kind: Kind, prepared: Prepared, before: Mapping[str, object]) -> list[Said]:
    """Return what was typed, with the second and further addresses and the like, of which a form has one only."""
    found = list(prepared.said)
    for name in dict.fromkeys(each.property for each in prepared.said):
        standing = before.get(name)
        if kind.property(name).type in _ONE_IN_A_FORM and isinstance(standing, list):
            place = 1 + max(each.position for each in found if each.property == name)
            found += [Said(name, value, None, place + more) for more, value in enumerate(standing[1:])]
    return found


def _changed(kind: Kind, said: Sequence[Said], before: Mapping[str, object]) -> set[str]:
    spoken: dict[str, list[object]] = {}
    for each in said:
        spoken.setdefault(each.property, []).append(each.value)
    return {
        name
        for name, values in spoken.items()
        if (values if kind.property(name).many else values[0]) != before.get(name)
    }
