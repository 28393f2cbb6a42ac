"""Pull lists from their addresses: fetch → contribute → remove the file; what is doubtful waits for a steward.

A fetched file lies in a private folder of the data folder for as long as it is needed, and nowhere else.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from datacoop.pipelines.contribute import ContributionRefused, contribute
from datacoop.pipelines.intake import Intake, Report
from datacoop.sources import pulls
from datacoop.sources.actions import BusyError
from datacoop.sources.doubting import UNDONE_BEFORE, Doubt
from datacoop.sources.fetching import Fetched, Limits, fetch
from datacoop.sources.history import is_undone_file
from datacoop.sources.pulls import Held, Pullable
from datacoop.sources.queries import accepted_number, present_records
from datacoop.sources.reaching import FetchFailed, Reach
from datacoop.sources.readers.table import ListRefused

ACTOR = "pull"
CHANGED, SAME, HELD, FAILED, BUSY = "changed", "same", "held", "failed", pulls.BUSY
#: A folder that belongs to no waiting file was left by a process that was stopped.
_LEFT_SECONDS = 24 * 3600

Clock = Callable[[], datetime]


class NothingHeld(LookupError):
    """No pulled file of this list waits for an answer."""


@dataclass(frozen=True)
class Pulled:
    """What came of pulling one list: `code` and `detail` say why a pull failed."""

    source_id: int
    holder: str
    name: str
    outcome: str
    code: str = ""
    detail: str = ""
    message: str = ""
    doubts: tuple[Doubt, ...] = ()


def reach() -> Reach:
    """Return what may be reached: the public web, and the hosts that the operator named."""
    return Reach(settings.DATACOOP_PULL_HOSTS)


def pull_due(*, now: datetime) -> int:
    """Pull every list that is due, one after the other, and return how many were. The periodic job."""
    return len(pull(due_by=now))


def pull(
    *,
    source_id: int | None = None,
    due_by: datetime | None = None,
    actor: str = ACTOR,
    clock: Clock = lambda: datetime.now(UTC),
    limits: Limits = Limits(),  # noqa: B008 -- frozen
) -> list[Pulled]:
    """Pull lists: one, those due, or all that have an address. What goes wrong with one is told, and stops no other."""
    _sweep(clock())
    found = []
    for number in pulls.list_pullable(source_id=source_id, due_by=due_by):
        pullable = pulls.claim(number, now=clock(), due_by=due_by)
        if pullable is not None:
            found.append(_pull(pullable, actor, clock, limits))
    return found


def accept_held(*, source_id: int, actor: str, clock: Clock = lambda: datetime.now(UTC)) -> Report:
    """Take in the file that waits: a steward says that it is the right one, for all that the question told.

    Raises:
        NothingHeld: none waits.
        ContributionRefused: it cannot be taken in all the same, or there is a doubt that nobody was told of, which
            the question tells from now on; it still waits.
    """
    held = _held(source_id)
    path = pulled_folder() / held.folder / held.name
    if not path.is_file():
        pulls.drop_held(source_id)
        raise NothingHeld("The file is no longer there; it will be fetched again.")
    told = tuple(map(Doubt.from_json, held.doubts))
    intake = _intake(pulls.get_pullable(source_id), path, answered=told)
    try:
        report = contribute(intake, actor=actor, clock=clock)
    except ContributionRefused as refused:
        if refused.report is not None and (more := _untold(refused.report.doubts, told)):
            asked, counts = _all_doubts(intake, [*told, *more], refused.report, actor, clock)
            pulls.ask_again(source_id, doubts=[each.as_json() for each in asked], counts=counts)
            raise ContributionRefused(
                f"There is more to ask, look at the question again: {_sentences(_untold(asked, told))}", refused.report
            ) from refused
        raise
    drop(source_id)
    pulls.note_answered(source_id, is_good=True, now=clock())
    return report


def reject_held(*, source_id: int, now: datetime) -> None:
    """Remove the file that waits: a steward says that it is wrong. The same bytes are not asked about again.

    Raises:
        NothingHeld: none waits.
    """
    _held(source_id)
    drop(source_id)
    pulls.note_answered(source_id, is_good=False, now=now)


def drop(source_id: int) -> None:
    """Remove a file that waits, if one does."""
    _remove(pulls.drop_held(source_id))


def _pull(pullable: Pullable, actor: str, clock: Clock, limits: Limits) -> Pulled:
    folder = pulled_folder() / secrets.token_urlsafe(24)
    folder.mkdir(parents=True, mode=0o700)
    is_held = False
    try:
        fetched = fetch(
            pullable.address, into=folder, known=pullable.known, limits=limits, reach=reach(), agent=agent()
        )
        pulled = _taken(pullable, fetched, actor, clock)
        is_held = pulled.outcome == HELD
        return pulled
    except FetchFailed as failed:
        return _failed(pullable, failed.code, failed.detail, str(failed), clock())
    except Exception as error:
        # What went wrong inside is no secret of the address: only its sort is kept, never a value.
        _failed(pullable, "inside", type(error).__name__, "", clock())
        raise
    finally:
        if not is_held:
            shutil.rmtree(folder, ignore_errors=True)


def _taken(pullable: Pullable, fetched: Fetched, actor: str, clock: Clock) -> Pulled:
    if fetched.path is None or fetched.sha256 == pullable.sha256:
        undone = is_undone_file(pullable.source_id, pullable.sha256)
        pulls.note_same(pullable, known=fetched.known, is_undone=undone, now=clock())
        return _told(pullable, SAME)
    # Nobody waits for a pull: whoever takes the list in just now goes first.
    intake = replace(_intake(pullable, fetched.path), gives_way=True)
    if is_undone_file(pullable.source_id, fetched.sha256):
        return _hold(pullable, fetched, *_all_doubts(intake, [Doubt(UNDONE_BEFORE)], None, actor, clock), clock())
    try:
        report = contribute(intake, actor=actor, clock=clock)
    except ContributionRefused as refused:
        if refused.report is not None and (found := refused.report.doubts):
            return _hold(pullable, fetched, *_all_doubts(intake, found, refused.report, actor, clock), clock())
        cause = refused.__cause__
        if isinstance(cause, BusyError):
            pulls.note_busy(pullable, now=clock())
            return _told(pullable, BUSY, message=str(refused))
        code = cause.code if isinstance(cause, ListRefused) else "refused"
        return _failed(pullable, code, "", str(refused), clock())
    _remove(pulls.note_good(pullable, known=fetched.known, sha256=fetched.sha256, now=clock()))
    changed = any(report.counts[name] for name in ("new", "changed", "vanished"))
    return _told(pullable, CHANGED if changed else SAME)


def _all_doubts(
    intake: Intake, doubts: Sequence[Doubt], report: Report | None, actor: str, clock: Clock
) -> tuple[list[Doubt], dict[str, int]]:
    """Return every reason to ask, and the counts: one question may stand before the next, so each is tried answered."""
    found, more = list(doubts), list(doubts)
    while more:
        trial = replace(intake, answered=frozenset(found), dry_run=True)
        try:
            report, more = contribute(trial, actor=actor, clock=clock), []
        except ContributionRefused as refused:
            report = refused.report or report
            more = _untold(report.doubts if report else [], found)
            found += more
    return found, dict(report.counts) if report else {}


def _untold(doubts: Sequence[Doubt], told: Sequence[Doubt]) -> list[Doubt]:
    return [each for each in doubts if each not in told]


def _sentences(doubts: Sequence[Doubt]) -> str:
    return " ".join(each.sentence() for each in doubts)


def _intake(pullable: Pullable, path: Path, *, answered: Sequence[Doubt] = ()) -> Intake:
    """The delivery that a fetched file is; columns about persons are stored where the last delivery's were."""
    kinds = present_records(pullable.source_id, accepted=accepted_number(pullable.source_id))
    return Intake(
        files=(path,), holder=pullable.holder, source=pullable.name, kind=pullable.kind,
        with_persons="person" in kinds and pullable.kind != "person",
        answered=frozenset(answered),
    )  # fmt: skip


