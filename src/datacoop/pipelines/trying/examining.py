"""Look at one list from end to end: read → check → compare with what is public → mark → report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final

from django.conf import settings
from python_calamine import CalamineWorkbook

from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.text import fold
from datacoop.pipelines.persons import officers
from datacoop.pipelines.trying import domains
from datacoop.pipelines.trying.checking import Checking
from datacoop.pipelines.trying.doubles import doubles_of
from datacoop.pipelines.trying.findings import FAMILIES, LEVELS, PUBLIC, Finding
from datacoop.pipelines.trying.held import Held, State
from datacoop.pipelines.trying.marking import Marked, Marks, mark_workbook, write_workbook
from datacoop.pipelines.trying.public import compare_with_public
from datacoop.pipelines.trying.reading import SAMPLE, Listed, read_list
from datacoop.pipelines.trying.separated import Separated, take_apart
from datacoop.sources.doubting import NO_NAMES
from datacoop.sources.places import default_gazetteer
from datacoop.sources.plausibility import doubt
from datacoop.sources.readers.table import ListRefused, Row

_KIND: Final = "organisation"
_SEPARATED: Final = frozenset({"csv", "tsv"})
_WORKBOOKS: Final = frozenset({"xlsx", "xls", "ods"})
#: So many findings are told on the page; the workbook has them all.
_MOST_TOLD: Final = 200
_CONTACTS: Final = frozenset({"email", "phones", "addresses"})


@dataclass(frozen=True)
class Setting:
    """What the installation allows: `ask` the name servers, or None."""

    today: date
    ask: domains.Ask | None = None


def examine(held: Held, setting: Setting) -> None:
    """Look at what was sent; afterwards the try holds a report and a workbook, or the reason why not."""
    try:
        held.say(State("reading"))
        gazetteer = default_gazetteer(settings.DATACOOP_DATA_DIR)
        listed, separated = _numbered(read_list(held.file, kind_named(_KIND), gazetteer), held)
        checking = Checking(listed, gazetteer, setting.today)
        if setting.ask is not None:
            checking.gone = domains.gone(checking.domains_named(), setting.ask)
        doubles = doubles_of(listed)
        held.say(State("comparing"))
        public = compare_with_public(listed, held.wish.base_url)
        found = [*checking.findings(), *doubles.findings, *public.findings]
        found = [_with_family(each, listed) for each in _in_order(found, listed)]
        report = _report(listed, found, asked=setting.ask is not None) | {
            "doubles": doubles.rows,
            "doubles_perhaps": doubles.perhaps,
            "postcodes_judged": gazetteer.judges_postcodes() or not _names_postcodes(listed),
            "public": {name: value for name, value in asdict(public).items() if name != "findings"},
        }
        held.say(State("writing"))
        report |= _write(held, listed, separated, found)
    except ListRefused as refused:
        held.refuse(refused.code, refused.line, column=refused.column, detail=refused.reason)
        return
    held.conclude(report)


def _numbered(listed: Listed, held: Held) -> tuple[Listed, Separated | None]:
    """Where rows have no place of their own in a sheet, let them count as in the workbook we write."""
    separated = None
    if listed.table.format in _SEPARATED:
        separated = take_apart(held.file, listed.table.encoding, listed.table.columns, listed.rows)
    if separated is not None or listed.table.format in _WORKBOOKS:
        return listed, separated
    numbers = {row.number: place for place, row in enumerate(listed.rows, start=2)}
    rows = [Row(numbers[row.number], row.values) for row in listed.rows]
    for mapped in listed.mapped:
        mapped.problems = [replace(each, row=numbers[each.row]) for each in mapped.problems]
    return replace(listed, rows=rows), None


def _in_order(found: Sequence[Finding], listed: Listed) -> list[Finding]:
    """As somebody reads the sheet: by row, then by column; what is public comes after what is wrong."""
    rows = {row.number: place for place, row in enumerate(listed.rows)}
    columns = {name: place for place, name in enumerate(listed.table.columns)}
    return sorted(found, key=lambda f: (rows[f.row], columns.get(f.column or "", -1), f.level == PUBLIC))


def _gravest(finding: Finding) -> int:
    return LEVELS.index(finding.level)


def _with_family(finding: Finding, listed: Listed) -> Finding:
    """What is wrong with a cell belongs to what the cell is about."""
    target = listed.mapping.get(finding.column or "") or ""
    family = {"email": "email", "phones": "phone", "website": "web"}.get(target.partition(".")[0], "")
    if finding.family == "other" and target.startswith(("addresses", "commune", "point")):
        family = "place"
    return replace(finding, family_of=family) if family and finding.family == "other" else finding


def _report(listed: Listed, found: Sequence[Finding], *, asked: bool) -> dict[str, Any]:
    counted = [each for each in found if each.is_counted]
    counts = Counter(each.family for each in counted)
    named = {
        (fold(officer.name), (officer.email or "").lower()) for m in listed.mapped for officer in officers(m.persons)
    }
    personal = sum(any(v.personal and v.property in _CONTACTS for v in m.values) for m in listed.mapped)
    return {
        "format": listed.table.format,
        "encoding": listed.table.encoding,
        "country": listed.country,
        "rows": len(listed.rows),
        "columns": [(each.column, each.property) for each in listed.columns],
        "families": [(name, counts[name]) for name in FAMILIES if counts[name]],
        "levels": dict(Counter(each.level for each in counted)),
        "clean_rows": len(listed.rows) - len({each.row for each in found if each.level != "public"}),
        "findings": [(f.row, f.column, f.code, dict(f.gaps)) for f in sorted(found, key=_gravest)[:_MOST_TOLD]],
        "more": max(0, len(found) - _MOST_TOLD),
        "persons": len(named),
        "person_columns": listed.person_columns,
        "has_names": "name" in listed.mapping.values(),
        "doubt": _doubt(listed),
        "left_out": listed.table.left_out,
        "personal_contacts": personal,
        "asked_domains": asked,
    }


def _doubt(listed: Listed) -> tuple[str, int, int] | None:
    """Return what an import would ask first, as code and numbers. That there are no names is told by itself."""
    found = doubt(listed.mapping, listed.rows[:SAMPLE], listed.kind)
    return (found.code, found.count, found.of) if found and found.code != NO_NAMES else None


def _names_postcodes(listed: Listed) -> bool:
    addresses = (v.value for m in listed.mapped for v in m.values if v.property == "addresses")
    return any(isinstance(each, dict) and each.get("country") == "CH" and each.get("postal_code") for each in addresses)


def _write(held: Held, listed: Listed, separated: Separated | None, found: Sequence[Finding]) -> dict[str, Any]:
    words = held.wish.words
    summary = [(words["sheet.rows"], str(len(listed.rows))), (words["sheet.findings"], str(len(found)))]
    marks = Marks(listed.table.columns, listed.rows, found, words, summary)
    marked = _marked(held, listed, marks)
    if marked is None:
        write_workbook(_sheets(held, listed, separated), held.workbook, marks)
        marked = Marked(("formats",) if listed.table.format in _WORKBOOKS else ())
    told: dict[str, Any] = {"lost": marked.lost, "sheet": marked.sheet, "table": None}
    if separated is not None:
        texts: dict[int, list[str]] = {}
        for each in found:
            texts.setdefault(each.row, []).append(each.text(words))
        joined = {row: " | ".join(dict.fromkeys(said)) for row, said in texts.items()}
        held.table.write_bytes(separated.with_findings(listed.table.header_row, joined, words["sheet.title"]))
        held.table.chmod(0o600)
        told["table"] = listed.table.format
    held.workbook.chmod(0o600)
    return told


def _marked(held: Held, listed: Listed, marks: Marks) -> Marked | None:
    """Mark the sender's own workbook, None where there is none or openpyxl does not take it whole."""
    if listed.table.format != "xlsx":
        return None
    try:
        return mark_workbook(held.file, held.workbook, marks)
    except MemoryError:
        raise
    except Exception:
        return None  # its values come back all the same


def _sheets(
    held: Held, listed: Listed, separated: Separated | None
) -> Iterable[tuple[str, Iterable[Sequence[object]]]]:
    """The values of the file, sheet by sheet, where they stand in it."""
    if separated is not None:
        yield held.wish.words["sheet.list"], separated.decoded()
    elif listed.table.format in _WORKBOOKS:
        book = CalamineWorkbook.from_path(str(held.file))
        for name in book.sheet_names:
            yield name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    else:
        records = [[row.values.get(column) for column in listed.table.columns] for row in listed.rows]
        yield held.wish.words["sheet.list"], [listed.table.columns, *records]
