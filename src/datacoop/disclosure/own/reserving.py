"""What a subject says itself is seen by whoever sees the property, and by nobody more (decision 0032)."""

from __future__ import annotations

from collections.abc import Sequence

from datacoop.consent.rules import NOBODY
from datacoop.disclosure.own.subjects import Group
from datacoop.kinds.definition import kind as kind_named
from datacoop.records.rules import PERSONAL_MARKS, Mark, Origin, State, StatementFacts, is_published
from datacoop.records.storing import Said


def reserved(group: Group, said: Sequence[Said]) -> list[Said]:
    """Return what is to be said of a record with the marks that keep from showing it to anybody new.

    A value that stands there marked already keeps its mark: saying it again is no word on who may see it.
    """
    kept = {
        (s.property, repr(s.value)): s.mark
        for s in group.facts.statements
        if s.mark in PERSONAL_MARKS or s.mark == Mark.WITHHELD
    }
    marks = {name: mark_for(group, name) for name in {each.property for each in said}}
    return [
        each._replace(mark=each.mark or kept.get((each.property, repr(each.value)), "") or marks[each.property])
        for each in said
    ]


def mark_for(group: Group, name: str) -> str:
    """Return the mark of what the subject says of a property: none where everybody sees it whatever may end.

    Else it goes by the words that the values standing there go by, if there are any.
    """
    standing = [s for s in group.facts.statements if s.property == name and s.state == State.LIVE]
    plain = [s for s in standing if s.mark == Mark.NONE]
    if kind_named(group.facts.kind).property(name).default != NOBODY and any(is_published(s) for s in plain):
        return Mark.NONE
    return Mark.OWN if plain or any(s.mark == Mark.OWN for s in standing) else Mark.HELD


def is_hidden_by_marks(said: Sequence[Said], name: str) -> bool:
    """Return whether everything said of a property carries a mark that hides it from whoever sees the property."""
    marks = [each.mark for each in said if each.property == name]
    return bool(marks) and all(mark in PERSONAL_MARKS or mark == Mark.WITHHELD for mark in marks)


def own_words_of(group: Group) -> dict[str, list[StatementFacts]]:
    """Return what the subject itself says of a record, by property."""
    found: dict[str, list[StatementFacts]] = {}
    for s in sorted(group.facts.statements, key=lambda s: (s.property, s.position, s.id)):
        if s.source is None and s.origin == Origin.SUBJECT and s.state == State.LIVE:
            found.setdefault(s.property, []).append(s)
    return found