def _hold(
    pullable: Pullable, fetched: Fetched, doubts: Sequence[Doubt], counts: Mapping[str, int], now: datetime
) -> Pulled:
    assert fetched.path is not None
    held = Held(
        pullable.source_id, fetched.path.parent.name, fetched.path.name, fetched.sha256, fetched.size, now,
        [each.as_json() for each in doubts], counts,
    )  # fmt: skip
    _remove(pulls.note_held(pullable, held, known=fetched.known, now=now))
    return _told(pullable, HELD, doubts=tuple(doubts), message=_sentences(doubts))


def _failed(pullable: Pullable, code: str, detail: str, message: str, now: datetime) -> Pulled:
    pulls.note_failure(pullable, code=code, detail=detail, now=now)
    return _told(pullable, FAILED, code=code, detail=detail, message=message)


def _told(
    pullable: Pullable, outcome: str, *, code: str = "", detail: str = "", message: str = "",
    doubts: tuple[Doubt, ...] = (),
) -> Pulled:  # fmt: skip
    return Pulled(pullable.source_id, pullable.holder, pullable.name, outcome, code, detail, message, doubts)


def _held(source_id: int) -> Held:
    held = pulls.find_held(source_id)
    if held is None:
        raise NothingHeld("No pulled file of this list waits for an answer.")
    return held


def _sweep(now: datetime) -> None:
    """Remove what stopped processes left, and files that nobody answered for."""
    for expired in pulls.drop_expired(now=now):
        _remove(expired)
    if not pulled_folder().is_dir():
        return
    waiting = pulls.held_folders()
    for folder in pulled_folder().iterdir():
        if folder.name not in waiting and folder.stat().st_mtime < time.time() - _LEFT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _remove(folder: str | None) -> None:
    if folder:
        shutil.rmtree(pulled_folder() / folder, ignore_errors=True)


def pulled_folder() -> Path:
    """Return the private folder of what was fetched."""
    return Path(settings.DATACOOP_DATA_DIR) / "pulled"


def agent() -> str:
    """Return how we name ourselves to others' servers."""
    return f"datacoop (+{settings.DATACOOP_BASE_URL})"
