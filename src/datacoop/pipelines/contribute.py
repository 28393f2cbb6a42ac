"""One contribution, end to end: read → map → stage → link → accept → compile. All or nothing (law 7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from datacoop.disclosure.actions import finish_contributions, recompile_source
from datacoop.disclosure.counting import Visibility, as_public
from datacoop.kinds.definition import Kind
from datacoop.kinds.definition import kind as kind_named
from datacoop.pipelines.doubting import columns_of
from datacoop.pipelines.guarding import asked_of_file, asked_of_rows, checked, nothing_taken
from datacoop.pipelines.intake import Intake, Report
from datacoop.pipelines.opening import Opened as OpenedFile
from datacoop.pipelines.opening import open_file, sha256_of
from datacoop.pipelines.stage import Stage
from datacoop.pipelines.sweeping import sweep_interrupted
from datacoop.pipelines.taking import Taking, file_of
from datacoop.records.actions.publishing import Attestation, attest, attestation_of
from datacoop.records.actions.revising import revision
from datacoop.records.turns import in_background
from datacoop.sources.actions import (
    DEFAULT_COUNTRY,
    REFUSED,
    UNCHANGED,
    BusyError,
    Named,
    SupersededError,
    close_contribution,
    drop_contribution,
    ensure_list,
    is_under_way,
    keep_alive,
    mark_accepted,
    open_contribution,
    reading_of,
    save_reading,
)
from datacoop.sources.countries import ASSUMED, GIVEN, Finding, find_country
from datacoop.sources.forgetting import tidy
from datacoop.sources.history import ACCEPTED
from datacoop.sources.keeping import Keeping
from datacoop.sources.masking import mask_name
from datacoop.sources.normalising import Setting
from datacoop.sources.places import Gazetteer, default_gazetteer
from datacoop.sources.queries import ListFacts, Opened
from datacoop.sources.readers.table import ListRefused
from datacoop.sources.rows import RowReader

Progress = Callable[[str, int], None]
Clock = Callable[[], datetime]


class ContributionRefused(Exception):
    """Nothing was imported; the message says why and what to do, the report holds every row's problem."""

    def __init__(self, message: str, report: Report | None = None) -> None:
        """Keep the report beside the message."""
        super().__init__(message)
        self.report = report


def contribute(
    intake: Intake,
    *,
    actor: str,
    clock: Clock = lambda: datetime.now(UTC),
    progress: Progress = lambda _stage, _rows: None,
) -> Report:
    """Take one delivery of a holder's list and return its report; with `dry_run` nothing remains of it.

    Raises:
        ContributionRefused: unreadable file, no acceptable row, too much vanished; nothing was changed.
        sources.actions.UnclearListError: the holder has several lists of the kind and none is named.
    """
    try:
        intake, given = checked(intake)
    except ValueError as error:
        raise ContributionRefused(str(error)) from error
    now = clock()
    sweep_interrupted(now=now, gazetteer=default_gazetteer(settings.DATACOOP_DATA_DIR))
    listed = ensure_list(
        named=Named(intake.holder, intake.kind, intake.source, intake.country, intake.authority), now=now
    )
    report = Report([f.name for f in intake.files], intake.holder, listed.name, intake.kind)
    opened = _opened(
        source_id=listed.source_id, names=[mask_name(name) for name in report.files],
        sha256=sha256_of(intake.files), actor=actor, now=now,
        gives_way=intake.dry_run or intake.gives_way, is_trial=intake.dry_run,
    )  # fmt: skip
    with in_background():
        return _Contribution(intake, given, listed, opened, report, progress, clock).run(actor)


def _opened(**asked: Any) -> Opened:
    try:
        return open_contribution(**asked)
    except BusyError as busy:
        raise ContributionRefused(f"{busy} Nothing was changed.") from busy


