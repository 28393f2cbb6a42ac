"""One contribution, end to end: read → map → stage → link → accept → compile. All or nothing (law 7)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from datacoop.disclosure.actions import finish_contributions, recompile_source
from datacoop.disclosure.counting import as_public
from datacoop.kinds.definition import kind as kind_named
from datacoop.pipelines.intake import Intake, Report, RowProblem
from datacoop.pipelines.stage import Stage
from datacoop.records.actions.publishing import Attestation, attest
from datacoop.records.actions.revising import revision
from datacoop.sources.actions import (
    Named,
    close_contribution,
    discard_list,
    ensure_list,
    open_contribution,
    save_mapping,
)
from datacoop.sources.mapping import knows_header, propose
from datacoop.sources.normalising import Setting
from datacoop.sources.places import Gazetteer, default_gazetteer
from datacoop.sources.queries import ListFacts
from datacoop.sources.readers.reading import read
from datacoop.sources.readers.table import ListRefused, Row, Table
from datacoop.sources.rows import RowReader

Progress = Callable[[str, int], None]
SAMPLE = 200
BATCH = 500
MOST_VANISHED = 0.2
STORED_NEVER = ("@person",)


class ContributionRefused(Exception):
    """Nothing was imported; the message says why and what to do, the report holds every row's problem."""

    def __init__(self, message: str, report: Report | None = None) -> None:
        """Keep the report beside the message."""
        super().__init__(message)
        self.report = report


@dataclass(frozen=True)
class _Opened:
    table: Table
    sample: list[Row]
    mapping: dict[str, str | None]


def contribute(
    intake: Intake,
    *,
    actor: str,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = lambda _stage, _rows: None,
) -> Report:
    """Take one delivery of a holder's list and return its report; with `dry_run` nothing remains of it.

    Raises:
        ContributionRefused: unreadable file, no acceptable row, too much vanished; nothing was changed.
        sources.actions.UnclearListError: the holder has several lists of the kind and none is named.
    """
    now = clock()
    listed = ensure_list(named=_named(intake), now=now)
    report = Report([f.name for f in intake.files], intake.holder, listed.name, intake.kind)
    gazetteer = default_gazetteer(settings.DATACOOP_DATA_DIR)
    stage = Stage(listed.source_id, intake.kind, now, report, gazetteer)
    pk = open_contribution(
        source_id=listed.source_id, number=stage.number, names=report.files, sha256=_sha256(intake.files),
        form="", actor=actor, now=now,
    )  # fmt: skip
    try:
        mapping = _take(intake, listed, stage, report, progress, gazetteer)
        _guard(intake, stage, report)
    except (ContributionRefused, ListRefused) as refused:
        stage.abandon()
        close_contribution(pk=pk, state="refused", report=_counts_only(report), now=clock())
        discard_list(listed.source_id)
        raise ContributionRefused(str(refused), report) from refused
    if intake.dry_run:
        stage.predict(published=intake.published or stage.published)
        stage.abandon()
        close_contribution(pk=pk, state="dry-run", report=_counts_only(report), now=clock())
        discard_list(listed.source_id)
        return report
    save_mapping(listed.source_id, mapping)
    state = _accept(intake, stage, report, actor=actor, clock=clock)
    close_contribution(pk=pk, state=state, report=_counts_only(report), now=clock())
    return report


def _named(intake: Intake) -> Named:
    return Named(intake.holder, intake.kind, intake.source, intake.country, intake.authority)


def _take(
    intake: Intake, listed: ListFacts, stage: Stage, report: Report, progress: Progress, gazetteer: Gazetteer
) -> dict[str, str | None]:
    """Read all files, row by row, into the stage."""
    mapping: dict[str, str | None] = {}
    for path in intake.files:
        opened = _open(path, intake, listed, report)
        mapping |= opened.mapping
        rows = RowReader(
            opened.mapping, kind_named(intake.kind), Setting(intake.country), gazetteer=gazetteer,
            with_persons=intake.with_persons,
        )  # fmt: skip
        for batch in _batches(opened):
            for row in batch:
                _take_row(row, rows, stage, report)
            stage.flush()
            progress("staged", report.counts["read"])
    return mapping


