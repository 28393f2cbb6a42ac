"""The contribution agreement at a holder's desk: read it, sign it, leave it. Nothing is brought in without one."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.portal.cards import day_of
from datacoop.portal.pages import page
from datacoop.portal.sendings import needs_said
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.desk.guarding import Desk, DeskView, at_desk
from datacoop.rights.actions.agreeing import NotSignable, Signature, leave, sign
from datacoop.rights.queries.agreements import AGREEMENT, find_agreement, find_text, has_agreement
from datacoop.rights.rules.agreements import BASES, GROUPS, LEAVING, LONGEST_SIGNATORY


def agreed(view: DeskView) -> DeskView:
    """Ask for the agreement first; to be used inside `at_desk`."""

    @wraps(view)
    def asked(request: HttpRequest, desk: Desk, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not has_agreement(desk.holder.uid):
            return redirect(f"{desk.address}/agreement?first")
        return view(request, desk, *args, **kwargs)

    return asked


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def agreement(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The text with what was signed, or with the form to sign it."""
    now, problem = datetime.now(UTC), ""
    if request.method == "POST":
        if request.POST.get("step") == "leave":
            leave(holder=desk.holder.uid, actor=desk.actor, now=now)
            return redirect(f"{desk.address}/agreement")
        try:
            sign(holder=desk.holder.uid, signature=_signature(request, desk), actor=desk.actor, now=now)
            return redirect(f"{desk.address}/agreement?signed")
        except NotSignable as refused:
            problem = f"notices.problem.{refused.code}"
    signed = find_agreement(desk.holder.uid)
    spoken = signed.language if signed else request.GET.get("text", "") or language()
    text = find_text(AGREEMENT, spoken, signed.version if signed else None)
    values = {
        "desk": desk,
        "text": text,
        "signed": signed,
        "is_first": "first" in request.GET,
        "is_just_signed": "signed" in request.GET,
        "problem": problem,
        "needs": needs_said(),
        "given": request.POST,
        "longest": LONGEST_SIGNATORY,
        "groups": [_group(group, request, signed.bases if signed else {}) for group in GROUPS],
        "leaving": [(each, f"notices.leaves.{each}", request.POST.get("leaves", "")) for each in LEAVING],
        "leaves": f"notices.leaves.{signed.leaves}" if signed else "",
    }
    return page(request, "desk/agreement", values, status=422 if problem else 200)


def _group(group: str, request: HttpRequest, bases: Any) -> dict[str, object]:
    chosen = bases.get(group) or request.POST.get(f"basis-{group}", "")
    return {
        "name": group,
        "label": f"notices.group.{group}",
        "chosen": f"notices.basis.{chosen}" if chosen in BASES else "",
        "options": [(each, f"notices.basis.{each}", each == chosen) for each in BASES],
    }


def _signature(request: HttpRequest, desk: Desk) -> Signature:
    """What the form says; a steward enters a paper, whose date it must bear."""
    paper_on = day_of(request.POST.get("paper_on"))
    if desk.for_steward and paper_on is None:
        raise NotSignable("paper_on")
    number = request.POST.get("version", "")
    return Signature(
        language=request.POST.get("language", ""),
        bases={group: request.POST.get(f"basis-{group}", "") for group in GROUPS},
        leaves=request.POST.get("leaves", ""),
        signatory=request.POST.get("signatory", ""),
        paper_on=paper_on if desk.for_steward else None,
        version=int(number) if number.isascii() and number.isdigit() else None,
    )
