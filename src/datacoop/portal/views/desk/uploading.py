"""A holder brings in a list: the file, its mapping, a trial, and the step that counts.

What nobody has looked at yet waits for a steward: a list's first delivery, one that is published from now on, and
one with columns about people. Nothing comes in before the agreement is signed. Bringing
a list in sends nothing to anybody.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.pipelines import uploads
from datacoop.pipelines.submitting import answered
from datacoop.portal import bringing
from datacoop.portal.pages import page
from datacoop.portal.telling import told
from datacoop.portal.views.desk.agreeing import agreed
from datacoop.portal.views.desk.guarding import Desk, at_desk


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@agreed
def upload(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The form, and the file it sends."""
    problem = ""
    if request.method == "POST":
        sent = bringing.sent(request, holder=desk.holder.name)
        if sent.file is not None:
            wished = _for_list(sent.wished, desk, request.POST.get("list", ""))
            return redirect(f"{desk.address}/upload/{uploads.keep(sent.file.chunks(), wished).token}")
        problem = sent.problem
    given = request.POST or request.GET
    values = {**bringing.form_values(given, problem), "desk": desk, "lists": desk.lists}
    return page(request, "desk/upload", values, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@agreed
def preview(request: HttpRequest, desk: Desk, token: str) -> HttpResponse:
    """The mapping to confirm; POST tries it, brings the list in or asks a steward to, or throws the file away."""
    kept = uploads.find(token)
    if kept is None or kept.wished.sender != desk.holder.uid.hex:
        return page(request, "desk/upload_gone", {"desk": desk}, status=404)
    if request.method != "POST":
        return _previewed(request, desk, kept, kept.wished.mapping)
    step = request.POST.get("step", "")
    if step == "discard":
        answered(kept, None, now=datetime.now(UTC))
        uploads.discard(token)
        return redirect(f"{desk.address}/")
    mapping = bringing.mapping_of(request.POST)
    kept = replace(kept, wished=bringing.told_later(kept.wished, request.POST))
    if step != "import":
        return _previewed(request, desk, kept, mapping)
    return (_asked if _waits(desk, kept.wished) else _brought_in)(request, desk, kept, mapping)


def _for_list(wished: uploads.Wished, desk: Desk, key: str) -> uploads.Wished:
    """What was wished, for one of the holder's lists or for the new one it names."""
    own = desk.find_list(key)
    sent = replace(wished, sender=desk.holder.uid.hex)
    return replace(sent, list_name=own.name, kind=own.kind) if own else sent


def _waits(desk: Desk, wished: uploads.Wished) -> bool:
    """Whether a steward looks first."""
    if desk.for_steward:
        return False
    named = [own for own in desk.lists if own.kind == wished.kind and wished.list_name in ("", own.name)]
    known = named[0] if len(named) == 1 else None
    return known is None or wished.with_persons or (wished.published and not known.published)


def _brought_in(request: HttpRequest, desk: Desk, kept: uploads.Upload, mapping: dict[str, str | None]) -> HttpResponse:
    report, refusal = bringing.run(kept.intake(mapping, dry_run=False), desk.actor)
    if refusal:
        return _previewed(request, desk, kept, mapping, is_refused=True)
    answered(kept, report, now=datetime.now(UTC))
    uploads.discard(kept.token)
    values = {"desk": desk, "report": told(report, for_holder=True), "wished": kept.wished}
    return page(request, "desk/upload_done", values)


def _asked(request: HttpRequest, desk: Desk, kept: uploads.Upload, mapping: dict[str, str | None]) -> HttpResponse:
    """Let a file wait that a trial takes; one that it refuses would be refused later too."""
    _, refusal = bringing.run(kept.intake(mapping, dry_run=True), desk.actor)
    if refusal:
        return _previewed(request, desk, kept, mapping, is_refused=True)
    uploads.wait(kept, mapping=mapping, now=datetime.now(UTC))
    return page(request, "desk/upload_waits", {"desk": desk, "wished": kept.wished, "days": uploads.WAITING_DAYS})


def _previewed(
    request: HttpRequest,
    desk: Desk,
    kept: uploads.Upload,
    mapping: dict[str, str | None] | None,
    *,
    is_refused: bool = False,
) -> HttpResponse:
    report, refusal = bringing.run(kept.intake(mapping, dry_run=True), desk.actor)
    values = {
        **bringing.preview_values(kept, report, request.POST, for_holder=not desk.for_steward),
        "desk": desk,
        "again": f"{desk.address}/upload",
        "refusal": refusal,
        "is_refused": is_refused,
        "waits": _waits(desk, kept.wished),
    }
    return page(request, "desk/upload_preview", values)
