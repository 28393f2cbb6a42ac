"""A holder leaves: it looks at what happens, takes its lists along, and presses once."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from datacoop.pipelines.contribute import ContributionRefused
from datacoop.pipelines.leaving import NothingToLeave, leave, look
from datacoop.portal.catalogue import say
from datacoop.portal.entrance import is_fresh
from datacoop.portal.freshness import to_prove
from datacoop.portal.pages import missing, page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.desk.guarding import Desk, at_desk
from datacoop.portal.views.desk.sheets import download


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def leaving(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """What happens, in numbers; then it does, once the holder proved that it is them. Stewards have the command."""
    if not desk.is_own:
        return page(request, "desk/refused", status=403)
    if request.method != "POST":
        return page(request, "desk/leave", _told(desk, is_done="done" in request.GET))
    return _left(request, desk) if is_fresh(request) else to_prove(request.path)


def _left(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    if "taken" not in request.POST:
        return page(request, "desk/leave", {**_told(desk), "problem": "leaving.untaken"}, status=422)
    try:
        leave(holder=desk.holder.uid, actor=desk.actor)
    except ContributionRefused:
        # It is noted that the holder leaves: the job goes on.
        return page(request, "desk/leave", {**_told(desk), "problem": "leaving.again"}, status=409)
    except NothingToLeave:
        return redirect(request.path)
    return redirect(f"{request.path}?done")


@at_desk
@require_safe
def take_along(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Every list as it stands, one sheet each, with the corrections passed on."""
    standing = look(desk.holder) if desk.is_own else []
    if not standing:
        return missing(request)
    return download(
        [each.sheet(language=language()) for each in standing], f"{desk.holder.name} – {say(language(), 'desk.title')}"
    )


def _told(desk: Desk, *, is_done: bool = False) -> dict[str, Any]:
    return {"desk": desk, "standing": look(desk.holder), "is_done": is_done}
