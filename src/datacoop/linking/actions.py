"""Link a contribution while it is staged, judge pairs, refresh the review list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from datacoop.linking.choosing import Chooser, Match, Offering, Resemblance, explained
from datacoop.linking.existence import KIND, publicly_known
from datacoop.linking.groups import Groups, Judgements
from datacoop.linking.indexing import Index
from datacoop.linking.matching import Found, Pairing, compare_batch
from datacoop.linking.models import Judgement, Key, LookAlike, ProfileRow
from datacoop.linking.offering import Offered, offered_from, profile_from
from datacoop.linking.queries import UnknownRecordError
from datacoop.linking.renewing import renew_profiles
from datacoop.records.actions.merging import merge, split
from datacoop.records.actions.revising import Draft, revision
from datacoop.records.actions.staging import Check, unchecked
from datacoop.records.actions.withholding import unite
from datacoop.records.queries import SaidFacts, accepted_numbers, find_record, kinds_of, merges_of, said_of, uids_of
from datacoop.records.tracing import About

Verdict = Literal["same", "different", "part_of", "unsure"]

_WALKED_AT_ONCE = 1000


class JudgementError(ValueError):
    """The judgement makes no sense."""


@dataclass(frozen=True)
class Refreshed:
    """How many records were compared, and how many pairs wait for a person."""

    compared: int
    open: int


class Linker:
    """Links one open contribution. Whatever it stores counts once the contribution is accepted.

    `to_review` counts the pairs found so far that only look alike.
    """

    def __init__(self, *, source_id: int, number: int, kind: str, now: datetime, check: Check = unchecked) -> None:
        """Start, clearing away what an interrupted contribution of the same source left.

        `check` raises, in each transaction that removes, where another contribution has taken over.
        """
        self._own = source_id, number
        self._check = check
        self._links = kind == KIND
        self._now = now
        self._index = Index(self._own)
        self._taken: dict[int, int] = {}
        self.to_review = 0
        if self._links:
            self.abandon()

    def offer(self, batch: Sequence[Offered]) -> list[Match]:
        """Index the records and return those that are the same as an accepted one of another list.

        Pairs that only look alike go to the review list. Write locks are short: comparing happens outside of them.
        """
        if not (self._links and batch):
            return []
        self._index.refresh()
        profiles = [profile_from(offered) for offered in batch]
        ids = [profile.record_id for profile in profiles]
        before = self._index.known_before(ids)
        self._index.store(profiles)
        judged = Judgements(ids)
        found = compare_batch(self._index, profiles, {record: judged.same_as(record) for record in ids})
        offerings = [
            Offering(profile, self._own[0], offered.published, profile.record_id not in before)
            for profile, offered in zip(profiles, batch, strict=True)
        ]
        return self._choose(offerings, found)

    def withdraw(self, record_ids: Sequence[int]) -> None:
        """Let records that vanished from the list stop counting with this contribution."""
        if self._links:
            with transaction.atomic():
                self._index.end(record_ids)

    def put_back(self, record_ids: Sequence[int]) -> None:
        """Index records as the open contribution leaves them, without asking what they are one with: it undoes one."""
        if self._links:
            known = kinds_of(record_ids)
            values: dict[int, list[SaidFacts]] = {r: [] for r in record_ids if known.get(r) == KIND}
            for said in said_of(*self._own, list(values)):
                values[said.record_id].append(said)
            with transaction.atomic():
                self._index.end([r for r in record_ids if not values.get(r)])
                self._index.store([profile_from(offered_from(r, said)) for r, said in values.items() if said])

    def abandon(self) -> None:
        """Remove what this contribution stored."""
        self._index.clear(self._check)
        source, number = self._own
        LookAlike.objects.filter(source_id=source, contribution__gte=number).delete()
        self._taken.clear()

    def _choose(self, offerings: Sequence[Offering], found: Found) -> list[Match]:
        chooser = Chooser(self._index, found, taken=self._taken, now=self._now)
        by_record: dict[int, list[Pairing]] = {}
        for pairing in found.pairings:
            by_record.setdefault(pairing.record_id, []).append(pairing)
        matches: list[Match] = []
        doubtful: list[Resemblance] = []
        for offering in offerings:
            match, left = chooser.choose(offering, by_record.get(offering.profile.record_id, ()))
            matches.extend([match] if match else [])
            doubtful.extend(left)
        source, number = self._own
        rows = _look_alikes(doubtful, self._now, source_id=source, contribution=number)
        self.to_review += len(rows)
        LookAlike.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
        return matches


def judge(*, first: UUID, second: UUID, verdict: Verdict, actor: str, now: datetime) -> None:
    """Remember what a person says of two records, for ever; `same` merges them, `different` and `part_of` split them.

    Raises:
        UnknownRecordError: one of them does not exist.
        JudgementError: both are one uid.
    """
    one, other = find_record(first), find_record(second)
    if one is None or other is None:
        raise UnknownRecordError("There is no such record.")
    if one.id == other.id:
        raise JudgementError("A record is always the same as itself.")
    low, high = sorted((one.id, other.id))
    with revision(actor=actor, now=now, why=f"judged: {verdict}") as draft:
        _obey(draft, low, high, verdict, now)
        Judgement.objects.filter(first=low, second=high, reversed_at__isnull=True).update(reversed_at=now)
        Judgement.objects.create(first=low, second=high, verdict=verdict, actor=actor, at=now)
        draft.enter("linking.judged", about=[About(low), About(high)], verdict=verdict)


def refresh_review(*, now: datetime) -> Refreshed:
    """Compare everything indexed again; pairs no longer alike leave the review list. Nothing is merged."""
    renew_profiles()
    index = Index()
    compared = 0
    for batch in index.walk(_WALKED_AT_ONCE):
        profiles = [indexed.profile for indexed in batch]
        compared += len(profiles)
        found = [p for p in compare_batch(index, profiles).pairings if p.record_id < p.other_id]
        LookAlike.objects.bulk_create(
            _look_alikes([Resemblance(p) for p in _undecided(found)], now),
            update_conflicts=True,
            unique_fields=["first", "second"],
            update_fields=["reasons", "weight", "found_at"],
            batch_size=500,
        )
    _drop_stale(now)
    return Refreshed(compared, LookAlike.objects.filter(state=LookAlike.OPEN).count())


def drop_look_alikes(*, source_id: int, contribution: int) -> None:
    """Take off the review list what a contribution brought there that nobody judged: it is undone."""
    LookAlike.objects.filter(source_id=source_id, contribution=contribution, state=LookAlike.OPEN).delete()


def forget(*, record_ids: Sequence[int]) -> None:
    """Erase everything linking knows of records, and what people judged of them."""
    rows = ProfileRow.objects.filter(record_id__in=record_ids)
    with transaction.atomic():
        Key.objects.filter(profile__in=rows).delete()
        rows.delete()
        ours = Q(first__in=record_ids) | Q(second__in=record_ids)
        LookAlike.objects.filter(ours).delete()
        Judgement.objects.filter(ours).delete()


def _look_alikes(
    found: Sequence[Resemblance], now: datetime, *, source_id: int | None = None, contribution: int | None = None
) -> list[LookAlike]:
    rows = []
    for each, reasons in zip(found, explained(found), strict=True):
        first, second = sorted((each.pairing.record_id, each.pairing.other_id))
        said = [[reason.code, reason.detail, reason.weight] for reason in reasons]
        weight = each.pairing.weight
        rows.append(
            LookAlike(first=first, second=second, reasons=said, weight=weight, found_at=now, source_id=source_id,
                      contribution=contribution)
        )  # fmt: skip
    return rows


def _undecided(found: Sequence[Pairing]) -> Iterable[Pairing]:
    """Leave out pairs that are one already and pairs that somebody judged."""
    ids = {record for p in found for record in (p.record_id, p.other_id)}
    groups = Groups(ids)
    judged = Judgements(ids | groups.everybody())
    for pairing in found:
        ours, theirs = groups.members(pairing.record_id), groups.members(pairing.other_id)
        if ours != theirs and not judged.between(ours, theirs):
            yield pairing


def _drop_stale(now: datetime) -> None:
    accepted = accepted_numbers()
    rows = LookAlike.objects.filter(state=LookAlike.OPEN, found_at__lt=now)
    for source, number in set(rows.values_list("source_id", "contribution")):
        if source is None or (number or 0) <= accepted.get(source, 0):
            rows.filter(source_id=source, contribution=number).delete()


def _obey(draft: Draft, first: int, second: int, verdict: Verdict, now: datetime) -> None:
    groups = Groups([first, second])
    ours, theirs = groups.members(first), groups.members(second)
    if groups.root(first) == groups.root(second):
        if verdict in {"different", "part_of"}:
            split(draft, loser_id=_loser(first, second))
        ours, theirs = {first}, {second}
    elif verdict == "same":
        heads = groups.root(first), groups.root(second)
        survivor = _survivor(heads, now)
        (loser,) = set(heads) - {survivor}
        merge(draft, loser_id=loser, survivor_id=survivor, reason="judged the same")
        unite(draft, record_ids=[survivor])
    across = Q(first__in=ours, second__in=theirs) | Q(first__in=theirs, second__in=ours)
    LookAlike.objects.filter(across).update(state=LookAlike.JUDGED)


def _survivor(heads: tuple[int, int], now: datetime) -> int:
    """Public first, then of the oldest list, then by number."""
    known = publicly_known(uids_of(heads), now=now)
    standing = Index().of_records(heads)
    return min(heads, key=lambda h: (h not in known, standing[h].source_id if h in standing else 0, h))


def _loser(first: int, second: int) -> int:
    """Return whose merge to undo so that two records of one group come apart."""
    merges = merges_of([first, second])
    above, at = set(), first
    while at in merges:
        at = merges[at]
        above.add(at)
    return first if second not in merges or second in above else second
