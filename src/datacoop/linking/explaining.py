"""Why two records are one, and why look-alikes are not: in codes and weights, for `wording` to say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice, product
from uuid import UUID

from datacoop.linking.activities import KIND as ACTIVITY
from datacoop.linking.activities import Activities
from datacoop.linking.existence import publicly_known
from datacoop.linking.groups import Groups, across
from datacoop.linking.indexing import Index
from datacoop.linking.matching import compare_those_standing
from datacoop.linking.models import Judgement, LookAlike
from datacoop.linking.partitioning import Pair, pair_of
from datacoop.linking.queries import VETOES, UnknownRecordError, standing_among
from datacoop.linking.rules.comparing import DIFFERENT, SAME, Reason, Verdict
from datacoop.linking.rules.scoring import scorer
from datacoop.linking.standing import Compared
from datacoop.records.queries import kinds_of, uids_of
from datacoop.records.rules import id_of

#: So many pairs of two groups are compared, no more.
_MOST_COMPARED = 25
_FORBIDDING = ("other-number", "shared-number", "other-part", "one-list")


@dataclass(frozen=True)
class Said:
    """What a person said of two records: `actor` by number, never by name."""

    verdict: str
    actor: str
    at: datetime


@dataclass(frozen=True)
class Explanation:
    """Why two records are one or not. `weight` is the sum of the reasons' weights, in log2 odds.

    `why_apart` holds keys of the texts (`reasons.…`, `apart.…`), the strongest first, and is empty where they are
    one; `needed` is the weight from which records are merged without a person, None where written rules say it.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    are_one: bool
    why_apart: tuple[str, ...]
    said: tuple[Said, ...]
    needed: float | None

    @property
    def weight(self) -> float:
        """The sum of the reasons."""
        return round(sum(reason.weight for reason in self.reasons), 2)


def explain(first: UUID, second: UUID, *, now: datetime) -> Explanation:
    """Compare two records as they are indexed now, with what their groups, their lists and people say.

    Raises:
        UnknownRecordError: one of them is not indexed.
        Due: something is due that could not be settled.
    """
    one, two = id_of(first), id_of(second)
    groups = Groups([one, two])
    parties = _parties(one, two, groups)
    pairing = parties.compare([pair_of(one, two)])[0]
    are_one = groups.root(one) == groups.root(two)
    said = () if are_one else _said(parties.ours, parties.theirs)
    why: list[str] = []
    if not are_one and pairing.verdict == SAME:
        vetoes = dict.fromkeys((*_stored(parties.ours, parties.theirs), *parties.vetoes(now)))
        why = [f"reasons.{veto}" for veto in vetoes] or ([] if said else ["apart.next"])
    elif not are_one:
        why = _doubts(pairing, needed=parties.needed)
    return Explanation(pairing.verdict, pairing.reasons, are_one, tuple(why), said, parties.needed)


def _parties(one: int, two: int, groups: Groups) -> _Parties:
    """Return both groups, as those of their kind are compared. Raises: UnknownRecordError."""
    kinds = kinds_of([one, two])
    if one == two or len(set(kinds.values())) > 1 or not standing_among([one, two]).keys() >= {one, two}:
        raise UnknownRecordError("Two different records of one kind that lists speak of are needed.")
    ours, theirs = groups.members(one), groups.members(two)
    heads = groups.root(one), groups.root(two)
    if kinds[one] == ACTIVITY:
        return _Parties(Activities().compare, None, *heads, ours, theirs)
    return _Parties(partial(compare_those_standing, Index()), round(scorer().same, 1), *heads, ours, theirs)


def _doubts(pairing: Compared, *, needed: float | None) -> list[str]:
    """Why comparing the two did not say that they are the same."""
    forbidding = [f"reasons.{code}" for code in _FORBIDDING if code in pairing.codes]
    if forbidding:
        return forbidding
    if pairing.verdict == DIFFERENT:
        return ["apart.different"]
    if needed is None:
        return ["apart.title-or-place"]
    return ["apart.too-little" if pairing.weight < needed else "apart.unsupported"]


def _said(ours: Collection[int], theirs: Collection[int]) -> tuple[Said, ...]:
    rows = Judgement.objects.filter(across(ours, theirs), reversed_at__isnull=True).order_by("-at", "-id")
    return tuple(Said(row.verdict, row.actor, row.at) for row in rows)


def _stored(ours: Collection[int], theirs: Collection[int]) -> Iterator[str]:
    """What forbade a merge when one of them came, and only the course of that moment could tell."""
    for row in LookAlike.objects.filter(across(ours, theirs)).order_by("-weight", "id"):
        if row.reasons["veto"] in VETOES:
            yield row.reasons["veto"]


@dataclass(frozen=True)
class _Parties:
    """Two groups whose heads look the same."""

    compare: Callable[[Sequence[Pair]], Sequence[Compared]]
    needed: float | None
    one: int
    two: int
    ours: Collection[int]
    theirs: Collection[int]

    def vetoes(self, now: datetime) -> Iterator[str]:
        """The rules that forbid it now, as the choice of merges has them (`choosing`)."""
        known = publicly_known(uids_of({self.one, self.two}), now=now)
        if (self.one in known) != (self.two in known):
            yield "other-existence"
        pairs = [pair_of(*pair) for pair in islice(product(sorted(self.ours), sorted(self.theirs)), _MOST_COMPARED)]
        forbidden = [each for each in self.compare(pairs) if each.is_apart]
        yield from (code for code in ("other-number", "other-part") if any(code in each.codes for each in forbidden))
        if forbidden:
            yield "unlike-another"
