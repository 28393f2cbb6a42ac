"""Deliveries that a holder's program sends: kept on disk, noted once, then taken in by a job, one after the other.

As at the desk, what nobody has looked at yet, or what looks unlike the list it is for, waits there for somebody's
answer. The program is told what its own rows are, never what anybody else's data made of them. Nobody is written to.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction

from datacoop.jobs.actions import enqueue
from datacoop.kinds.definition import kind as kind_named
from datacoop.pipelines import uploads
from datacoop.pipelines.contribute import ContributionRefused, contribute
from datacoop.pipelines.intake import Intake, Report
from datacoop.sources.actions import BusyError, SupersededError
from datacoop.sources.mapping import knows_header
from datacoop.sources.masking import mask
from datacoop.sources.owning import OwnList, list_own
from datacoop.sources.queries import accepted_number, present_records
from datacoop.sources.readers.reading import read
from datacoop.sources.submissions import (
    ACCEPTED,
    REFUSED,
    TRIED,
    WAITING,
    SubmissionFacts,
    Wish,
    count_received,
    drop_old,
    find_sent,
    list_received,
    note_outcome,
    note_submission,
    waiting_uploads,
)

ACTOR = "program"
TAKE, SWEEP = "pipelines.take_submissions", "pipelines.sweep_submissions"
SWEEP_SECONDS = 3600
#: One list may take long; then another worker takes over.
LEASE = timedelta(hours=2)
MOST_BYTES = uploads.MOST_BYTES
MOST_RECEIVED = 50
#: So many rows are told what is wrong with them; the others are counted.
MOST_TOLD = 1000
_PAUSE = timedelta(seconds=30)
_LEFT_SECONDS = 24 * 3600
_FIRST = "It is the first delivery of this list: somebody of the cooperative looks at it."
_NOT_ANSWERED = f"Nobody answered within {uploads.WAITING_DAYS} days. Nothing was changed."
_THROWN_AWAY = "Somebody looked at it and did not take it in. Nothing was changed."
_INSIDE = "Something went wrong here. Nothing was changed; send it again, under another key."


class TooLarge(ValueError):
    """More was sent than is taken."""


class TooMany(ValueError):
    """So much waits to be taken in already that no more is taken now."""


class UnclearList(ValueError):
    """The holder has several lists of the kind, or none that can be meant; the message names them."""


@dataclass(frozen=True)
class Sent:
    """What a program sent: under which key of its own, how a file of that type ends, and its bytes."""

    key: str
    ending: str
    chunks: Iterable[bytes]


class _Later(Exception):
    """Another import of the list is at work."""


def submit(*, holder: uuid.UUID, sent: Sent, wish: Wish, now: datetime) -> uuid.UUID:
    """Keep what a program sent, to be taken in soon, and return its uid: the same for the same again.

    Raises:
        TooLarge, TooMany, UnclearList: nothing is kept.
        sources.submissions.KeyReusedError: something else was sent under this key before.
        sources.readers.table.ListRefused: it is no list that can be read.
    """
    _known(holder, wish)
    uid = uuid.uuid4()
    folder = _folder() / uid.hex
    folder.mkdir(parents=True, mode=0o700)
    try:
        path = folder / f"sent{sent.ending}"
        asked = hashlib.sha256(json.dumps([asdict(wish), sent.ending, _written(path, sent.chunks)]).encode()).digest()
        if before := find_sent(holder=holder, key=sent.key, asked=asked):
            shutil.rmtree(folder)
            return before
        if count_received(holder) >= MOST_RECEIVED:
            raise TooMany
        kind = kind_named(wish.kind)
        read(path, knows=lambda label: knows_header(label, kind))
        return _noted(uid, holder, sent.key, asked, wish, now)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _noted(uid: uuid.UUID, holder: uuid.UUID, key: str, asked: bytes, wish: Wish, now: datetime) -> uuid.UUID:
    try:
        with transaction.atomic():
            note_submission(uid, holder=holder, key=key, asked=asked, wish=wish, now=now)
            enqueue(name=TAKE, payload={"holder": str(holder)}, due_at=now, now=now)
    except IntegrityError:
        # The same came twice at one moment.
        before = find_sent(holder=holder, key=key, asked=asked)
        if before is None:
            raise
        shutil.rmtree(_folder() / uid.hex, ignore_errors=True)
        return before
    return uid


def take_submissions(*, now: datetime, holder: str) -> int:
    """Take in what a holder's programs sent, in the order in which it came; return how much. A job."""
    taken = 0
    for facts in list_received(uuid.UUID(holder)):
        try:
            _take(facts)
        except _Later:
            enqueue(name=TAKE, payload={"holder": holder}, due_at=now + _PAUSE, now=now)
            break
        except UnclearList as unclear:
            _settle(facts, REFUSED, None, [f"Name the list: {unclear}"])
        except DatabaseError:
            raise
        except Exception:
            # Once more would fail once more, and keep those behind it waiting.
            _settle(facts, REFUSED, None, [_INSIDE])
            raise
        taken += 1
    return taken


def answered(kept: uploads.Upload, report: Report | None, *, now: datetime) -> None:
    """Note what somebody's answer made of a file, if a program sent it: taken in with this report, or thrown away."""
    if kept.wished.submission:
        told = _told(report)
        state, questions = (ACCEPTED, []) if report else (REFUSED, [_THROWN_AWAY])
        note_outcome(uuid.UUID(kept.wished.submission), state, report=told, questions=questions, now=now)


