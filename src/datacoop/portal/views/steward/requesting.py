"""Requests that wait, what is owed first at the top: carry out, refuse with a reason, take longer once. What is kept.

No value of anybody stands here but what they wrote themselves; looking at their entry asks for a reason and is logged.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from datacoop.portal.asking import is_number
from datacoop.portal.pages import page
from datacoop.portal.views.steward.guarding import actor_of, steward_only
from datacoop.rights.actions.answering import NotTheirs
from datacoop.rights.actions.settling import (
    LONGEST_REPLY,
    ExtendedAlready,
    NotOpen,
    ReasonNeeded,
    carry_out,
    extend,
    refuse,
)
from datacoop.rights.queries.requests import open_requests
from datacoop.rights.rules.registry import tables
from datacoop.rights.rules.requests import ERASE, GROUNDS, LATER


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def requests(request: HttpRequest) -> HttpResponse:
    """All of them; POST settles one."""
    now = datetime.now(UTC)
    if request.method == "POST" and not _settled(request, now):
        return _shown(request, now, problem="requests.gone", status=409)
    return redirect("/steward/requests") if request.method == "POST" else _shown(request, now)


@require_safe
@steward_only
def processing(request: HttpRequest) -> HttpResponse:
    """The record of processing: what is kept, what for, how long, what an erasure does (LPD 12; GDPR 30)."""
    return page(request, "steward/processing", {"tables": [t for t in tables().values() if t.is_personal]})


def _settled(request: HttpRequest, now: datetime) -> bool:
    number, step = request.POST.get("number", ""), request.POST.get("step", "")
    actor, reply = actor_of(request), request.POST.get("reply", "")
    if not is_number(number):
        return False
    steps: dict[str, Callable[[], object]] = {
        "done": lambda: carry_out(request_id=int(number), actor=actor, now=now, reply=reply),
        "refuse": lambda: refuse(
            request_id=int(number), because=request.POST.get("because", ""), actor=actor, now=now, reply=reply
        ),
        "later": lambda: extend(request_id=int(number), because=request.POST.get("because", ""), actor=actor, now=now),
    }
    if step not in steps:
        return False
    try:
        steps[step]()
    except (NotOpen, NotTheirs, ReasonNeeded, ExtendedAlready):
        return False
    return True


def _shown(request: HttpRequest, now: datetime, *, problem: str = "", status: int = 200) -> HttpResponse:
    waiting = [
        {
            "facts": each,
            "right": f"requests.{each.kind}",
            "is_late": each.is_overdue(now),
            "is_erasing": each.kind == ERASE,
            "later": f"requests.because_{each.later_because}" if each.later_because else "",
        }
        for each in open_requests()
    ]
    values = {
        "waiting": waiting,
        "late": sum(bool(each["is_late"]) for each in waiting),
        "grounds": [(each, f"requests.because_{each}") for each in GROUNDS],
        "later": [(each, f"requests.because_{each}") for each in LATER],
        "longest": LONGEST_REPLY,
        "problem": problem,
    }
    return page(request, "steward/requests", values, status=status)
