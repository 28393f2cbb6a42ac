"""What whoever a list names tells its holder: corrections in the list's own columns, objections, and their answer."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.sheets import Cell, Sheet
from datacoop.lib.text import clean
from datacoop.pipelines.coverage.changes import Column
from datacoop.pipelines.coverage.passing import (
    ObjectedRow,
    PassedRow,
    objected_rows,
    passed_rows,
    told_about,
    told_columns,
)
from datacoop.portal.asking import is_number
from datacoop.portal.catalogue import say
from datacoop.portal.pages import page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.desk.guarding import Desk, at_desk, with_list
from datacoop.portal.views.desk.looking import enter, with_reason
from datacoop.portal.views.desk.sheets import Line, download, plain, shown_at
from datacoop.portal.views.steward.values import shown_value
from datacoop.rights.actions.objecting import LONGEST_NOTE, AnswerRefused, answer_objection
from datacoop.sources.owning import OwnList

_CHANGED = "FFF2CC"
_ANSWERS = {"removed": "correcting.answer_removed", "kept": "correcting.answer_kept"}
#: What a spreadsheet would take for a formula (CSV injection).
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@with_list
@with_reason
def told(request: HttpRequest, desk: Desk, own: OwnList) -> HttpResponseBase:
    """Corrections row by row, and objections with room for the answer."""
    problem = 0
    if request.method == "POST":
        problem = _answered(request, desk)
        if not problem:
            return redirect(request.path)
    rows, objections = _looked_at(desk, own, whole=False)
    values = {
        "desk": desk,
        "own": own,
        "corrections": [_shown(each) for each in rows],
        "objections": [{"name": _named(each), "objection": each.objection} for each in objections],
        "problem_in": problem,
        "longest": LONGEST_NOTE,
    }
    return page(request, "desk/told", values, status=422 if problem else 200)


@at_desk
@with_list
@with_reason
@require_safe
def told_sheet(_request: HttpRequest, desk: Desk, own: OwnList) -> HttpResponseBase:
    """The rows in the holder's own columns with the cells marked, every difference by itself, and the objections."""
    rows, objections = _looked_at(desk, own, whole=True)
    columns = told_columns(own)
    names = [_said(key) for key in ("desk.entry", "desk.column", "desk.mine", "correcting.told_theirs")]
    sheets = [
        Sheet(_said("correcting.told_corrections"), names, [line for each in rows for line in _lines(each)]),
        Sheet(_said("desk.in_my_columns"), [each.name for each in columns], [_new(columns, each) for each in rows]),
        Sheet(_said("correcting.told_objections"), _headings(), [plain(*_objected(each)) for each in objections]),
    ]
    return download(sheets, f"{own.name} – {_said('correcting.told')}")


@at_desk
@with_list
@with_reason
@require_safe
def told_csv(_request: HttpRequest, desk: Desk, own: OwnList) -> HttpResponseBase:
    """The corrected rows in the holder's own columns, ready to be read back; a last column says who objects."""
    rows, objections = _looked_at(desk, own, whole=True)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    columns = told_columns(own)
    writer.writerow([*(each.name for each in columns), _said("correcting.told_objections")])
    for each in rows:
        writer.writerow([*(_inert(str(cell.value)) for cell in _new(columns, each)), ""])
    for objected in objections:
        if not objected.objection.answer:
            said = [shown_at(c, objected.row.said(c), language()) for c in columns]
            whom = f"{_function(objected.function)}: " if objected.function else ""
            writer.writerow([*map(_inert, said), whom + _said("correcting.told_object")])
    response = HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    name = "".join(letter for letter in clean(f"{own.name} – {_said('correcting.told')}") if letter not in '\\/:*?"<>|')
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.csv") or ""
    return response


def _looked_at(desk: Desk, own: OwnList, *, whole: bool) -> tuple[list[PassedRow], list[ObjectedRow]]:
    """Return what is told, a steward's look at it entered."""
    rows, objections = passed_rows(desk.holder, own), objected_rows(desk.holder, own)
    if rows or objections:
        enter(desk, own, told_about(rows, objections, whole=whole))
    return rows, objections


def _answered(request: HttpRequest, desk: Desk) -> int:
    """Keep the holder's answer; the number of the objection where it cannot be kept, else 0."""
    number = request.POST.get("number", "")
    if not is_number(number):
        return 0
    try:
        answer_objection(
            number=int(number), holder=desk.holder.uid, answer=request.POST.get("answer", ""),
            note=request.POST.get("note", ""), actor=desk.actor, now=datetime.now(UTC),
        )  # fmt: skip
    except AnswerRefused:
        return int(number)
    return 0


def _shown(row: PassedRow) -> dict[str, Any]:
    return {
        "name": row.row.name,
        "differences": [dict(zip(("column", "mine", "theirs"), _difference(c), strict=True)) for c in row.changes],
    }


def _difference(change: Any) -> tuple[str, str, str]:
    prop = change.column.property
    mine, theirs = (
        ", ".join(shown_value(value, prop, language()) for value in values) for values in (change.mine, change.theirs)
    )
    return change.column.name, mine, theirs


def _lines(row: PassedRow) -> list[Line]:
    return [plain(row.row.name, *_difference(change)) for change in row.changes]


def _new(columns: Sequence[Column], row: PassedRow) -> list[Cell]:
    """The row as it would be right, what is new in it marked, with what stood there before in a note."""
    changed = {each.column.name: _difference(each) for each in row.changes}
    line = []
    for column in columns:
        mine = shown_at(column, row.row.said(column), language())
        _, _, theirs = changed.get(column.name, ("", "", mine))
        is_new = column.name in changed
        line.append(Cell(theirs, _CHANGED if is_new else "", f"{_said('desk.mine')}: {mine}" if is_new else ""))
    return line


def _named(row: ObjectedRow) -> str:
    """The name of the row, and the function of whom in it the objection is about."""
    return f"{row.row.name or '–'} – {_function(row.function)}" if row.function else row.row.name


def _function(code: str) -> str:
    return shown_value(code, kind_named("role").property("role"), language())


def _objected(row: ObjectedRow) -> tuple[str, str, str, str]:
    facts = row.objection
    answered = facts.answered_at.date().isoformat() if facts.answered_at else ""
    answer = _said(_ANSWERS[facts.answer]) if facts.answer else ""
    return _named(row), facts.made_at.date().isoformat(), f"{answer} {facts.note}".strip(), answered


def _headings() -> list[str]:
    keys = ("desk.entry", "correcting.told_since", "correcting.told_answer", "correcting.told_answered")
    return [_said(key) for key in keys]


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULAS) and not text.lstrip("+").replace(" ", "").isdigit() else text


def _said(key: str) -> str:
    return say(language(), key)
