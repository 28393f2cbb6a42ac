"""Reading what is known of holders and their lists: names, states and counts, never a value."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max, Q, QuerySet

from datacoop.lib.sql import placeholders, select
from datacoop.records.queries import (
    ContactUse,
    accepted_numbers,
    contact_uses,
    kinds_of,
    merges_of,
    root_of,
    subjects_of,
    uids_of,
    uses_of_contacts,
)
from datacoop.records.rules import PERSONAL_MARKS, Marked
from datacoop.sources.models import Contribution, Row, SourceList

#: The state of a contribution that is under way, or was killed.
STAGING = "staging"
_ROWS = "SELECT key, record_id, content, next_content, next_contribution FROM sources_row"


@dataclass(frozen=True)
class ListFacts:
    """One list of a holder."""

    source_id: int
    holder: str
    name: str
    kind: str
    country: str
    mapping: Mapping[str, str | None]
    last_at: datetime | None
    last_counts: Mapping[str, int]


@dataclass(frozen=True)
class Opened:
    """A contribution under way: its number among those of the list, and in the table of all."""

    source_id: int
    number: int
    pk: int


@dataclass(frozen=True)
class RowFacts:
    """One known row: its record, and the digest of what it says in the last accepted contribution (empty: gone)."""

    record_id: int
    content: bytes


def list_lists() -> list[ListFacts]:
    """Return every list that was accepted or described, with its last accepted contribution, by holder and name."""
    accepted = Contribution.objects.filter(state="accepted")
    newest = accepted.order_by().values("source_id").annotate(newest=Max("id")).values("newest")
    last = {each.source_id: each for each in accepted.filter(id__in=newest)}
    rows = SourceList.objects.filter(Q(source_id__in=last) | Q(kept=True)).select_related("holder")
    return [_facts(row, last.get(row.source_id)) for row in rows.order_by("holder__name", "name")]


def _facts(row: SourceList, last: Contribution | None) -> ListFacts:
    counts = last.report.get("counts", {}) if last else {}
    at = last.accepted_at if last else None
    return ListFacts(row.source_id, row.holder.name, row.name, row.kind, row.country, row.mapping, at, counts)


def find_list(*, holder: str, kind: str, name: str | None = None) -> ListFacts | None:
    """Return the holder's list of that name, or its only list of the kind; None where there is none, or several."""
    rows = SourceList.objects.filter(holder__name=holder, kind=kind).select_related("holder")
    found = list(rows if name is None else rows.filter(name=name))
    if len(found) != 1:
        return None
    accepted = Contribution.objects.filter(source_id=found[0].source_id, state="accepted")
    return _facts(found[0], accepted.order_by("-id").first())


def lists_of_holder(holder: str) -> list[ListFacts]:
    """Return every list of a holder, by name, those that were described but never accepted among them."""
    rows = SourceList.objects.filter(holder__name=holder).select_related("holder").order_by("name", "kind")
    return [get_list(row.source_id) for row in rows]


def get_list(source_id: int) -> ListFacts:
    """Return a list by its number. Raises: SourceList.DoesNotExist."""
    row = SourceList.objects.select_related("holder").get(source_id=source_id)
    accepted = Contribution.objects.filter(source_id=source_id, state="accepted")
    return _facts(row, accepted.order_by("-id").first())


def accepted_number(source_id: int) -> int:
    """Return the number of the last accepted contribution of a list, 0 before the first."""
    return accepted_numbers().get(source_id, 0)


def find_list_of(source_id: int) -> ListFacts | None:
    """Return a list by its number, None where there is none."""
    return get_list(source_id) if SourceList.objects.filter(source_id=source_id).exists() else None


def list_under_way(*, before: datetime) -> list[tuple[Opened, str]]:
    """Return contributions that began before then and did not end, with the kind of their list."""
    rows = Contribution.objects.filter(state=STAGING, received_at__lt=before).order_by("id")
    kinds = dict(SourceList.objects.values_list("source_id", "kind"))
    return [(Opened(r.source_id, r.number, r.pk), kinds[r.source_id]) for r in rows if r.source_id in kinds]


def last_accepted_digest(source_id: int) -> str | None:
    """Return the SHA-256 of the file accepted last, None before the first."""
    rows = Contribution.objects.filter(source_id=source_id, state="accepted").order_by("-id")
    return rows.values_list("sha256", flat=True).first()


def count_rows(source_ids: Collection[int]) -> dict[int, int]:
    """Return list → how many rows it holds since its last accepted contribution, whatever came in that one."""
    accepted = accepted_numbers()
    return {each: _present(each, accepted.get(each, 0)).count() for each in source_ids}


def _present(source_id: int, accepted: int) -> QuerySet[Row]:
    """The rows that `_said` finds to say anything."""
    next_holds = Q(next_contribution__lte=accepted)
    before_holds = Q(next_contribution__isnull=True) | Q(next_contribution__gt=accepted)
    here = next_holds & Q(next_content__gt=b"") | before_holds & Q(content__gt=b"")
    return Row.objects.filter(here, source_id=source_id)


def known_rows(source_id: int, keys: Collection[bytes], *, accepted: int) -> dict[bytes, RowFacts]:
    """Return the known rows among `keys`, as of the accepted contribution."""
    found: dict[bytes, RowFacts] = {}
    every = list(keys)
    for start in range(0, len(every), 1000):
        part = every[start : start + 1000]
        for row in select(f"{_ROWS} WHERE source_id = %s AND key IN ({placeholders(part)})", [source_id, *part]):
            key, record_id, *said = row
            found[bytes(key)] = RowFacts(record_id, _said(*said, accepted=accepted))
    return found


