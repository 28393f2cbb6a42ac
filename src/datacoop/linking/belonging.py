"""Umbrella and section: what a person said is part of what, kept as a statement of the part's record.

A statement like others: it outlives imports, follows merges, and the gate leaves it out for whoever does not know both.
"""

from __future__ import annotations

from collections.abc import Collection

from datacoop.linking.indexing import Index
from datacoop.records.actions.revising import Draft
from datacoop.records.actions.stating import Said, retract, state
from datacoop.records.queries import load, uids_of
from datacoop.records.rules import Origin

PROPERTY = "part_of"


def relate(draft: Draft, first: int, second: int, *, part: int | None = None) -> None:
    """Let `part`, one of two records, belong to the other; unsaid, the names tell which it is."""
    part = _part_among(first, second) if part is None else part
    belong(draft, part=part, whole=second if part == first else first)


def _part_among(first: int, second: int) -> int:
    """Return which of two is the part: whose name says a section, else the longer name, else the second."""
    standing = Index().of_records([first, second])

    def said(record: int) -> tuple[int, int]:
        profile = standing[record].profile if record in standing else None
        return (len(profile.parts), len(profile.name)) if profile else (0, 0)

    return first if said(first) > said(second) else second


def belong(draft: Draft, *, part: int, whole: int) -> None:
    """Say that a record is part of another, besides what it is part of already."""
    parents = _parents(part)
    if whole not in parents:
        _say(draft, part, [*parents, whole])


def belong_no_more(draft: Draft, *, ours: Collection[int], theirs: Collection[int]) -> None:
    """Take back that any of some records is part of any of others, either way."""
    for part in {*ours, *theirs}:
        others = set(theirs if part in ours else ours)
        parents = _parents(part)
        if left := [each for each in parents if each not in others]:
            if left != parents:
                _say(draft, part, left)
        elif parents:
            retract(draft, record_id=part, properties=[PROPERTY], origin=Origin.STEWARD)


def _say(draft: Draft, part: int, parents: Collection[int]) -> None:
    uids = uids_of(parents)
    said = [Said(PROPERTY, str(uids[each]), position=at, refers=each) for at, each in enumerate(parents)]
    state(draft, record_id=part, said=said, origin=Origin.STEWARD)


def _parents(part: int) -> list[int]:
    """What stewards said that the record itself, nobody merged with it, is part of."""
    said = [
        each
        for facts in load([part]).values()
        for each in facts.statements
        if each.record_id == part and each.property == PROPERTY and each.origin == Origin.STEWARD
    ]
    in_order = sorted(said, key=lambda each: each.position)
    return list(dict.fromkeys(each.refers for each in in_order if each.refers is not None))
