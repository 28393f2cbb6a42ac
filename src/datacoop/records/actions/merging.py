"""Merge and split: two records are one real thing, or were not after all."""

from __future__ import annotations

from datacoop.records.actions.revising import Draft
from datacoop.records.actions.withholding import part_by
from datacoop.records.models import Merge
from datacoop.records.queries import merges_of, referring, root_of
from datacoop.records.tracing import About

#: As what a record is in the entry of a merge: part of what its digest is over.
LOSER, SURVIVOR = {"as": "loser"}, {"as": "survivor"}


class MergeError(ValueError):
    """The merge or split asked for makes no sense."""


def merge(draft: Draft, *, loser_id: int, survivor_id: int, reason: str) -> Merge:
    """Make `loser_id` redirect to `survivor_id`. No statement moves: a split restores both to the byte.

    Raises:
        MergeError: both are one record already.
    """
    merges = merges_of([loser_id, survivor_id])
    loser, survivor = root_of(loser_id, merges), root_of(survivor_id, merges)
    if loser == survivor:
        raise MergeError("These two are one record already.")
    made = Merge.objects.create(
        loser_id=loser, survivor_id=survivor, actor=draft.actor, reason=reason, begin_revision=draft.number
    )
    group = {loser, survivor, *(m for m in merges if root_of(m, merges) in {loser, survivor})}
    # Who points to one of them points to the survivor now, which others may see.
    draft.touch(*group, *referring(group))
    draft.enter("records.merged", about=[About(loser, LOSER), About(survivor, SURVIVOR)])
    return made


def split(draft: Draft, *, loser_id: int) -> int:
    """Undo the standing merge of `loser_id`, with what it protected, and return the record it redirected to.

    Raises:
        MergeError: it is not merged.
    """
    standing = Merge.objects.filter(loser_id=loser_id, end_revision__isnull=True).order_by("-id").first()
    if standing is None:
        raise MergeError("This record is not merged into another.")
    merges = merges_of([loser_id])
    standing.end_revision = draft.number
    standing.save(update_fields=["end_revision"])
    part_by(draft, standing)
    group = {loser_id, standing.survivor_id, *merges, *merges.values()}
    draft.touch(*group, *referring(group))
    draft.enter("records.split", about=[About(loser_id, LOSER), About(standing.survivor_id, SURVIVOR)])
    return standing.survivor_id


def rejoin(draft: Draft, *, merge_id: int) -> Merge:
    """Make a merge again that a split ended, as the contribution it came with made it, if it came with one.

    Raises:
        MergeError: both are one record already, or the loser redirects to another now.
    """
    ended = Merge.objects.get(id=merge_id)
    merges = merges_of([ended.loser_id, ended.survivor_id])
    if ended.loser_id in merges or root_of(ended.survivor_id, merges) == ended.loser_id:
        raise MergeError("These two cannot be made one again.")
    made = merge(draft, loser_id=ended.loser_id, survivor_id=ended.survivor_id, reason=ended.reason)
    made.source_id, made.begin_contribution, made.actor = ended.source_id, ended.begin_contribution, ended.actor
    made.save(update_fields=["source_id", "begin_contribution", "actor"])
    return made
