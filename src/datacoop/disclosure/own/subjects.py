"""Which records a subject decides about: its own and those of its roles, each with everything merged into it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from datacoop.consent.actions import Wish
from datacoop.consent.queries import audience_keys, rulings_of, together
from datacoop.consent.rules import COOPERATORS, PUBLIC, Rulings, Word
from datacoop.records.queries import find_record, load, merges_of, records_about, root_of, uids_of
from datacoop.records.rules import RecordFacts


@dataclass(frozen=True)
class Group:
    """Records that are one, under the number of the survivor."""

    facts: RecordFacts
    rulings: Rulings

    @property
    def members(self) -> tuple[int, ...]:
        """All numbers, the survivor's first."""
        return (self.facts.id, *self.facts.members)


def group_of(subject: uuid.UUID) -> frozenset[int]:
    """Return the numbers of a subject's record and of all that are the same real thing; none where there is none."""
    record = find_record(subject)
    if record is None:
        return frozenset()
    merges = merges_of([record.id])
    root = root_of(record.id, merges)
    return frozenset({root, *(each for each in merges if root_of(each, merges) == root)})


def uids_of_subjects(numbers: Collection[int]) -> dict[int, uuid.UUID]:
    """Return uid by number of subjects: an id, no value."""
    return uids_of(numbers)


def groups_of(subject: uuid.UUID) -> list[Group]:
    """Return every record about a subject in every role, those it stands for itself first, then by kind and number."""
    own = group_of(subject)
    if not own:
        return []
    facts = load(records_about(own))
    rulings = rulings_of(list(facts))
    roots = [each for each in facts.values() if each.merged_into is None]
    roots.sort(key=lambda each: (each.id not in own, each.kind, each.id))
    return [Group(each, together(rulings, (each.id, *each.members))) for each in roots]


def spread(wishes: Sequence[tuple[int, Wish]], groups: Iterable[Group]) -> list[tuple[int, Wish]]:
    """Return wishes about survivors as wishes about all that is one with them: so they outlive a split.

    Those about records that are not among the groups are left out.
    """
    members = {group.facts.id: group.members for group in groups}
    return [(member, wish) for record, wish in wishes for member in members.get(record, ())]


def known_audiences() -> dict[str, int]:
    """Return number by key of the audiences there are, the first two also before anybody decided."""
    return {"public": PUBLIC, "cooperators": COOPERATORS, **{key: number for number, key in audience_keys().items()}}


def words_of(wishes: Sequence[tuple[int, Wish]], audiences: Mapping[str, int]) -> list[Word]:
    """Return wishes, spread already, as the rules take them. Raises: KeyError for an audience nobody made yet."""
    return [
        Word(record, wish.property or "", audiences[wish.audience], wish.shows, wish.until) for record, wish in wishes
    ]
