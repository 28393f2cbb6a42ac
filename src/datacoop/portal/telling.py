"""A report of the importer in the reader's language: its codes become sentences, no code is shown bare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from datacoop.kinds.definition import all_kinds
from datacoop.pipelines.contribute import ContributionRefused
from datacoop.pipelines.intake import Report, RowProblem
from datacoop.portal.catalogue import catalogue, say
from datacoop.portal.templatetags.portal import language
from datacoop.sources.actions import UnclearListError
from datacoop.sources.doubting import Doubt
from datacoop.sources.readers.table import ListRefused

_MOST_PROBLEMS = 50


@dataclass(frozen=True)
class Refusal:
    """Why nothing was brought in; `is_final` where no other mapping could help this file."""

    text: str
    is_final: bool = False
    #: Many rows are missing: a tick in the preview says that they are really gone.
    is_vanished: bool = False
    missing: int = 0
    #: It looks unlike the list it is for: a tick says that it is the right file.
    is_unlike: bool = False

    @property
    def asks(self) -> bool:
        """Whether a tick can take the file in all the same."""
        return self.is_vanished or self.is_unlike


def refusal_of(refused: ContributionRefused | UnclearListError) -> Refusal:
    """Return why, in words; the importer's own sentence where nobody translated it."""
    if isinstance(refused, UnclearListError):
        return Refusal(_said("refusals", "unclear-list", str(refused)), is_final=True)
    cause = refused.__cause__
    if isinstance(cause, ListRefused):
        text = _said("refusals", cause.code, cause.message)
        return Refusal(text + place_said(cause.line, cause.column, cause.reason), is_final=True)
    report = refused.report
    code = _code_of(report) if report and isinstance(cause, ContributionRefused) else None
    if report is None or code is None:
        return Refusal(str(refused))
    if code == "unlike":
        return Refusal(" ".join([say(language(), "steward.unlike"), *doubts_said(report)]), is_unlike=True)
    text = say(language(), f"steward.refusals.{code}", count=report.counts["vanished"])
    gone = report.counts["vanished"] if code == "many-vanished" else 0
    return Refusal(text, is_final=code == "no-rows", is_vanished=bool(gone), missing=gone)


def place_said(line: int | None, column: int | None = None, reason: str = "") -> str:
    """Return where a file cannot be read, and what is wrong there, to follow a sentence; empty where unknown."""
    here = _said("refusal_reasons", reason, "") if reason else ""
    where = f" ({say(language(), 'steward.row')} {line})" if line else ""
    if line and column:
        where = f" ({say(language(), 'steward.refusal_place', line=line, column=column)})"
    return f"{where} {here}".rstrip()


def _code_of(report: Report) -> str | None:
    """What the counts say about a refusal that has no code."""
    if report.counts["read"] == 0:
        return "unlike" if report.doubts else "no-rows"
    if report.counts["accepted"] == 0:
        return "no-row-taken"
    if report.counts["vanished"]:
        return "many-vanished"
    return "unlike" if report.doubts else None


def doubts_said(report: Report) -> list[str]:
    """Return in words why a file looks unlike the list it is for: its own columns and rows alone have a say."""
    return [_doubt(each) for each in report.doubts]


def _doubt(doubt: Doubt) -> str:
    names = [all_kinds()[each].plural_labels[language()] if each in all_kinds() else each for each in doubt.names]
    return say(language(), f"steward.doubts.{doubt.code}", count=doubt.count, of=doubt.of, names=", ".join(names))


def told(report: Report | None, *, for_holder: bool = False) -> dict[str, Any]:
    """Return what a page shows of a report; to a holder, nothing that depends on anybody else's data."""
    if report is None:
        return {}
    names = Report.HOLDERS_COUNTS if for_holder else Report.COUNTS
    hidden = {} if for_holder else report.hidden_because
    return {
        "counts": [(f"steward.counts.{name}", report.counts[name]) for name in names],
        "because": [(because(code), number) for code, number in sorted(hidden.items()) if number],
        "country": country_said(report),
        "corrected": [
            say(language(), f"steward.corrected.{each.code}", count=each.count, rows=each.rows())
            for each in report.corrected.values()
        ],
        "problems": [_row(each) for each in report.problems[:_MOST_PROBLEMS]],
        "more": max(0, len(report.problems) - _MOST_PROBLEMS),
        "format": report.format,
        "encoding": report.encoding,
        "header_row": report.header_row,
    }


def country_said(report: Report) -> str:
    """Return which country was taken for the list, and what its values say of it."""
    found = report.country
    if found is None:
        return ""
    name = _said("countries", found.country or "", found.country or "")
    shown = [
        say(language(), f"steward.country_evidence.{each.sort}", count=each.count, of=each.of)
        for each in found.evidence
        if found.country
    ]
    text = say(language(), f"steward.country_why.{found.why}", country=name)
    return f"{text} ({', '.join(shown)})." if shown else f"{text}."


def because(code: str) -> str:
    """Return why something is not shown, in words."""
    return _said("because", code, code.replace("-", " "))


def problem_said(code: str, otherwise: str) -> str:
    """Return what is wrong in a row, in words; the importer's own sentence where nobody translated it."""
    return _said("row_problems", code, otherwise)


def _row(problem: RowProblem) -> dict[str, object]:
    text = problem_said(problem.code, problem.message)
    return {"row": problem.row, "column": problem.column, "message": text}


def _said(family: str, code: str, otherwise: str) -> str:
    return catalogue(language()).get(f"steward.{family}.{code}", otherwise)
