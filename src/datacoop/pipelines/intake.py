"""What is asked of a contribution, and what is told about it afterwards. Plain values, no values of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

MOST_PROBLEMS = 10_000


@dataclass(frozen=True)
class Intake:
    """One delivery of a list. `published` is the holder's attestation, with page and date."""

    files: tuple[Path, ...]
    holder: str
    source: str | None = None
    kind: str = "organisation"
    mapping: Mapping[str, str | None] | None = None
    published: bool = False
    page: str = ""
    page_on: date | None = None
    partial: bool = False
    accept_removals: bool = False
    with_persons: bool = False
    dry_run: bool = False
    country: str = "CH"
    authority: bool = False


@dataclass(frozen=True)
class RowProblem:
    """Something wrong in one row, told so that it can be found and mended."""

    row: int
    column: str | None
    code: str
    message: str


@dataclass
class Report:
    """The report of a contribution, dry run alike (the names are those of the command's JSON)."""

    files: list[str]
    holder: str
    source: str
    kind: str
    format: str = ""
    encoding: str | None = None
    header_row: int | None = None
    mapping: list[dict[str, object]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    hidden_because: Counter[str] = field(default_factory=Counter)
    problems: list[RowProblem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    COUNTS = (
        "read", "accepted", "rejected", "new", "changed", "unchanged", "vanished", "matched", "to_review",
        "visible", "with_contact", "relay_only", "hidden",
    )  # fmt: skip
    HOLDERS_COUNTS = ("read", "accepted", "rejected")

    def problem(self, problem: RowProblem) -> None:
        """Add a row's problem; beyond the most a report holds they are only counted."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)
        else:
            self.counts["more_problems"] += 1

    def as_json(self) -> dict[str, object]:
        """Return the report as the command prints it to stewards."""
        return {
            "file": self.files[0] if len(self.files) == 1 else self.files,
            "holder": self.holder,
            "source": self.source,
            "kind": self.kind,
            "format": self.format,
            "encoding": self.encoding,
            "header_row": self.header_row,
            "mapping": self.mapping,
            "counts": {name: self.counts[name] for name in self.COUNTS},
            "hidden_because": dict(sorted(self.hidden_because.items())),
            "rows": [vars(p) for p in self.problems],
            "notes": self.notes,
        }

    def for_holder(self) -> dict[str, object]:
        """Return what the holder itself is told: nothing that depends on anybody else's data."""
        told = self.as_json()
        told["counts"] = {name: self.counts[name] for name in self.HOLDERS_COUNTS}
        del told["hidden_because"]
        return told
