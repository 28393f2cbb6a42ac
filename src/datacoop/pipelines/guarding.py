"""What keeps a delivery from being taken in: what cannot be meant, what would empty a list, what looks unlike it.

Sentences for whoever sent it; nothing is changed here but the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from datacoop.kinds.definition import Kind
from datacoop.kinds.definition import kind as kind_named
from datacoop.pipelines.doubting import doubts_about, is_no_list
from datacoop.pipelines.intake import Intake, Report
from datacoop.pipelines.opening import Opened, as_targets
from datacoop.sources.addressing import country_code
from datacoop.sources.doubting import MANY_VANISHED, MOST_VANISHED, ROWS_UNKNOWN, Doubt

LONGEST_NAME = 200


def checked(intake: Intake) -> tuple[Intake, dict[str, str | None]]:
    """Return the intake with clean names, and its mapping as targets.

    Raises:
        ValueError: a name, the country or the mapping cannot be meant.
    """
    holder, source = intake.holder.strip(), (intake.source or "").strip() or None
    for name in (holder, source):
        if name is not None and not 0 < len(name) <= LONGEST_NAME:
            raise ValueError(f"A holder's and a list's name has 1 to {LONGEST_NAME} characters.")
    country = country_code(intake.country) if intake.country else None
    if intake.country and not country:
        raise ValueError(f"There is no country “{intake.country}”: write two letters, like CH.")
    given = as_targets(intake.mapping or {}, kind_named(intake.kind))
    return replace(intake, holder=holder, source=source, country=country), given


def asked_of_file(
    intake: Intake, file: Opened, kind: Kind, mapping: Mapping[str, str | None], report: Report
) -> str | None:
    """Return what is asked before a menu or a log of calls is read, None where nothing is."""
    found = None if intake.accept_unlike else is_no_list(file, kind, said=mapping)
    if found is None or found in intake.answered:
        return None
    report.doubts = [found]
    return (
        f"Is this the right file? {found.sentence()} If it is, say in the mapping which column is the name, "
        "or import again with --accept-unlike."
    )


def nothing_taken(intake: Intake, report: Report, present: int) -> str | None:
    """Return why a delivery without rows, or without one that can be taken, is refused; None where it is not.

    `present`: rows of the list until now.
    """
    counts, may_empty = report.counts, intake.accept_removals and present and not intake.partial
    if counts["read"] == 0 and not may_empty:
        return "There are no rows. Nothing was changed."
    if counts["read"] and counts["accepted"] == 0:
        return "No row could be taken: see the report, mend the rows or correct the mapping, and import again."
    return None


def asked_of_rows(intake: Intake, report: Report, source_id: int, *, gone: int, present: int) -> str | None:
    """Return what is asked about rows unlike the list they are for, or of which too many vanished; None otherwise."""
    report.doubts = doubts_about(intake, source_id, report, before=present, known=present - gone)
    # Those rows are asked about by a question of their own.
    own = {ROWS_UNKNOWN, MANY_VANISHED}
    asking = [d.sentence() for d in report.doubts if d.code not in own and d not in intake.answered]
    if asking and not intake.accept_unlike:
        return f"Is this the right file? {' '.join(asking)} If it is, import again with --accept-unlike."
    if intake.partial:
        return None
    report.counts["vanished"] = gone
    told = Doubt(MANY_VANISHED, gone, present) in intake.answered
    if gone > MOST_VANISHED * present and not intake.accept_removals and not told:
        return (
            f"{gone} of {present} rows of the last file are missing in this one. If they are really gone, "
            "import again with --accept-removals; if the file is only a part of the list, with --partial."
        )
    return None
