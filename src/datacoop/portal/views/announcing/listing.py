"""Everything an organiser announced, and one of it: its dates, and what is pressed when something changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from datacoop.agenda.rules.single import again, with_said, without
from datacoop.agenda.rules.timing import Timing, When, WhenRefused, timing_of
from datacoop.lib.dates import DAY_LENGTH, ZURICH
from datacoop.pipelines.announcing import change_dates, confirm, set_status, show_again, withdraw
from datacoop.portal.dating import timing_in, zone_in
from datacoop.portal.own import Visitor, proven_only
from datacoop.portal.pages import page
from datacoop.portal.views.announcing.own import OwnActivity, for_activity, own_activities
from datacoop.rights.actions.answering import ProofNeeded

_TOLD = "announced"
_MOST_LISTED = 200
_MOST_OUT = 30
#: So many dates stand open, the others behind a word.
_SHOWN = 8
#: A date can be taken out where another is to come.
_LEAST_LEFT = 2
#: What is said of all dates by one press.
_OF_ALL = {"cancel-all": "cancelled", "full-all": "full", "confirmed-all": "confirmed"}
#: What is said of one date by one press.
_OF_ONE = {"cancel": "cancelled", "full": "full", "takes-place": None}


@require_safe
@proven_only
def activities(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """What is to come, and what is over."""
    found = own_activities(visitor.subject, now=datetime.now(UTC))
    values = {
        "visitor": visitor,
        "here_is": "activities",
        "coming": [each for each in found if not each.is_over][:_MOST_LISTED],
        "over": [each for each in found if each.is_over][:_MOST_LISTED],
    }
    return page(request, "announcing/list", values)


@require_http_methods(["GET", "HEAD", "POST"])
@for_activity
def activity(request: HttpRequest, visitor: Visitor, found: OwnActivity) -> HttpResponseBase:
    """One activity; every press does one thing, and says how it is taken back."""
    if request.method != "POST":
        return _shown(request, visitor, found)
    step, name = request.POST.get("step", ""), request.POST.get("date", "")
    try:
        told = _done(request, visitor, found, step, name)
    except ProofNeeded:
        return page(request, "own/may_not", {"visitor": visitor}, status=403)
    except WhenRefused as refused:
        return _shown(request, visitor, found, problem=refused.faults, about=name)
    if told:
        request.session[_TOLD] = [str(found.record.uid), told]
    return redirect(request.path)


def _done(request: HttpRequest, visitor: Visitor, found: OwnActivity, step: str, name: str) -> str:
    """Do what was pressed and return what the next page says. Raises: WhenRefused."""
    acting: dict[str, Any] = {"by": visitor.answerer(), "record": found.record.id, "now": datetime.now(UTC)}
    alone: dict[str, Callable[..., None]] = {
        "confirm": confirm,
        "withdraw": withdraw,
        "show": partial(show_again, may_decide=visitor.may_decide),
    }
    if step in alone:
        alone[step](**acting)
    elif step in _OF_ALL:
        set_status(status=_OF_ALL[step], **acting)
    elif change := _change(request, found, step, name):
        change_dates(change=change, **acting)
    else:
        return ""
    return step


def _change(
    request: HttpRequest, found: OwnActivity, step: str, name: str
) -> Callable[[dict[str, Any]], dict[str, Any]] | None:
    """Return what a press changes of the recurrence; None where the date is none of it."""
    excluded = (found.item.get("recurrence") or {}).get("exdates", ())
    if step == "put-back" and name in excluded:
        return partial(again, name=name)
    if name not in {each.name for each in found.next} or not found.rhythm:
        return None
    said: dict[str, Any] = {}
    if step in _OF_ONE:
        said = {"status": _OF_ONE[step]}
    elif step == "as-before":
        said = {"start": None, "end": None}
    elif step == "move":
        said = _moved_to(request, found)
    elif step == "take-out":
        if len(found.next) < _LEAST_LEFT:
            raise WhenRefused({"date": "none_left"})
        return partial(without, name=name)
    return partial(with_said, name=name, **said) if said else None


def _moved_to(request: HttpRequest, found: OwnActivity) -> dict[str, str | None]:
    """Return the moment that was typed for one date, in wall time. Raises: WhenRefused."""
    was, zone = timing_in(found.item), zone_in(found.item)
    day, start, end = (request.POST.get(field, "")[:40] for field in ("day", "start", "end"))
    whole_day = bool(was and len(was.start) == DAY_LENGTH)
    to = timing_of(When(day, start, end, whole_day=whole_day), zone)
    return {"start": _wall(to.start), "end": _wall(to.end) if end.strip() and to.end else None}


def _wall(text: str) -> str:
    return text if len(text) == DAY_LENGTH else datetime.fromisoformat(text).replace(tzinfo=None).isoformat()


def _shown(
    request: HttpRequest, visitor: Visitor, found: OwnActivity, *, problem: Any = None, about: str = ""
) -> HttpResponseBase:
    kept = request.session.get(_TOLD) or ["", ""]
    told = kept[1] if kept[0] == str(found.record.uid) else ""
    if told and request.method == "GET":
        del request.session[_TOLD]
    given = {name: request.POST.get(name, "") for name in ("day", "start", "end")} if problem else {}
    values = {
        "visitor": visitor,
        "here_is": "activities",
        "activity": found,
        "told": f"announcing.told.{told.replace('-', '_')}" if told else "",
        "dates": found.next[:_SHOWN] if found.rhythm else (),
        "later": found.next[_SHOWN:] if found.rhythm else (),
        "is_later": about in {each.name for each in found.next[_SHOWN:]},
        "out": _taken_out(timing_in(found.item)) if found.rhythm else (),
        "problem": next((f"announcing.problem.{code}" for code in (problem or {}).values()), ""),
        "about": about,
        "given": given,
    }
    return page(request, "announcing/one", values, status=422 if problem else 200)


def _taken_out(timing: Timing | None) -> list[tuple[str, date]]:
    """Return the dates taken out that are still to come."""
    excluded = ((timing.recurrence if timing else None) or {}).get("exdates", ())
    days = [(each, date.fromisoformat(each[:10])) for each in sorted(excluded)]
    today = datetime.now(ZURICH).date()
    return [(name, day) for name, day in days if day >= today][:_MOST_OUT]
