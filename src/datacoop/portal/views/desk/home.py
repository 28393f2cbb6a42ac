"""The way to a desk, and the desk itself: lists, what waits, what came of each delivery."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from datacoop.kinds.definition import all_kinds
from datacoop.pipelines import uploads
from datacoop.pipelines.coverage.counting import COVERED
from datacoop.pipelines.intake import Report
from datacoop.portal.pages import acts_for, is_steward, page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.desk.guarding import Desk, at_desk
from datacoop.sources.history import Delivery, list_deliveries
from datacoop.sources.owning import OwnList, find_holder, list_holders

_MOST_DELIVERIES = 10
_ENDED = ("accepted", "unchanged", "refused")


@require_safe
@never_cache
def desks(request: HttpRequest) -> HttpResponse:
    """Every desk one may sit at; the only one at once."""
    if not request.user.is_authenticated:
        return redirect("/sign-in")
    if is_steward(request):
        holders = list_holders()
    else:
        holders = [found for uid in acts_for(request) if (found := find_holder(uid))]
        if not holders:
            return page(request, "desk/refused", status=403)
        if len(holders) == 1:
            return redirect(f"/desk/{holders[0].uid}/")
    return page(request, "desk/desks", {"holders": holders})


@require_safe
@at_desk
def desk(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A holder's lists with their latest deliveries. A holder is told what depends on its own files alone."""
    values = {
        "desk": desk,
        "has_several": len(acts_for(request)) > 1,
        "lists": [_shown(each) for each in desk.lists],
        "counts": [f"steward.counts.{name}" for name in Report.HOLDERS_COUNTS],
        "waiting": uploads.list_waiting(desk.holder.uid.hex),
        "days": uploads.WAITING_DAYS,
        "refused": uploads.list_refused(desk.holder.uid.hex),
    }
    return page(request, "desk/desk", values)


def _shown(own: OwnList) -> dict[str, object]:
    ended = [each for each in list_deliveries(own.source_id, limit=_MOST_DELIVERIES) if each.state in _ENDED]
    return {
        "own": own,
        "kind": all_kinds()[own.kind].plural_labels[language()],
        "is_covered": own.kind == COVERED,
        "deliveries": [(each, _state(each), _counts(each)) for each in ended],
    }


def _counts(each: Delivery) -> list[tuple[str, int]]:
    return [(f"steward.counts.{name}", each.counts.get(name, 0)) for name in Report.HOLDERS_COUNTS]


def _state(each: Delivery) -> str:
    if each.undoes is not None:
        return "desk.undoing"
    return "desk.undone" if each.is_undone else f"steward.states.{each.state}"
