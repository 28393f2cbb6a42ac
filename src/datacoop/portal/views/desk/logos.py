"""A holder's logo at its desk: look at it, send another one, give it up. What was prepared before leaves without."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from datacoop.lib.pictures import LARGEST_BYTES, LONGEST_SIDE, SHORTEST_SIDE, PictureRefused
from datacoop.portal.pages import missing, page
from datacoop.portal.views.desk.agreeing import agreed
from datacoop.portal.views.desk.guarding import Desk, at_desk
from datacoop.rights.actions.logos import give_up_logo, keep_logo
from datacoop.rights.queries.logos import find_logo


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@agreed
def logo(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The logo as it will be seen, and the form for another one."""
    problem = ""
    if request.method == "POST":
        problem = _kept(request, desk)
        if not problem:
            return redirect(f"{desk.address}/logo")
    values = {
        "desk": desk,
        "logo": find_logo(desk.holder.uid),
        "problem": problem,
        "kilobytes": LARGEST_BYTES // 1000,
        "longest": LONGEST_SIDE,
        "shortest": SHORTEST_SIDE,
    }
    return page(request, "desk/logo", values, status=422 if problem else 200)


@require_safe
@at_desk
def logo_picture(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The picture itself, drawn by us; for whoever sits at the desk."""
    found = find_logo(desk.holder.uid)
    return missing(request) if found is None else HttpResponse(found.png, content_type="image/png")


def _kept(request: HttpRequest, desk: Desk) -> str:
    """Do what was pressed; return the key of what is wrong with the file, empty if nothing is."""
    now = datetime.now(UTC)
    if request.POST.get("step") == "give_up":
        give_up_logo(holder=desk.holder.uid, actor=desk.actor, now=now)
        return ""
    sent = request.FILES.get("logo")
    if sent is None:
        return "notices.logo_problem.none"
    try:
        # One byte more than is taken, so that what is too large is known by it and not read whole.
        keep_logo(holder=desk.holder.uid, content=sent.read(LARGEST_BYTES + 1), actor=desk.actor, now=now)
    except PictureRefused as refused:
        return f"notices.logo_problem.{refused.code}"
    return ""
