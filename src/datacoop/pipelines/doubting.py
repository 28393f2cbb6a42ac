"""Hold a delivery against the list it is for, before it is accepted. Decides nothing that `sources.doubting` can."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from datacoop.kinds.definition import Kind, all_kinds
from datacoop.pipelines.intake import Intake, Report
from datacoop.pipelines.opening import Opened, open_file
from datacoop.sources.describing import expected_of
from datacoop.sources.doubting import COLUMNS_GONE, OTHER_KIND, Doubt, Given, doubts, fits_better
from datacoop.sources.plausibility import doubt
from datacoop.sources.readers.table import ListRefused


def columns_of(report: Report) -> dict[str, str | None]:
    """Return the columns of a delivery, and what they become."""
    return {str(c["column"]): str(c["property"]) if c["property"] else None for c in report.mapping}


def is_no_list(file: Opened, kind: Kind, *, said: Mapping[str, str | None]) -> Doubt | None:
    """Return why a file is hardly a list of the kind; None where it looks like one.

    Nor is it asked where somebody `said`, now or for an earlier file, which of its columns is the name.
    """
    name = kind.slots.get("name")
    targets = {(said.get(column) or "").partition(".")[0] for column in file.mapping}
    return None if name is not None and name.name in targets else doubt(file.mapping, file.sample, kind)


def doubts_about(intake: Intake, source_id: int, report: Report, *, before: int, known: int) -> list[Doubt]:
    """Return the reasons to ask before a delivery is taken in. `known` of `before` rows were found again."""
    columns = columns_of(report)
    # Who says that many rows are gone has answered already how few are left.
    is_part = intake.partial or intake.accept_removals
    found = doubts(expected_of(source_id), Given(report.counts["read"], columns, before, known, is_part=intake.partial))
    if is_part:
        found = [each for each in found if each.code in {COLUMNS_GONE, "rows-few", "rows-many"}]
    if any(each.code == COLUMNS_GONE for each in found):
        better = fits_better(columns, _as_other_kinds(intake))
        found += [Doubt(OTHER_KIND, names=(better,))] if better else []
    return found


def _as_other_kinds(intake: Intake) -> dict[str, Mapping[str, str | None]]:
    """Return what the columns of the first file would become under every other kind that lists are of."""
    found: dict[str, Mapping[str, str | None]] = {}
    for kind in all_kinds().values():
        if kind.list_route and kind.name != intake.kind:
            with suppress(ListRefused):
                found[kind.name] = open_file(intake.files[0], kind, {}, Report([], "", "", kind.name)).mapping
    return found