def _take_row(row: Row, rows: RowReader, stage: Stage, report: Report) -> None:
    report.counts["read"] += 1
    mapped = rows.read(row)
    for p in mapped.problems:
        report.problem(RowProblem(p.row, p.column, p.code, p.message))
    if mapped.rejected or not stage.offer(row.number, mapped):
        report.counts["rejected"] += 1
    else:
        report.counts["accepted"] += 1


def _open(path: Path, intake: Intake, listed: ListFacts, report: Report) -> _Opened:
    kind = kind_named(intake.kind)
    table = read(path, knows=lambda label: knows_header(label, kind))
    rows = table.rows
    sample = [row for row, _ in zip(rows, range(SAMPLE), strict=False)]
    proposed = propose(table.columns, sample, kind)
    given = {**listed.mapping, **(intake.mapping or {})}
    mapping: dict[str, str | None] = {}
    for column in proposed:
        target = given.get(column.column, column.property)
        confidence = 1.0 if column.column in given else column.confidence
        if target in STORED_NEVER and not intake.with_persons:
            report.counts["person_columns"] += 1
        mapping[column.column] = target
        told = "id" if target == "@id" else target
        report.mapping.append({"column": column.column, "property": told, "confidence": round(confidence, 3)})
    report.format, report.encoding, report.header_row = table.format, table.encoding, table.header_row
    report.notes += table.notes
    return _Opened(table, sample, mapping)


def _batches(opened: _Opened) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for source in (opened.sample, opened.table.rows):
        for row in source:
            batch.append(row)
            if len(batch) == BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def _guard(intake: Intake, stage: Stage, report: Report) -> None:
    if report.counts["read"] == 0 and not intake.accept_removals:
        raise ContributionRefused("The file has no rows. Nothing was changed.", report)
    if report.counts["accepted"] == 0 and not intake.accept_removals:
        raise ContributionRefused(
            "No row could be taken: see the report, mend the rows or correct the mapping, and import again.", report
        )
    if intake.partial:
        return
    gone, present = stage.vanished()
    report.counts["vanished"] = len(gone)
    if present and len(gone) > MOST_VANISHED * present and not intake.accept_removals:
        raise ContributionRefused(
            f"{len(gone)} of {present} rows of the last file are missing in this one. If they are really gone, "
            "import again with --accept-removals; if the file is only a part of the list, with --partial.",
            report,
        )
    stage.retire(gone)


def _accept(intake: Intake, stage: Stage, report: Report, *, actor: str, clock: Callable[[], datetime]) -> str:
    now = clock()
    newly_published = intake.published and not stage.published
    if stage.is_empty() and not newly_published:
        state = "unchanged"
        stage.abandon()
    else:
        stage.mark_shared()
        with revision(actor=actor, now=now, why="contribution") as draft:
            if intake.published:
                attest(stage.source_id, Attestation(intake.page, intake.page_on, actor, now))
            stage.accept(draft)
        if newly_published and stage.number > 1:
            recompile_source(stage.source_id)
        finish_contributions(clock())
        state = "accepted"
    _see(stage, report)
    return state


def _see(stage: Stage, report: Report) -> None:
    """Count the contribution's records as the public sees them."""
    seen = as_public(stage.present())
    report.counts.update(
        visible=seen.visible, with_contact=seen.with_contact, relay_only=seen.relay_only, hidden=seen.hidden
    )
    report.hidden_because.update(seen.because)


def _counts_only(report: Report) -> dict[str, object]:
    """What is kept of a report: counts and codes, no row and no value."""
    codes: dict[str, int] = {}
    for problem in report.problems:
        codes[problem.code] = codes.get(problem.code, 0) + 1
    return {"counts": dict(report.counts), "codes": codes, "hidden_because": dict(report.hidden_because)}


def _sha256(files: tuple[Path, ...]) -> str:
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
