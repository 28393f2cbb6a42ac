"""From compared pairs to at most one merge for each record; everything doubtful goes to the review list.

Here stand the rules that no comparison of two profiles can see: one list never has its own records merged, records
that differ in disclosed existence stay apart, and what a person said outranks every score.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from datacoop.linking.existence import publicly_known
from datacoop.linking.groups import Groups, Judgements
from datacoop.linking.indexing import Index
from datacoop.linking.matching import Found, Pairing
from datacoop.linking.rules.comparing import SAME, Reason, conflict
from datacoop.linking.rules.profiles import Profile
from datacoop.records.queries import uids_of

#: A record that resembles very many is shown with the likeliest ones.
_LOOK_ALIKES_EACH = 5


@dataclass(frozen=True)
class Match:
    """The record is the same real organisation as the survivor, and what they have in common, in codes."""

    record_id: int
    survivor_id: int
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Resemblance:
    """Two records for the review list, and what forbids that they are one without a person."""

    pairing: Pairing
    veto: str | None = None


@dataclass(frozen=True)
class Offering:
    """A record of the open contribution. `published`: the public will know of it; `is_new`: nobody knew it before."""

    profile: Profile
    source_id: int
    published: bool
    is_new: bool


class Chooser:
    """The decisions of one batch."""

    def __init__(self, index: Index, compared: Found, *, taken: dict[int, int], now: datetime) -> None:
        """Read groups, judgements and existence of everybody compared; `taken` is who took a survivor already."""
        found, self._unlike = compared.pairings, compared.unlike
        ids = {pairing.record_id for pairing in found} | {pairing.other_id for pairing in found}
        self._groups = Groups(ids)
        ids |= self._groups.everybody()
        self._standing = index.of_records(ids)
        self._judged = Judgements(ids)
        self._taken = taken
        heads = {self._groups.root(p.other_id) for p in found if p.verdict == SAME}
        heads |= {p.record_id for p in found if p.verdict == SAME}
        self._known = publicly_known(uids_of(heads), now=now)

    def choose(self, offering: Offering, found: Sequence[Pairing]) -> tuple[Match | None, list[Resemblance]]:
        """Return the merge of one record, if any, and the resemblances left to people."""
        same: dict[int, Pairing] = {}
        doubtful: list[Resemblance] = []
        for pairing in sorted(found, key=lambda p: (-p.weight, p.other_id)):
            said = self._judged.between(self._groups.members(pairing.record_id), self._groups.members(pairing.other_id))
            head = self._groups.root(pairing.other_id)
            if head == self._groups.root(pairing.record_id) or said - {"same"}:
                continue
            veto = None if said else self._veto(offering, pairing)
            if self._is_merged(offering.profile.record_id):
                veto = "merged-already"
            if (said or pairing.verdict == SAME) and veto is None:
                same.setdefault(head, pairing)
            else:
                doubtful.append(Resemblance(pairing, veto if pairing.verdict == SAME else None))
        if self._exclude_each_other(same):
            return None, [*(Resemblance(p, "ambiguous") for p in same.values()), *doubtful][:_LOOK_ALIKES_EACH]
        match = self._match(offering, same)
        left = [Resemblance(p, "several") for head, p in same.items() if match and head != match.survivor_id]
        return match, [*left, *doubtful][:_LOOK_ALIKES_EACH]

    def _match(self, offering: Offering, same: Mapping[int, Pairing]) -> Match | None:
        if not same:
            return None
        head = min(same, key=self._rank)
        self._taken[head] = offering.profile.record_id
        return Match(offering.profile.record_id, head, same[head].codes)

    def _exclude_each_other(self, heads: Collection[int]) -> bool:
        """Whether several fit of which no two are one: which of them is meant only a person can say."""
        groups = [[self._standing[m].profile for m in self._groups.members(h) if m in self._standing] for h in heads]
        pairs = ((one, two) for first, second in combinations(groups, 2) for one in first for two in second)
        return any(conflict(one, two) for one, two in pairs)

    def _rank(self, head: int) -> tuple[bool, int, int]:
        """Public first, then the oldest list, then the number."""
        standing = self._standing.get(head)
        return head not in self._known, standing.source_id if standing else 0, head

    def _is_merged(self, record_id: int) -> bool:
        return len(self._groups.members(record_id)) > 1

    def _veto(self, offering: Offering, pairing: Pairing) -> str | None:
        head = self._groups.root(pairing.other_id)
        group = [self._standing[m] for m in self._groups.members(pairing.other_id) if m in self._standing]
        if head in self._taken or any(m.source_id == offering.source_id for m in [*group, pairing.other]):
            return "same-list"
        if self._is_public(offering) != (head in self._known):
            return "other-existence"
        if not self._unlike.get(offering.profile.record_id, set()).isdisjoint(m.profile.record_id for m in group):
            return "unlike-another"
        return next(filter(None, (conflict(offering.profile, member.profile) for member in group)), None)

    def _is_public(self, offering: Offering) -> bool:
        """A record accepted before is as its subject left it; a new one will be as its list is."""
        return offering.published if offering.is_new else offering.profile.record_id in self._known


def explained(found: Sequence[Resemblance]) -> list[tuple[Reason, ...]]:
    """Return the reasons of each, all worked out at once; what forbids is the last of them."""
    told: list[tuple[Reason, ...]] = [()] * len(found)
    batches: dict[int, list[int]] = {}
    for place, each in enumerate(found):
        batches.setdefault(id(each.pairing.judged), []).append(place)
    for places in batches.values():
        judged = found[places[0]].pairing.judged
        for place, reasons in zip(places, judged.reasons([found[p].pairing.at for p in places]), strict=True):
            veto = found[place].veto
            told[place] = (*reasons, Reason(veto, "", 0.0)) if veto else reasons
    return told