def sweep_submissions(*, now: datetime) -> int:
    """Forget old deliveries, settle those that nobody answered, remove files that are left. A job."""
    for uid, token in waiting_uploads().items():
        if uploads.find(token) is None:
            note_outcome(uid, REFUSED, report={}, questions=[_NOT_ANSWERED], now=now)
    gone = drop_old(now=now)
    for each in gone:
        shutil.rmtree(_folder() / each.hex, ignore_errors=True)
    if _folder().is_dir():
        for folder in _folder().iterdir():
            if folder.stat().st_mtime < time.time() - _LEFT_SECONDS and not any(folder.glob("sent*")):
                shutil.rmtree(folder, ignore_errors=True)
    return len(gone)


def _take(facts: SubmissionFacts) -> None:
    path = next(iter((_folder() / facts.uid.hex).glob("sent*")), None)
    if path is None:
        _settle(facts, REFUSED, None, ["The file is no longer here. Send it again, under another key."])
        return
    known = _known(facts.holder, facts.wish)
    looked_at = known is not None or facts.wish.dry_run
    intake = _intake(facts, known, path)
    try:
        report = contribute(replace(intake, dry_run=facts.wish.dry_run or not looked_at), actor=ACTOR)
    except ContributionRefused as refused:
        if isinstance(refused.__cause__, BusyError | SupersededError):
            raise _Later from refused
        doubts = [each.sentence() for each in refused.report.doubts] if refused.report else []
        if not doubts:
            _settle(facts, REFUSED, refused.report, [str(refused)])
        elif facts.wish.dry_run:
            _settle(facts, TRIED, refused.report, doubts)
        else:
            _ask(facts, intake, refused.report, doubts)
        return
    if looked_at:
        _settle(facts, TRIED if facts.wish.dry_run else ACCEPTED, report, [])
    else:
        _ask(facts, intake, report, [_FIRST])


def _intake(facts: SubmissionFacts, known: OwnList | None, path: Path) -> Intake:
    """Columns about persons are stored where the last delivery's were: a steward looked at that."""
    kinds = present_records(known.source_id, accepted=accepted_number(known.source_id)) if known else {}
    return Intake(
        files=(path,), holder=facts.holder_name, source=known.name if known else facts.wish.source or None,
        kind=facts.wish.kind, partial=facts.wish.partial, gives_way=True,
        with_persons="person" in kinds and facts.wish.kind != "person",
    )  # fmt: skip


def _known(holder: uuid.UUID, wish: Wish) -> OwnList | None:
    """Return the list that is meant, None for one of which nothing was ever accepted. Raises: UnclearList."""
    own = [each for each in list_own(holder) if each.kind == wish.kind]
    named = [each for each in own if wish.source in ("", each.name)]
    if len(named) > 1:
        raise UnclearList(f"One of: {', '.join(each.name for each in named)}.")
    return named[0] if named else None


def _ask(facts: SubmissionFacts, intake: Intake, report: Report | None, questions: Sequence[str]) -> None:
    """Let the file wait at the desk, once."""
    sender = facts.holder.hex
    kept = next((u for u in uploads.list_waiting(sender) if u.wished.submission == facts.uid.hex), None)
    if kept is None:
        (path,) = intake.files
        wished = uploads.Wished(
            name=f"{facts.received_at:%Y-%m-%d}{path.suffix}", holder=facts.holder_name, list_name=intake.source or "",
            kind=intake.kind, partial=intake.partial, with_persons=intake.with_persons, sender=sender,
            submission=facts.uid.hex,
        )  # fmt: skip
        with path.open("rb") as stream:
            kept = uploads.keep(iter(lambda: stream.read(1 << 20), b""), wished)
        uploads.wait(kept, mapping=None, now=datetime.now(UTC))
    _settle(facts, WAITING, report, questions, upload=kept.token)


def _settle(
    facts: SubmissionFacts, state: str, report: Report | None, questions: Sequence[str], *, upload: str = ""
) -> None:
    told = _told(report)
    note_outcome(facts.uid, state, report=told, questions=questions, upload=upload, now=datetime.now(UTC))
    shutil.rmtree(_folder() / facts.uid.hex, ignore_errors=True)


def _told(report: Report | None) -> dict[str, Any]:
    """Return what the program is told: as `for_holder`, without what its own file's headers say of somebody."""
    if report is None:
        return {}
    told = report.for_holder()
    rows: list[dict[str, Any]] = told["rows"][:MOST_TOLD]  # type: ignore[index]
    mapping: list[dict[str, Any]] = told["mapping"]  # type: ignore[assignment]
    kept = {name: told[name] for name in ("kind", "format", "encoding", "header_row", "country", "counts", "corrected")}
    return {
        **kept,
        "mapping": [{**each, "column": _masked(each["column"])} for each in mapping],
        "rows": [{name: each[name] for name in ("row", "code", "message")} | {"column": _masked(each["column"])}
                 for each in rows],
        "more": max(0, sum(report.codes.values()) - len(rows)),
    }  # fmt: skip


def _masked(column: str | None) -> str | None:
    return None if column is None else str(mask(column, None))


def _written(path: Path, chunks: Iterable[bytes]) -> str:
    """Write a file for this server's user alone, and return its digest. Raises: TooLarge."""
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as stream:
        path.chmod(0o600)
        for chunk in chunks:
            size += len(chunk)
            if size > MOST_BYTES:
                raise TooLarge
            digest.update(chunk)
            stream.write(chunk)
    return digest.hexdigest()


def _folder() -> Path:
    return Path(settings.DATACOOP_DATA_DIR) / "submissions"
