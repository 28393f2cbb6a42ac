"""One entry with everything said about it, who sees what, and the subject's word entered by a steward."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from datacoop.consent.actions import DecisionError, Wish
from datacoop.consent.disputing import dispute, end_dispute
from datacoop.consent.minors import minor_until
from datacoop.consent.queries import UnknownAudienceError
from datacoop.consent.speaking import concerns_person, has_spoken
from datacoop.disclosure.describe import Described, described
from datacoop.kinds.definition import kind as kind_named
from datacoop.linking.queries import united_with
from datacoop.pipelines.entering import may_be_entered
from datacoop.portal.cards import day_of
from datacoop.portal.entrance import is_fresh
from datacoop.portal.freshness import to_prove
from datacoop.portal.pages import missing, page
from datacoop.portal.readers import names_of_readers
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.steward.comparing import address_of
from datacoop.portal.views.steward.guarding import actor_of, steward_only
from datacoop.portal.views.steward.values import shown_value
from datacoop.rights.actions.ruling import HowMissing, NotForStewards, rule
from datacoop.rights.queries.confirmations import confirmation_of

_HERE = ZoneInfo("Europe/Zurich")
_PROBLEMS = ("steward.not_saved", "steward.how_missing", "steward.not_for_stewards")


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def record(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Nothing is shown before a reason is given; it is written down with every look."""
    reason = request.POST.get("reason", "").strip()[:500]
    if not reason:
        return page(request, "steward/record_reason", {"uid": uid})
    if "audience" in request.POST and not is_fresh(request):
        return to_prove(request.path)  # type: ignore[return-value]
    told = _decided(request, uid) if "audience" in request.POST else ""
    told = _disputed(request, uid) if "dispute" in request.POST else told
    now = datetime.now(UTC)
    found = described(uid=uid, actor=actor_of(request), reason=reason, now=now)
    if found is None:
        return missing(request)
    is_problem = told in _PROBLEMS
    values = {**_shown(found, now), "reason": reason, "told": told, "is_problem": is_problem, "given": request.POST}
    return page(request, "steward/record", values, status=422 if is_problem else 200)


def _decided(request: HttpRequest, uid: UUID) -> str:
    form = request.POST
    last = day_of(form.get("until"))
    # "until the 5th" includes the 5th
    until = datetime.combine(last + timedelta(days=1), time(), _HERE) if last else None
    wish = Wish(
        audience=form.get("audience", ""),
        shows=form.get("shows") == "yes",
        property=form.get("property") or None,
        until=until,
    )
    how = form.get("said_how", "")[:500]
    try:
        rule(uid=uid, wish=wish, how=how, actor=actor_of(request), now=datetime.now(UTC))
    except HowMissing:
        return "steward.how_missing"
    except NotForStewards:
        return "steward.not_for_stewards"
    except (DecisionError, UnknownAudienceError):
        return "steward.not_saved"
    return "steward.saved"


def _disputed(request: HttpRequest, uid: UUID) -> str:
    """Mark a property as disputed, or take the mark away."""
    name, actor, now = request.POST.get("property", ""), actor_of(request), datetime.now(UTC)
    try:
        if request.POST["dispute"] == "yes":
            why = request.POST.get("why", "")
            dispute(uid=uid, property_name=name, reason=why, actor=actor, now=now)
        else:
            end_dispute(uid=uid, property_name=name, actor=actor, now=now)
    except DecisionError:
        return "steward.not_saved"
    return "steward.saved"


def _shown(found: Described, now: datetime) -> dict[str, Any]:
    kind = kind_named(found.kind)
    names = names_of_readers(language())
    rows = [
        {
            "label": kind.property(name).labels[language()],
            "text": shown_value(value.value, kind.property(name), language()),
            "value": value,
            "said_by": f"steward.speakers.{value.said_by}",
            "mark": f"steward.marks.{value.mark}" if value.mark else "",
            "seen_by": [names.get(key, key) for key in value.seen_by],
        }
        for name, values in found.values.items()
        for value in values
    ]
    decisions = [
        {
            "label": kind.property(each.property).labels[language()] if each.property else "",
            "reader": names.get(key := found.audiences.get(each.audience, "public"), key),
            "ruling": each,
        }
        for each in found.decisions
        if each.until is None or each.until > now
    ]
    return {
        "found": found,
        "may_show": not (concerns_person(found.uid) or has_spoken(found.uid)),
        "is_minor": minor_until(found.uid) is not None,
        "confirmation": confirmation_of(found.uid, now=now),
        "kind": kind.labels[language()],
        "rows": rows,
        "decisions": decisions,
        "may_correct": may_be_entered(kind),
        "united": _united(found),
        "is_compared": found.kind == "organisation",
        "properties": [(each.name, each.labels[language()]) for each in kind.properties],
        "readers": list(names.items()),
    }


def _united(found: Described) -> list[dict[str, object]]:
    """The entries that are one with this one, whose list or whose word made them so, and where they are compared."""
    return [
        {
            "uid": each.uid,
            "into": each.into,
            "holder": each.holder or "",
            "since": each.since,
            "address": address_of(each.uid, each.into),
        }
        for each in united_with(found.uid)
    ]
