"""What of a holder's own files comes back to it: rejected rows to mend and send again, and its own columns.

These are the sender's own cells, handed back to the sender and to nobody else (ARCHITECTURE: `sources`).
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from datacoop.disclosure.holding import own_words
from datacoop.kinds.definition import kind as kind_named
from datacoop.pipelines.coverage.people import with_people
from datacoop.portal.catalogue import say
from datacoop.portal.pages import missing, page
from datacoop.portal.telling import problem_said
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.desk.guarding import Desk, at_desk, with_list
from datacoop.portal.views.desk.looking import enter, with_reason
from datacoop.portal.views.desk.paging import paged
from datacoop.portal.views.desk.sheets import download
from datacoop.sources.forgetting import erase_rejected
from datacoop.sources.keeping import LONGEST, Fault, KeptRejected, list_own, list_rejected, records_of
from datacoop.sources.owning import OwnList, own_columns_of
from datacoop.sources.returning import own_sheet, rejected_sheet


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@with_list
@with_reason
def rejected(request: HttpRequest, desk: Desk, own: OwnList) -> HttpResponseBase:
    """The rows that could not be taken and why; POST erases one that need not be kept."""
    if request.method == "POST":
        erase_rejected(own.source_id, request.POST.get("erase", ""))
        return redirect(request.get_full_path())
    rows = _rejected(desk, own)
    shown = [
        {"kept": each, "faults": [(column or "", problem_said(code, text)) for column, code, text in each.row.faults]}
        for each in rows
    ]
    values = {"desk": desk, "own": own, "count": len(rows), "days": LONGEST.days, **paged(request, shown)}
    return page(request, "desk/rejected", {**values, "own_columns": own_columns_of(own)})


@at_desk
@with_list
@with_reason
@require_safe
def rejected_workbook(request: HttpRequest, desk: Desk, own: OwnList) -> HttpResponseBase:
    """The rejected rows in the columns they came in, with what is wrong; mended, it is sent again as a part."""
    rows = _rejected(desk, own)
    if not rows:
        return missing(request)
    sheet = rejected_sheet(rows, language=language(), say=_said)
    return download([sheet], f"{own.name} – {say(language(), 'desk.rejected')}")


@at_desk
@with_list
@with_reason
@require_safe
def own_workbook(request: HttpRequest, desk: Desk, own: OwnList) -> HttpResponseBase:
    """The columns that are kept for the holder alone, beside what each row is known by and its name."""
    columns = own_columns_of(own)
    if not columns:
        return missing(request)
    kept = list(list_own(own.source_id))
    enter(desk, own, with_people(own, {record for record, _ in kept}))
    name = kind_named(own.kind).slots["name"].name
    words = own_words(own.source_id, [record for record, _ in kept])
    rows = [(str((words.get(record, {}).get(name) or [""])[0]), cells) for record, cells in kept]
    title = say(language(), "desk.own_columns")
    rows.sort(key=lambda row: row[0])
    sheet = own_sheet(title, columns, rows, keys=own.key_columns, name=own.name_column)
    return download([sheet], f"{own.name} – {title}")


def _rejected(desk: Desk, own: OwnList) -> list[KeptRejected]:
    """Return the rows that could not be taken, a steward's look at them entered.

    Most became no record: then the ledger alone tells of the look.
    """
    rows = list_rejected(own.source_id, now=datetime.now(UTC))
    if rows:
        enter(desk, own, with_people(own, records_of(own.source_id, rows)))
    return rows


def _said(fault: Fault) -> str:
    _column, code, text = fault
    return problem_said(code, text)
