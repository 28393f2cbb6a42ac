"""Bringing in a list: the file, its mapping, a trial, the import, the report."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from datacoop.pipelines import uploads
from datacoop.pipelines.submitting import answered
from datacoop.portal import bringing
from datacoop.portal.pages import page
from datacoop.portal.telling import told
from datacoop.portal.views.steward.guarding import actor_of, steward_only
from datacoop.sources.queries import list_lists


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def upload(request: HttpRequest) -> HttpResponse:
    """The form, and the file it sends."""
    problem = ""
    if request.method == "POST":
        sent = bringing.sent(request, holder=request.POST.get("holder", ""))
        if sent.file is not None:
            return redirect(f"/steward/upload/{uploads.keep(sent.file.chunks(), sent.wished).token}")
        problem = sent.problem
    holders = sorted({each.holder for each in list_lists()})
    values = {**bringing.form_values(request.POST, problem), "holders": holders}
    return page(request, "steward/upload", values, status=422 if problem else 200)


@require_safe
@steward_only
def waiting(request: HttpRequest) -> HttpResponse:
    """The files that holders sent and that wait for a steward's word, the oldest first."""
    return page(request, "steward/waiting", {"waiting": uploads.list_waiting()})


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """The mapping to confirm; POST tries it, brings the list in, or throws the file away."""
    kept = uploads.find(token)
    if kept is None:
        return page(request, "steward/upload_gone", status=404)
    if request.method != "POST":
        report, refusal = bringing.run(kept.intake(kept.wished.mapping, dry_run=True), actor_of(request))
        values = bringing.preview_values(kept, report, request.POST)
        return page(request, "steward/upload_preview", {**values, "refusal": refusal})
    step = request.POST.get("step", "")
    if step == "discard":
        answered(kept, None, now=datetime.now(UTC))
        if kept.wished.asked_at and kept.wished.sender:
            uploads.refuse(kept, now=datetime.now(UTC))
        else:
            uploads.discard(token)
        return redirect("/steward/")
    mapping = bringing.mapping_of(request.POST)
    kept = replace(kept, wished=bringing.told_later(kept.wished, request.POST))
    report, refusal = bringing.run(kept.intake(mapping, dry_run=step != "import"), actor_of(request))
    if step == "import" and not refusal:
        answered(kept, report, now=datetime.now(UTC))
        uploads.discard(token)
        return page(request, "steward/upload_done", {"report": told(report), "wished": kept.wished})
    if step == "import" and refusal and refusal.asks:
        # The trial alone tells what the rows that are there would show.
        report, _ = bringing.run(kept.intake(mapping, dry_run=True), actor_of(request))
    values = bringing.preview_values(kept, report, request.POST)
    return page(request, "steward/upload_preview", {**values, "refusal": refusal, "is_refused": step == "import"})
