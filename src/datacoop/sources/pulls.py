"""How pulling a list goes: when it is due, what came of the last try, which file waits for a steward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from datacoop.sources.fetching import Known
from datacoop.sources.models import HeldFile, SourceList

#: While somebody pulls an address, nobody else does.
CLAIM = timedelta(minutes=30)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=15), timedelta(days=1)
#: A held file is asked about so long; then it is removed, and fetched again when its turn comes.
HELD_FOR = timedelta(days=30)
#: The file the address gives was rejected by a steward: until it gives another one, the list is as old as it is.
REJECTED = "rejected"
#: What the address gave was taken in and undone; it still gives it.
UNDONE = "undone"
#: Another import of the list was at work: it is left alone, and the address asked again at the next turn.
BUSY = "busy"


@dataclass(frozen=True)
class PullFacts:
    """What came of pulling. `good_at`: when the address last gave a list that stands; `problem`: a code, or empty."""

    checked_at: datetime | None
    good_at: datetime | None
    next_at: datetime | None
    failures: int
    problem: str
    detail: str


@dataclass(frozen=True)
class Pullable:
    """A list with an address, and what the server said of the file it gave last."""

    source_id: int
    holder: str
    name: str
    kind: str
    address: str
    known: Known
    sha256: str


@dataclass(frozen=True)
class Held:
    """A pulled file that waits for a steward, and why. It lies in `folder` of the folder of pulled files."""

    source_id: int
    folder: str
    name: str
    sha256: str
    size: int
    fetched_at: datetime
    doubts: Sequence[Mapping[str, Any]]
    counts: Mapping[str, int]


def _pullable(row: SourceList) -> Pullable:
    known = Known(row.etag, row.last_modified)
    return Pullable(row.source_id, row.holder.name, row.name, row.kind, row.address, known, row.pulled_sha256)


def pull_facts(row: SourceList) -> PullFacts:
    """Return what came of pulling a list."""
    return PullFacts(row.checked_at, row.good_at, row.pull_at, row.failures, row.problem, row.detail)


def stop_pulling(source_id: int) -> None:
    """Fetch a list no more; where it was fetched from is forgotten."""
    SourceList.objects.filter(source_id=source_id).update(
        address="", pull_hours=None, pull_at=None, problem="", detail=""
    )


def list_pullable(*, source_id: int | None = None, due_by: datetime | None = None) -> list[int]:
    """Return the lists with an address, those due longest first; with `due_by`, only those due by then."""
    rows = SourceList.objects.exclude(address="")
    if source_id is not None:
        rows = rows.filter(source_id=source_id)
    if due_by is not None:
        rows = rows.filter(pull_at__lte=due_by)
    return list(rows.order_by("pull_at", "source_id").values_list("source_id", flat=True))


def claim(source_id: int, *, now: datetime, due_by: datetime | None = None) -> Pullable | None:
    """Take a list for pulling, so that others stay away; None where somebody else has it, or it is no longer due."""
    with transaction.atomic():
        row = SourceList.objects.select_for_update().select_related("holder").filter(source_id=source_id).first()
        if row is None or not row.address or (due_by and (row.pull_at is None or row.pull_at > due_by)):
            return None
        if row.pull_at is not None:
            row.pull_at = now + CLAIM
            row.save(update_fields=["pull_at"])
    return _pullable(row)


def get_pullable(source_id: int) -> Pullable:
    """Return a list as pulling knows it. Raises: SourceList.DoesNotExist."""
    return _pullable(SourceList.objects.select_related("holder").get(source_id=source_id))


def note_good(pullable: Pullable, *, known: Known, sha256: str, now: datetime) -> str | None:
    """Note that the address gave a list that stands; return the folder of a file that waited until now."""
    _settle(pullable, now, etag=known.etag, last_modified=known.last_modified, pulled_sha256=sha256, good_at=now)
    return drop_held(pullable.source_id)


def note_answered(source_id: int, *, is_good: bool, now: datetime) -> None:
    """Note what a steward said of a file that waited: right, or wrong and not to be asked about again."""
    rows = SourceList.objects.filter(source_id=source_id)
    if is_good:
        rows.update(good_at=now, problem="", detail="")
    else:
        rows.update(problem=REJECTED, detail="")


def note_same(pullable: Pullable, *, known: Known, is_undone: bool, now: datetime) -> None:
    """Note that the address gave what it gave last. Whether that stands depends on what came of it then."""
    row = SourceList.objects.filter(_same_address(pullable)).first()
    problem = UNDONE if is_undone else REJECTED if row is not None and row.problem == REJECTED else ""
    changes: dict[str, Any] = {"problem": problem}
    if not problem and find_held(pullable.source_id) is None:
        changes["good_at"] = now
    _settle(pullable, now, etag=known.etag, last_modified=known.last_modified, **changes)


def note_held(pullable: Pullable, held: Held, *, known: Known, now: datetime) -> str | None:
    """Note that a file waits for a steward, in place of one that waited; return the folder of that one."""
    with transaction.atomic():
        before = drop_held(pullable.source_id)
        HeldFile.objects.create(
            source_id=held.source_id, folder=held.folder, name=held.name, sha256=held.sha256, size=held.size,
            fetched_at=held.fetched_at, doubts=list(held.doubts), counts=dict(held.counts),
        )  # fmt: skip
        _settle(pullable, now, etag=known.etag, last_modified=known.last_modified, pulled_sha256=held.sha256)
    return before


def note_failure(pullable: Pullable, *, code: str, detail: str, now: datetime) -> None:
    """Note why nothing came; the next try comes sooner than planned, later with each failure in a row."""
    with transaction.atomic():
        row = SourceList.objects.select_for_update().filter(_same_address(pullable)).first()
        if row is None:
            return
        row.failures = min(row.failures + 1, 1000)
        row.checked_at, row.problem, row.detail = now, code[:40], detail[:300]
        if row.pull_hours:
            pause = min(_FIRST_PAUSE * (1 << min(row.failures - 1, 20)), _LONGEST_PAUSE)
            row.pull_at = now + min(pause, max(timedelta(hours=row.pull_hours), _FIRST_PAUSE))
        row.save(update_fields=["failures", "checked_at", "problem", "detail", "pull_at"])


def note_busy(pullable: Pullable, *, now: datetime) -> None:
    """Note that another import of the list was at work. Nothing failed; the next turn comes soon."""
    rows = SourceList.objects.filter(_same_address(pullable))
    rows.update(checked_at=now, problem=BUSY, detail="")
    rows.filter(pull_hours__isnull=False).update(pull_at=now + _FIRST_PAUSE)


def find_held(source_id: int) -> Held | None:
    """Return the pulled file of a list that waits for a steward, None where none does."""
    row = HeldFile.objects.filter(source_id=source_id).first()
    if row is None:
        return None
    return Held(
        row.source_id, row.folder, row.name, row.sha256, row.size, row.fetched_at, row.doubts, row.counts
    )  # fmt: skip


def ask_again(source_id: int, *, doubts: Sequence[Mapping[str, Any]], counts: Mapping[str, int]) -> None:
    """Note what more there is to ask about the file that waits."""
    HeldFile.objects.filter(source_id=source_id).update(doubts=list(doubts), counts=dict(counts))


def drop_held(source_id: int) -> str | None:
    """Forget a file that waited, and return its folder."""
    row = HeldFile.objects.filter(source_id=source_id).first()
    if row is None:
        return None
    row.delete()
    return row.folder


def drop_expired(*, now: datetime) -> list[str]:
    """Forget files that nobody answered for too long, let them be fetched again, and return their folders."""
    rows = list(HeldFile.objects.filter(fetched_at__lt=now - HELD_FOR))
    for row in rows:
        row.delete()
        listed = SourceList.objects.filter(source_id=row.source_id)
        listed.update(etag="", last_modified="", pulled_sha256="", problem="held-expired", detail="")
    return [row.folder for row in rows]


def held_folders() -> set[str]:
    """Return the folders of all files that wait."""
    return set(HeldFile.objects.values_list("folder", flat=True))


def _settle(pullable: Pullable, now: datetime, **changes: Any) -> None:
    rows = SourceList.objects.filter(_same_address(pullable))
    hours = rows.values_list("pull_hours", flat=True).first()
    next_at = now + timedelta(hours=hours) if hours else None
    rows.update(**{"checked_at": now, "failures": 0, "problem": "", "detail": "", "pull_at": next_at, **changes})


def _same_address(pullable: Pullable) -> Q:
    """What came of an address that was replaced meanwhile says nothing of the new one."""
    return Q(source_id=pullable.source_id, address=pullable.address)
