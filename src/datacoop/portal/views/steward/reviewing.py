"""Pairs that look alike, side by side; a person decides."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.disclosure.describe import Described, described
from datacoop.kinds.definition import Property
from datacoop.kinds.definition import kind as kind_named
from datacoop.linking.actions import JudgementError, Verdict, judge
from datacoop.linking.queries import Pair, UnknownRecordError, list_review
from datacoop.portal.catalogue import catalogue
from datacoop.portal.pages import missing, page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.steward.guarding import actor_of, steward_only
from datacoop.portal.views.steward.values import shown_value

_AT_ONCE = 3
#: Shares of a weight that the other reasons say already, or that are of no pair in particular.
_UNSAID = frozenset({"prior", "contacts-agree", "contacts-differ"})
VERDICTS: tuple[Verdict, ...] = ("same", "different", "part_of", "unsure")
_COMPARED = (
    "name",
    "alternate_names",
    "nature",
    "description",
    "theme",
    "commune",
    "addresses",
    "email",
    "phones",
    "website",
    "identifiers",
)


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def review(request: HttpRequest) -> HttpResponse:
    """The likeliest pairs first."""
    if request.method == "POST":
        return _judged(request)
    now, actor = datetime.now(UTC), actor_of(request)
    pairs = [_side_by_side(pair, actor, now) for pair in list_review(limit=_AT_ONCE)]
    values = {"pairs": pairs, "verdicts": [(each, f"steward.{each}") for each in VERDICTS]}
    return page(request, "steward/review", {**values, "is_judged": "judged" in request.GET})


def _judged(request: HttpRequest) -> HttpResponse:
    verdict = request.POST.get("verdict")
    if verdict not in VERDICTS:
        return missing(request)
    try:
        judge(
            first=UUID(request.POST.get("first", "")),
            second=UUID(request.POST.get("second", "")),
            verdict=verdict,
            actor=actor_of(request),
            now=datetime.now(UTC),
        )
    except (ValueError, UnknownRecordError, JudgementError):
        return missing(request)
    return redirect("/steward/review?judged")


def _side_by_side(pair: Pair, actor: str, now: datetime) -> dict[str, object]:
    """Both records property by property. Looking at them is logged with its reason, as for every steward's look."""
    sides = [described(uid=uid, actor=actor, reason="review", now=now) for uid in (pair.first_uid, pair.second_uid)]
    kind = kind_named("organisation")
    rows = []
    for name in _COMPARED:
        prop = kind.property(name)
        first, second = (_values(side, prop) for side in sides)
        if first or second:
            rows.append((prop.labels[language()], first, second, sorted(first) == sorted(second)))
    told = [each for each in pair.reasons if each.code not in _UNSAID]
    return {
        "first": pair.first_uid,
        "second": pair.second_uid,
        "rows": rows,
        "alike": [reason_in_words(each.code) for each in told if each.weight > 0],
        "against": [reason_in_words(each.code) for each in told if each.weight <= 0],
    }


def reason_in_words(code: str) -> str:
    """What two records have in common, or what tells them apart."""
    return catalogue(language()).get(f"steward.alike.{code}", code.replace("-", " "))


def _values(side: Described | None, of: Property) -> list[str]:
    if side is None:
        return []
    return [shown_value(each.value, of, language()) for each in side.values.get(of.name, ()) if each.wins]
