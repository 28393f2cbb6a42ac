"""Notices of all holders: what runs out, the stewards' hand, stop, what came back; answers by paper and telephone."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.portal.asking import is_number
from datacoop.portal.pages import page
from datacoop.portal.sendings import needs_said, pressed, told_of
from datacoop.portal.views.steward.guarding import actor_of, steward_only
from datacoop.rights.actions.entering import Entry, confirm_answer, enter_answer, note_confirmation_posted
from datacoop.rights.actions.printing import confirmation_pdf
from datacoop.rights.actions.returning import came_back, came_back_by_code
from datacoop.rights.queries.confirming import list_pending
from datacoop.rights.queries.notices import list_late, list_out, list_sendings
from datacoop.rights.rules.answers import CHOICES

_METHODS = ("paper", "telephone")
_PROBLEMS = {"unknown", "choice", "no_letter", "same_hand", "not_posted", "too_early"}


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def notices(request: HttpRequest) -> HttpResponse:
    """Every sending, most urgent first, and what is out: by number and date, whom they are for is told to nobody."""
    problem = ""
    if request.method == "POST":
        done = _returned(request) if request.POST.get("step") == "returned" else _pressed(request)
        if isinstance(done, HttpResponse):
            return done
        if not done:
            return redirect("/steward/notices?done")
        problem = done
    sendings = list_sendings()
    values = {
        "problem": problem,
        "needs": needs_said(),
        "is_done": "done" in request.GET,
        "late": list_late(datetime.now(UTC)),
        "sendings": [told_of(each) for each in sendings],
        "out": [(each, f"notices.channel.{each.channel}") for each in list_out()],
    }
    return page(request, "steward/notices", values, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def answers(request: HttpRequest) -> HttpResponse:
    """The short code and what was ticked or said; or the code of a confirmation that came back."""
    outcome = ""
    if request.method == "POST":
        done = _entered(request)
        if isinstance(done, HttpResponse):
            return done
        outcome = done
    values = {
        "needs": needs_said(),
        "days": settings.DATACOOP_CONFIRM_DAYS,
        "outcome": f"notices.outcome.{outcome}" if outcome else "",
        "is_problem": outcome in _PROBLEMS,
        "choices": [(each, f"notices.choice.{each}") for each in CHOICES],
        "methods": [(each, f"notices.method.{each}") for each in _METHODS],
        "pending": [
            (each, f"notices.choice.{each.choice}", f"notices.method.{each.method}") for each in list_pending()
        ],
    }
    return page(request, "steward/answers", values, status=422 if values["is_problem"] else 200)


def _pressed(request: HttpRequest) -> str | HttpResponse:
    return pressed(request, holder=None, actor=actor_of(request))


def _returned(request: HttpRequest) -> str:
    """By its number on the list, or by the code on the letter that came back."""
    number, now = request.POST.get("notice", ""), datetime.now(UTC)
    if is_number(number):
        found = came_back(notice_id=int(number), actor=actor_of(request), now=now)
    else:
        found = came_back_by_code(text=request.POST.get("code", ""), actor=actor_of(request), now=now)
    return "" if found else "notices.outcome.unknown"


def _entered(request: HttpRequest) -> str | HttpResponse:
    step, code, now = request.POST.get("step"), request.POST.get("code", ""), datetime.now(UTC)
    if step == "confirm":
        return confirm_answer(code=code, actor=actor_of(request), now=now)
    if step == "posted":
        number = request.POST.get("pending", "")
        is_noted = is_number(number) and note_confirmation_posted(pending=int(number), now=now)
        return "posted" if is_noted else "not_posted"
    if step == "letter":
        number = request.POST.get("pending", "")
        made = confirmation_pdf(pending=int(number), actor=actor_of(request), now=now) if is_number(number) else None
        if made is None:
            return "no_letter"
        response = HttpResponse(made, content_type="application/pdf")
        response.headers["Content-Disposition"] = f'attachment; filename="confirmation-{number}.pdf"'
        return response
    choice, method = request.POST.get("choice", ""), request.POST.get("method", "")
    if choice not in CHOICES or method not in _METHODS:
        return "choice"
    return enter_answer(entry=Entry(code, choice, method), actor=actor_of(request), now=now)[0]
