"""Of whom lists speak: accepted contributions and the subjects of their records. Numbers, never a value."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.sql import placeholders, select
from datacoop.records.queries import accepted_numbers, load, merges_of, records_about, root_of, uids_of
from datacoop.records.rules import is_natural
from datacoop.sources.models import Contribution, Holder, SourceList

_SUBJECTS = "SELECT id, kind, subject_id FROM records_record WHERE id IN ({})"


@dataclass(frozen=True)
class AcceptedList:
    """A list of a holder (both by number), and its last accepted contribution."""

    source_id: int
    holder_id: int
    number: int


def lists_accepted() -> list[AcceptedList]:
    """Return every list of which anything was ever accepted, by number."""
    numbers = accepted_numbers()
    rows = SourceList.objects.order_by("source_id").values_list("source_id", "holder_id")
    return [AcceptedList(source, holder, numbers[source]) for source, holder in rows if numbers.get(source)]


def accepted_at(source_id: int, number: int) -> datetime | None:
    """Return when a contribution was accepted, None if it was not."""
    rows = Contribution.objects.filter(source_id=source_id, number=number, accepted_at__isnull=False)
    return rows.order_by("-id").values_list("accepted_at", flat=True).first()


def sources_of(holder_id: int) -> list[int]:
    """Return the lists of a holder, by number."""
    rows = SourceList.objects.filter(holder_id=holder_id).order_by("source_id")
    return list(rows.values_list("source_id", flat=True))


def lists_of(holder: uuid.UUID) -> list[int]:
    """Return the lists of a holder named by its uid."""
    rows = SourceList.objects.filter(holder__uid=holder).order_by("source_id")
    return list(rows.values_list("source_id", flat=True))


@dataclass(frozen=True)
class HolderOfLists:
    """A holder, and those of the lists asked about that it keeps."""

    id: int
    uid: uuid.UUID
    name: str
    sources: tuple[int, ...]


def holders_of_lists(source_ids: Collection[int]) -> list[HolderOfLists]:
    """Return who keeps some lists, by number; lists that nobody registered are left out."""
    rows = SourceList.objects.filter(source_id__in=list(source_ids)).select_related("holder").order_by("source_id")
    found: dict[int, HolderOfLists] = {}
    for row in rows:
        before = found.get(row.holder_id)
        kept = (*(before.sources if before else ()), row.source_id)
        found[row.holder_id] = HolderOfLists(row.holder_id, row.holder.uid, row.holder.name, kept)
    return [found[number] for number in sorted(found)]


def holder_uids(holder_ids: Collection[int]) -> dict[int, uuid.UUID]:
    """Return the uid of holders by number."""
    rows = SourceList.objects.filter(holder_id__in=list(holder_ids)).values_list("holder_id", "holder__uid")
    return dict(rows)


def holder_names() -> dict[int, str]:
    """Return the name of every holder by number."""
    return dict(SourceList.objects.values_list("holder_id", "holder__name"))


def uids_by_number(record_ids: Collection[int]) -> dict[int, uuid.UUID]:
    """Return the uid of records by number, and, for one merged into another, that of the survivor."""
    roots = groups_of(record_ids)
    uids = uids_of(set(roots.values()))
    return {number: uids[root] for number, root in roots.items() if root in uids}


def subjects_spoken_of(record_ids: Collection[int]) -> dict[int, bool]:
    """Return the subjects of some records, by number: whether each is a natural person."""
    if not record_ids:
        return {}
    rows = select(_SUBJECTS.format(placeholders(record_ids)), list(record_ids))
    natural = {kind: is_natural(kind_named(kind)) for kind in {row[1] for row in rows}}
    return {subject or record: natural[kind] for record, kind, subject in rows}


def groups_of(record_ids: Collection[int]) -> dict[int, int]:
    """Return by record the number of the one it is merged into, itself where it stands alone."""
    merges = merges_of(record_ids) if record_ids else {}
    return {each: root_of(each, merges) for each in record_ids}


def holder_number(holder: uuid.UUID) -> int | None:
    """Return the number of a holder named by its uid, also one that never shared a list."""
    return Holder.objects.filter(uid=holder).values_list("pk", flat=True).first()


def records_spoken_of(subject_ids: Collection[int], source_id: int) -> list[int]:
    """Return the records about some subjects, with all that is one with them, of which a list says anything now."""
    if not subject_ids:
        return []
    merges = merges_of(subject_ids)
    everybody = {*subject_ids, *merges, *merges.values()}
    records = records_about(everybody)
    found = load(records)
    return sorted(
        {s.record_id for each in found.values() for s in each.statements if s.source and s.source.id == source_id}
        & set(records)
    )
