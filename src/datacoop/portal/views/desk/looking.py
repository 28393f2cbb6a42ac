"""A steward at a holder's desk, where a list says what is not public: asked why first, and every look is entered.

Whoever acts for the holder reads what its own list says, and is asked nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from datacoop.disclosure.looking import enter_look
from datacoop.portal.pages import page
from datacoop.portal.views.desk.guarding import Desk, DeskView
from datacoop.sources.owning import OwnList

#: For so long a reason given holds for a list: its pages and files are read one after the other.
HOLDS = timedelta(minutes=30)
_KEY, _LONGEST = "reasons", 500


def with_reason(view: DeskView) -> DeskView:
    """Ask a steward who does not act for the holder why, before anything is shown; to be used inside `with_list`.

    A reason is all that they can send: erasing and answering are the holder's own.
    """

    @wraps(view)
    def asked(request: HttpRequest, desk: Desk, own: OwnList, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if desk.is_own:
            return view(request, desk, own, *args, **kwargs)
        if request.method == "POST":
            return _taken(request, desk, own)
        reason = _standing(request).get(_name(desk, own), ("", ""))[0]
        if not reason:
            return page(request, "desk/reason", {"desk": desk, "own": own, "longest": _LONGEST})
        return view(request, replace(desk, reason=reason), own, *args, **kwargs)

    return asked


def enter(desk: Desk, own: OwnList, record_ids: Collection[int]) -> None:
    """Enter that records are looked at, before they are shown; nothing for the holder itself."""
    if not desk.is_own:
        enter_look(
            record_ids=record_ids, actor=desk.actor, reason=desk.reason, now=datetime.now(UTC), source_id=own.source_id
        )


def _taken(request: HttpRequest, desk: Desk, own: OwnList) -> HttpResponse:
    """Keep the reason in the session, and show what was asked for."""
    reason = request.POST.get("reason", "").strip()[:_LONGEST]
    if not reason:
        return page(request, "desk/refused", status=403)
    until = (datetime.now(UTC) + HOLDS).isoformat()
    request.session[_KEY] = _standing(request) | {_name(desk, own): (reason, until)}
    return redirect(request.get_full_path())


def _standing(request: HttpRequest) -> dict[str, tuple[str, str]]:
    """The reasons that still hold, with the moment until which they do, in UTC."""
    now = datetime.now(UTC).isoformat()
    return {name: (reason, until) for name, (reason, until) in request.session.get(_KEY, {}).items() if until > now}


def _name(desk: Desk, own: OwnList) -> str:
    return f"{desk.holder.uid.hex}/{own.key}"
