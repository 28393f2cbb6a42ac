"""What is asked of a contribution, and what is told about it afterwards. Plain values, no values of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from datacoop.sources.countries import Finding
from datacoop.sources.doubting import Doubt

MOST_PROBLEMS = 10_000
MOST_EXAMPLES = 5
#: What was done with coordinates that are no latitude and longitude as they stand.
CORRECTIONS = {
    "swapped": "were put in the order latitude, longitude",
    "decimal-comma": "were read with a decimal comma",
    "lv95": "were converted from the Swiss grid LV95",
    "lv03": "were converted from the old Swiss grid LV03",
    "lambert-93": "were converted from the French grid Lambert-93",
    "web-mercator": "were converted from web maps' grid (Web Mercator)",
}


@dataclass(frozen=True)
class Intake:
    """One delivery of a list. `published` is the holder's attestation, with page and date.

    `source` None: the holder's one list of the kind; `country` None: the list's own, for a new one what its rows show.
    Not `linked`: its rows are compared with nobody's, for measuring. It `gives_way` to another import of the list that
    is at work; a trial always does. `answered`: doubts that a steward was told of and
    set aside; every other one is asked about. `gone`: keys of rows of which a partial list says that they are.
    """

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
    country: str | None = None
    authority: bool = False
    linked: bool = True
    accept_unlike: bool = False
    answered: frozenset[Doubt] = frozenset()
    gives_way: bool = False
    gone: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RowProblem:
    """Something wrong in one row, told so that it can be found and mended. `file` where there are several."""

    row: int
    column: str | None
    code: str
    message: str
    file: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return it as a report's line."""
        told: dict[str, object] = {"row": self.row, "column": self.column, "code": self.code, "message": self.message}
        return {**told, "file": self.file} if self.file else told


@dataclass
class Corrected:
    """Rows whose coordinates were put right in the same way: how many, and the first of them."""

    code: str
    count: int = 0
    first: list[tuple[int, str | None]] = field(default_factory=list)

    def add(self, row: int, file: str | None) -> None:
        """Count one more row; `file` where there are several."""
        self.count += 1
        if len(self.first) < MOST_EXAMPLES:
            self.first.append((row, file))

    def sentence(self) -> str:
        """Return what was done, and where first."""
        rows = "1 row" if self.count == 1 else f"{self.count} rows"
        return f"Coordinates {CORRECTIONS[self.code]} in {rows} ({self.rows()})."

    def rows(self) -> str:
        """Return the first rows, and that there are more."""
        rows = ", ".join(f"{row} ({file})" if file else str(row) for row, file in self.first)
        return f"{rows}, …" if self.count > len(self.first) else rows

    def as_json(self) -> dict[str, object]:
        """Return it as it stands in a report."""
        first = [{"row": row, "file": file} if file else {"row": row} for row, file in self.first]
        return {"code": self.code, "count": self.count, "first": first}


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
    country: Finding | None = None
    mapping: list[dict[str, object]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    hidden_because: Counter[str] = field(default_factory=Counter)
    problems: list[RowProblem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    doubts: list[Doubt] = field(default_factory=list)
    corrected: dict[str, Corrected] = field(default_factory=dict)
    _persons: set[int] = field(default_factory=set, repr=False)

    COUNTS = (
        "read", "accepted", "rejected", "new", "changed", "unchanged", "vanished", "matched", "to_review",
        "visible", "with_contact", "relay_only", "hidden", "persons",
    )  # fmt: skip
    HOLDERS_COUNTS = ("read", "accepted", "rejected")

    def column(self, name: str, target: str | None, confidence: float, *, sort: str = "") -> None:
        """Tell of a column once, however many files have it.

        `sort` is `person` where it names natural persons, `own` where it is kept for its holder alone.
        """
        if all(each["column"] != name for each in self.mapping):
            told: dict[str, object] = {"column": name, "property": target, "confidence": round(confidence, 3)}
            self.mapping.append({**told, sort: True} if sort else told)

    def name_persons(self, names: Iterable[str]) -> None:
        """Count natural persons that rows name, each once: so many would have to be told."""
        before = len(self._persons)
        self._persons.update(map(hash, names))
        self.counts["persons"] += len(self._persons) - before

    def problem(self, problem: RowProblem) -> None:
        """Add a row's problem; beyond the most a report holds they are only counted."""
        self.codes[problem.code] += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def correct(self, codes: Iterable[str], row: int, file: str | None) -> None:
        """Count a row whose coordinates were put right."""
        for code in codes:
            self.corrected.setdefault(code, Corrected(code)).add(row, file)

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
            "country": self.country.as_json() if self.country else None,
            "mapping": self.mapping,
            "counts": {name: self.counts[name] for name in self.COUNTS},
            "hidden_because": dict(sorted(self.hidden_because.items())),
            "rows": [p.as_json() for p in self.problems],
            "corrected": [each.as_json() for each in self.corrected.values()],
            "notes": self.notes,
            "doubts": [each.as_json() for each in self.doubts],
        }

    def for_holder(self) -> dict[str, object]:
        """Return what the holder itself is told: nothing that depends on anybody else's data."""
        told = self.as_json()
        told["counts"] = {name: self.counts[name] for name in self.HOLDERS_COUNTS}
        del told["hidden_because"], told["doubts"]
        return told

    def as_kept(self) -> dict[str, object]:
        """Return what is kept of it: counts and codes, and which columns are the holder's own; no row and no value."""
        return {
            "counts": dict(self.counts),
            "codes": dict(self.codes),
            "hidden_because": dict(self.hidden_because),
            "own_columns": [each["column"] for each in self.mapping if each.get("own")],
        }
