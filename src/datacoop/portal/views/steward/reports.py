"""What visitors reported and no representative answers: a steward does, with a reason when nothing is changed."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.kinds.definition import kind
from datacoop.pipelines.entering import Entry, EntryRefused, enter
from datacoop.portal.asking import is_number
from datacoop.portal.fields import fields_of
from datacoop.portal.pages import page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.steward.guarding import actor_of, steward_only
from datacoop.rights.actions.reporting import SettlingRefused, settle_report
from datacoop.rights.actions.retiring import retire
from datacoop.rights.queries.reports import ReportFacts, find_report, list_reports
from datacoop.rights.rules.reports import ADD, GONE


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def reports(request: HttpRequest) -> HttpResponse:
    """The oldest first."""
    now = datetime.now(UTC)
    problem: dict[str, object] = {}
    if request.method == "POST":
        number = request.POST.get("number", "")
        found = find_report(int(number)) if is_number(number) else None
        if found is not None:
            problem = _settled(request, found, now)
        if not problem:
            return redirect("/steward/reports")
    waiting = [(each, _typed(each)) for each in list_reports(now=now)]
    return page(request, "steward/reports", {"waiting": waiting, **problem}, status=422 if problem else 200)


def _settled(request: HttpRequest, found: ReportFacts, now: datetime) -> dict[str, object]:
    """Do what is accepted, then settle; return what is wrong."""
    accepted, reason = request.POST.get("answer") == "accept", request.POST.get("reason", "").strip()
    actor = actor_of(request)
    if not (accepted or reason):
        return {"problem_in": found.number, "problem": "correcting.reason_needed"}
    try:
        if accepted and found.kind == ADD:
            cells = {path: str(text) for path, text in found.cells.items()}
            enter(Entry("organisation", cells), actor=actor, reason="reported by a visitor", now=now)
        elif accepted and found.kind == GONE and found.record_uid:
            retire(uid=found.record_uid, actor=actor, now=now)
        settle_report(number=found.number, accepted=accepted, reason=reason, actor=actor, now=now)
    except EntryRefused as refused:
        return {"problem_in": found.number, "refused": [each.message for each in refused.problems]}
    except SettlingRefused:
        return {"problem_in": found.number, "problem": "correcting.reason_needed"}
    return {}


def _typed(found: ReportFacts) -> list[tuple[str, str]]:
    """What was typed of an association that is missing, under the names of the form."""
    fields = fields_of(kind("organisation"), language(), {})
    names = {each.path: f"{each.group} {each.label}".strip() for each in fields}
    return [(names.get(path, path), str(text)) for path, text in found.cells.items() if text]