class _Contribution:
    """The state of one run."""

    def __init__(
        self,
        intake: Intake,
        given: dict[str, str | None],
        listed: ListFacts,
        opened: Opened,
        report: Report,
        progress: Progress,
        clock: Clock,
    ) -> None:
        self.clock = clock
        self.intake, self.listed, self.opened, self.report, self.progress = intake, listed, opened, report, progress
        self.kind: Kind = kind_named(intake.kind)
        self.mapping: dict[str, str | None] = {**listed.mapping, **given}
        self.country = Finding(intake.country, GIVEN) if intake.country else None
        self.gazetteer: Gazetteer = default_gazetteer(settings.DATACOOP_DATA_DIR)
        self.keeping: Keeping | None = None

    def run(self, actor: str) -> Report:
        """Take everything in, then accept it, refuse it, or, on a dry run, forget it."""
        stage: Stage | None = None
        if not self.intake.dry_run:
            self.keeping = Keeping(self.opened, self.clock())
        try:
            stage = Stage(
                self.opened, self.intake.kind, now=self.clock(), report=self.report, gazetteer=self.gazetteer,
                publishes=self.intake.published, links=self.intake.linked,
            )  # fmt: skip
            self._take(stage)
        except (ContributionRefused, ListRefused) as refused:
            self._refuse(stage)
            raise ContributionRefused(str(refused), self.report) from refused
        except SupersededError as superseded:
            drop_contribution(self.opened)
            raise ContributionRefused(str(superseded), self.report) from superseded
        except BaseException:
            self._forget(stage)
            raise
        if self.intake.dry_run:
            self._tell(stage.predicted())
            self._forget(stage)
            return self.report
        self._accept(stage, actor)
        return self.report

    def _take(self, stage: Stage) -> None:
        if self.intake.dry_run:
            stage.predict()
        for path in self.intake.files:
            self._take_file(path, stage)
        missing = sorted(c for c in self.intake.mapping or {} if all(m["column"] != c for m in self.report.mapping))
        if missing:
            self.report.notes.append(f"The mapping names columns that are not there: {', '.join(missing)}.")
        self._guard(stage)
        stage.share()

    def _take_file(self, path: Path, stage: Stage) -> None:
        try:
            file = open_file(path, self.kind, self.mapping, self.report)
        except ListRefused as refused:
            if refused.code == "empty" and self.intake.accept_removals:
                return
            raise
        if question := asked_of_file(self.intake, file, self.kind, self.mapping, self.report):
            raise ContributionRefused(question)
        self._take_rows(file, path.name if len(self.intake.files) > 1 else None, stage)

    def _take_rows(self, file: OpenedFile, name: str | None, stage: Stage) -> None:
        country = self._country(file).country
        # Persons are read in any case: how many there are is told.
        rows = RowReader(file.mapping, self.kind, Setting(country), gazetteer=self.gazetteer, with_persons=True)
        taking = Taking(
            self.kind, file_of(name, file.mapping), stage=stage, report=self.report, keeping=self.keeping,
            with_persons=self.intake.with_persons,
        )  # fmt: skip
        for batch in file.batches():
            taking.take(batch, rows)
            if not self.intake.dry_run:
                keep_alive(self.opened, self.clock())
            self.progress("staged", self.report.counts["read"])
        self.mapping |= file.mapping

    def _country(self, file: OpenedFile) -> Finding:
        """The country of the list, found in the first file with rows: all its files are read the same way."""
        if self.country is None or (self.country.why == ASSUMED and file.sample):
            before = self.listed.country if self.listed.last_at else ""
            self.country = find_country(file.sample, file.mapping, remembered=before or None, assumed=DEFAULT_COUNTRY)
        self.report.country = self.country
        return self.country

    def _country_kept(self) -> str | None:
        return self.country.country if self.country else self.listed.country

    def _guard(self, stage: Stage) -> None:
        """Refuse what would empty a list by mistake, or does not look like it; else stage what vanished."""
        gone, present = stage.vanished()
        # Of a feed a part may be without rows: what is gone is named, and a row that is unfit is gone.
        is_part_of_feed = self.intake.partial and stage.source.origin
        if not is_part_of_feed and (refused := nothing_taken(self.intake, self.report, present)):
            raise ContributionRefused(refused)
        question = asked_of_rows(self.intake, self.report, self.opened.source_id, gone=len(gone), present=present)
        if question:
            self._predict(stage)
            raise ContributionRefused(question)
        if not self.intake.partial:
            stage.retire(gone)
        elif ended := stage.named(self.intake.gone):
            self.report.counts["vanished"] = len(ended)
            stage.end(ended)

    def _predict(self, stage: Stage) -> None:
        """On a dry run, tell all the same what the rows that are there would show."""
        if self.intake.dry_run:
            stage.share()
            self._tell(stage.predicted())

    def _accept(self, stage: Stage, actor: str) -> None:
        published_otherwise = self._published_otherwise(stage)
        if stage.is_empty() and not published_otherwise:
            stage.abandon()
            save_reading(self.opened.source_id, mapping=self.mapping, country=self._country_kept())
            state = UNCHANGED
            self._settle_kept()
        else:
            state = self._make_true(stage, actor, self.clock(), attests=published_otherwise)
        finish_contributions(self.clock())
        if state == ACCEPTED:
            stage.settle(self.clock())
        self._tell(as_public(stage.present()))
        close_contribution(self.opened, state=state, report=self.report.as_kept())
        tidy(self.opened.source_id)

    def _settle_kept(self) -> None:
        if self.keeping:
            self.keeping.settle()

    def _make_true(self, stage: Stage, actor: str, now: datetime, *, attests: bool) -> str:
        source_id = self.opened.source_id
        try:
            stage.seal()
            with revision(actor=actor, now=now, why="contribution") as draft:
                before = {**reading_of(source_id), **attestation_of(source_id)}
                if attests:
                    attest(source_id, Attestation(self.intake.page, self.intake.page_on, actor, now))
                    if self.opened.number > 1:
                        recompile_source(source_id)
                save_reading(source_id, mapping=self.mapping, country=self._country_kept())
                stage.accept(draft)
                self._settle_kept()
                mark_accepted(
                    self.opened, form=self.report.format, now=now, before=before, marked=draft.marked,
                    columns={column: target for column, target in columns_of(self.report).items() if target},
                )  # fmt: skip
        except SupersededError as superseded:
            raise ContributionRefused(str(superseded), self.report) from superseded
        except BaseException:
            self._forget(stage)
            raise
        return ACCEPTED

    def _published_otherwise(self, stage: Stage) -> bool:
        """Whether the holder attests something new: that it publishes the list, or where."""
        if not self.intake.published:
            return False
        where = (self.intake.page, self.intake.page_on)
        return stage.newly_published or (any(where) and where != (stage.source.page, stage.source.page_on))

    def _tell(self, seen: Visibility) -> None:
        """Report the contribution's records as the public sees them."""
        self.report.counts.update(
            visible=seen.visible, with_contact=seen.with_contact, relay_only=seen.relay_only, hidden=seen.hidden
        )
        self.report.hidden_because.update(seen.because)
        self.report.hidden_because = +self.report.hidden_because

    def _refuse(self, stage: Stage | None) -> None:
        self._abandon(stage)
        close_contribution(self.opened, state=REFUSED, report=self.report.as_kept())
        if self.intake.dry_run or not self.listed.last_at:
            drop_contribution(self.opened)

    def _forget(self, stage: Stage | None) -> None:
        self._abandon(stage)
        drop_contribution(self.opened)

    def _abandon(self, stage: Stage | None) -> None:
        """Remove what was staged, unless another import of the list took over: then it is that one's."""
        if stage is not None and is_under_way(self.opened):
            stage.abandon()
            if self.keeping:
                self.keeping.abandon()