def present_records(source_id: int, *, accepted: int) -> dict[str, set[int]]:
    """Return kind → records of the rows that are in the list as of the accepted contribution."""
    found: dict[str, set[int]] = {}
    batch: list[int] = []
    for row in Row.objects.filter(source_id=source_id).iterator(chunk_size=5000):
        if _content(row, accepted):
            batch.append(row.record_id)
        if len(batch) == 5000:
            _by_kind(batch, found)
            batch = []
    _by_kind(batch, found)
    return found


def _by_kind(record_ids: list[int], found: dict[str, set[int]]) -> None:
    for record_id, kind in kinds_of(record_ids).items():
        found.setdefault(kind, set()).add(record_id)


def keys_of(source_id: int, record_ids: Collection[int]) -> dict[int, bytes]:
    """Return record → key of rows of a list."""
    rows = Row.objects.filter(source_id=source_id, record_id__in=list(record_ids))
    return {record_id: bytes(key) for record_id, key in rows.values_list("record_id", "key")}


def _content(row: Row, accepted: int) -> bytes:
    return _said(row.content, row.next_content, row.next_contribution, accepted=accepted)


def _said(
    content: bytes | memoryview, next_content: bytes | memoryview | None, number: int | None, *, accepted: int
) -> bytes:
    told = (next_content or b"") if number is not None and number <= accepted else content
    return bytes(told)


def record_of_key(source_id: int, key: bytes) -> uuid.UUID | None:
    """Return the record a row of a list became, by the digest of its key."""
    found = Row.objects.filter(source_id=source_id, key=key).values_list("record_id", flat=True).first()
    return uids_of([found]).get(found) if found is not None else None


def lists_beside(source_id: int) -> dict[str, list[int]]:
    """Return kind → numbers of the lists of the same holder."""
    holder = SourceList.objects.filter(source_id=source_id).values("holder")
    found: dict[str, list[int]] = {}
    for kind, number in (
        SourceList.objects.filter(holder__in=holder).order_by("source_id").values_list("kind", "source_id")
    ):
        found.setdefault(kind, []).append(number)
    return found


@dataclass
class Statements:
    """Statements to mark: staged ones, and ones that stand."""

    staged: list[int] = field(default_factory=list)
    standing: list[int] = field(default_factory=list)

    def add(self, use: ContactUse) -> None:
        """Take in the statement of a use."""
        (self.staged if use.staged else self.standing).append(use.statement_id)


@dataclass(frozen=True)
class CommonContact:
    """A contact that serves several: whom, which records stage it, and the statements that carry it unmarked."""

    digest: bytes
    subjects: tuple[int, ...]
    staged: frozenset[int]
    unmarked: Statements


@dataclass
class CommonContacts:
    """Contacts that serve several, and by mark those that are personal in another statement about the same subject."""

    shared: list[CommonContact] = field(default_factory=list)
    personal: dict[str, Statements] = field(default_factory=dict)


@dataclass(frozen=True)
class TakenBack:
    """What the open contribution takes back at its acceptance: marks by statement, and merges, loser → survivor."""

    marks: Mapping[int, Marked] = field(default_factory=dict)
    merges: Mapping[int, int] = field(default_factory=dict)

    def mark_of(self, use: ContactUse) -> str:
        """Return the mark a statement will have."""
        marked = self.marks.get(use.statement_id)
        return marked.before if marked is not None and marked.after == use.mark else use.mark


NOTHING_TAKEN_BACK = TakenBack()


def contacts_in_common(
    source_id: int, number: int, merges: Mapping[int, int], back: TakenBack = NOTHING_TAKEN_BACK
) -> Iterator[CommonContacts]:
    """Yield, in batches, what the contacts staged have in common with others. `merges` are those staged."""
    for uses in contact_uses(source_id, number):
        yield _in_common(uses, merges, back)


def contacts_still_in_common(digests: Collection[bytes]) -> CommonContacts:
    """Return what these contacts have in common with others as things stand."""
    return _in_common(uses_of_contacts(digests), {}, NOTHING_TAKEN_BACK)


def _in_common(uses: Mapping[bytes, list[ContactUse]], merges: Mapping[int, int], back: TakenBack) -> CommonContacts:
    subjects = subjects_of({u.record_id for found in uses.values() for u in found})
    standing = merges_of(set(subjects.values()))
    joined = {**{i: into for i, into in standing.items() if back.merges.get(i) != into}, **merges}
    batch = CommonContacts()
    for contact, found in uses.items():
        roots = {u.statement_id: root_of(subjects[u.record_id], joined) for u in found}
        marks = {roots[u.statement_id]: back.mark_of(u) for u in found if back.mark_of(u) in PERSONAL_MARKS}
        unmarked = Statements()
        for use in found:
            mark = marks.get(roots[use.statement_id])
            if not back.mark_of(use):
                (batch.personal.setdefault(mark, Statements()) if mark else unmarked).add(use)
        by_root = {roots[u.statement_id]: subjects[u.record_id] for u in found}
        if len(by_root) > 1:
            staged = frozenset(u.record_id for u in found if u.staged)
            batch.shared.append(CommonContact(contact, tuple(by_root.values()), staged, unmarked))
    return batch


def uids(record_ids: Collection[int]) -> dict[int, uuid.UUID]:
    """Return uid by record number."""
    found: dict[int, uuid.UUID] = {}
    every = list(record_ids)
    for start in range(0, len(every), 500):
        found.update(uids_of(every[start : start + 500]))
    return found
