"""A judgement is taken back: what it merged comes apart, what it split is one again, and it no longer counts."""

from __future__ import annotations

from datetime import datetime

from datacoop.linking.actions import JudgementError
from datacoop.linking.awaiting import await_again
from datacoop.linking.belonging import belong_no_more, relate
from datacoop.linking.groups import Groups, Judgements, across
from datacoop.linking.models import Judgement, LookAlike
from datacoop.linking.queries import standing_among
from datacoop.linking.settling import settle_around
from datacoop.records.actions.merging import rejoin, split
from datacoop.records.actions.revising import Draft, revision
from datacoop.records.actions.withholding import unite_by
from datacoop.records.queries import MergeFacts, merges_ever
from datacoop.records.tracing import About


def take_back(*, judgement_id: int, actor: str, now: datetime) -> None:
    """Undo what somebody said of two groups at once; what it replaced counts again, what looks alike is asked again.

    What happened since stays: a merge that somebody else undid, or a record that no list names any more.

    Raises:
        JudgementError: it does not stand, or not any more.
    """
    with revision(actor=actor, now=now, why="judgement taken back") as draft:
        row = Judgement.objects.filter(pk=judgement_id, reversed_at__isnull=True).first()
        if row is None:
            raise JudgementError("This judgement does not stand any more.")
        said = list(Judgement.objects.filter(at=row.at, actor=row.actor, verdict=row.verdict, reversed_at__isnull=True))
        for each in said:
            _reverse(draft, each, now)
        _undo(draft, row)
        for each in said:
            _ask_again(each.first, each.second)
        await_again(draft, {record for each in said for record in (each.first, each.second)})
        draft.enter("linking.judged", about=[About(row.first), About(row.second)], verdict="taken back")
    settle_around({row.first, row.second}, now=now)


def _reverse(draft: Draft, row: Judgement, now: datetime) -> None:
    """Let the judgement of a pair count no more, and the one that it replaced count again."""
    Judgement.objects.filter(pk=row.pk).update(reversed_at=now)
    if row.verdict == "part_of":
        belong_no_more(draft, ours={row.first}, theirs={row.second})
    replaced = Judgement.objects.filter(first=row.first, second=row.second, reversed_at=row.at).order_by("-id").first()
    if replaced is None:
        return
    Judgement.objects.filter(pk=replaced.pk).update(reversed_at=None)
    if replaced.verdict == "part_of":
        relate(draft, row.first, row.second)


def _undo(draft: Draft, row: Judgement) -> None:
    """Split what the judgement merged, as far as it is merged, and merge again what it split."""
    groups = Groups([row.first, row.second])
    ever = merges_ever({row.first, row.second, *groups.members(row.first), *groups.members(row.second)})
    made = {(m.loser_id, m.survivor_id) for m in ever if m.begun_at == row.at and m.actor == row.actor}
    for each in ever:
        if each.ended_at is None and (each.loser_id, each.survivor_id) in made:
            split(draft, loser_id=each.loser_id)
    again = [each for each in ever if each.ended_at == row.at]
    standing = standing_among({record for each in again for record in (each.loser_id, each.survivor_id)}).keys()
    for each in again:
        if _may_rejoin(each) and {each.loser_id, each.survivor_id} <= standing:
            unite_by(draft, rejoin(draft, merge_id=each.id))


def _may_rejoin(each: MergeFacts) -> bool:
    """Whether neither was merged elsewhere meanwhile, nor both with each other."""
    groups = Groups([each.loser_id, each.survivor_id])
    return groups.root(each.loser_id) == each.loser_id and groups.root(each.survivor_id) != each.loser_id


def _ask_again(first: int, second: int) -> None:
    """Put back on the review list what looks alike across both, where nobody's word stands between them."""
    groups = Groups([first, second])
    ours, theirs = groups.members(first), groups.members(second)
    if ours == theirs or Judgements(ours | theirs).between(ours, theirs):
        return
    LookAlike.objects.filter(across(ours, theirs), state=LookAlike.JUDGED).update(state=LookAlike.OPEN)
