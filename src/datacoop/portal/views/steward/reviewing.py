"""Pairs that look alike, side by side; a person decides, and may take it back. By keys, and without JavaScript."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from datacoop.accounts.queries import names_of
from datacoop.disclosure.reviewing import side_by_side
from datacoop.linking.actions import JudgementError, Verdict, judge
from datacoop.linking.explaining import explain
from datacoop.linking.queries import (
    Judged,
    Pair,
    UnknownRecordError,
    count_review,
    list_doubted,
    list_judgements,
    list_review,
)
from datacoop.linking.taking_back import take_back
from datacoop.portal.asking import is_number
from datacoop.portal.pages import missing, page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.organisations import find_one
from datacoop.portal.views.steward.comparing import address_of, compared, explained
from datacoop.portal.views.steward.dashboard import uid_in
from datacoop.portal.views.steward.guarding import actor_of, steward_only

#: What a button says, and the key that presses it; which of two is the part, the names cannot always tell.
ANSWERS: dict[str, tuple[str, str]] = {
    "same": ("steward.same", "s"),
    "different": ("steward.different", "d"),
    "part_of": ("review.part_of", "p"),
    "whole_of": ("review.whole_of", "w"),
    "unsure": ("steward.unsure", "u"),
}
_TOLD = {"judged": "review.judged", "undone": "review.undone"}
#: So far one may look ahead with the arrows, and so many answers are listed.
_AHEAD, _LISTED, _DOUBTED = 50, 100, 10


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def review(request: HttpRequest) -> HttpResponse:
    """One pair, that of which an answer gains most; `at` says how many were passed over."""
    asked = request.GET.get("at", "0")
    at = min(int(asked), _AHEAD) if is_number(asked) else 0
    if request.method == "POST":
        return _answered(request, f"/steward/review?at={at}&judged")
    pairs = list_review(limit=at + 2)
    pair = pairs[min(at, len(pairs) - 1)] if pairs else None
    at = pairs.index(pair) if pair else 0
    progress = count_review()
    values = {
        "progress": progress,
        "in_all": progress.done + progress.waiting,
        "doubted": [address_of(p.first_uid, p.second_uid) for p in list_doubted(limit=_DOUBTED)],
        "at": at,
        "previous": f"/steward/review?at={at - 1}" if at else "",
        "next": f"/steward/review?at={at + 1}" if at + 1 < len(pairs) and at < _AHEAD else "",
        **(_pair(request, pair.first_uid, pair.second_uid, alike=pair) if pair else {}),
    }
    return page(request, "steward/review", values | _shared(request))


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def compare(request: HttpRequest, first: UUID, second: UUID) -> HttpResponse:
    """Any two records, whether they look alike or not, merged ones too."""
    if request.method == "POST":
        return _answered(request, f"{address_of(first, second)}?judged")
    values = _pair(request, first, second)
    if not values:
        return missing(request)
    return page(request, "steward/compare", values | _shared(request))


@require_safe
@steward_only
def compare_with(request: HttpRequest, uid: UUID) -> HttpResponse:
    """From an entry to the page where it is compared with the one whose address or number was given."""
    asked = request.GET.get("other", "").strip().lower()[:200]
    slug = asked.split("?")[0].rstrip("/").rpartition("/")[2]
    found = None if uid_in(asked) else find_one("organisation", slug)
    other = uid_in(asked) or (UUID(str(found["id"])) if found else None)
    return redirect(address_of(uid, other)) if other and other != uid else missing(request)


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def judgements(request: HttpRequest) -> HttpResponse:
    """Who said what of which pair, and when; each can be taken back."""
    if request.method == "POST":
        return _taken_back(request)
    found = list_judgements(limit=_LISTED)
    names = names_of({number for each in found if (number := _number(each.actor))})
    rows = [
        {
            "judged": each,
            "who": names.get(_number(each.actor), each.actor),
            "verdict": f"steward.{each.verdict}",
            "address": address_of(each.first_uid, each.second_uid),
        }
        for each in found
    ]
    return page(request, "steward/judgements", {"rows": rows})


def _answered(request: HttpRequest, then: str) -> HttpResponse:
    if request.POST.get("step") == "back":
        return _taken_back(request)
    asked = request.POST.get("verdict", "")
    if asked not in ANSWERS:
        return missing(request)
    verdict: Verdict = "part_of" if asked == "whole_of" else cast(Verdict, asked)
    try:
        first, second = (UUID(request.POST.get(side, "")) for side in ("first", "second"))
        part = {"part_of": first, "whole_of": second}.get(asked)
        judge(first=first, second=second, verdict=verdict, actor=actor_of(request), now=datetime.now(UTC), part=part)
    except (ValueError, UnknownRecordError, JudgementError):
        return missing(request)
    return redirect(then)


def _taken_back(request: HttpRequest) -> HttpResponse:
    """Take a judgement back and show its pair as it is now; one that does not stand any more is told so."""
    number = request.POST.get("judgement", "")
    standing = {each.id: each for each in (*list_judgements(limit=_LISTED), *_last(request))}
    judged = standing.get(int(number)) if is_number(number) else None
    if judged is None:
        return page(request, "steward/judgement_gone", status=409)
    try:
        take_back(judgement_id=judged.id, actor=actor_of(request), now=datetime.now(UTC))
    except JudgementError:
        return page(request, "steward/judgement_gone", status=409)
    return redirect(f"{address_of(judged.first_uid, judged.second_uid)}?undone")


def _last(request: HttpRequest) -> list[Judged]:
    return list_judgements(limit=1, actor=actor_of(request))


def _shared(request: HttpRequest) -> dict[str, Any]:
    last = next(iter(_last(request)), None)
    told = next((key for name, key in _TOLD.items() if name in request.GET), "")
    return {
        "verdicts": [(each, *told) for each, told in ANSWERS.items()],
        "told": told,
        "last": last,
        "last_verdict": f"steward.{last.verdict}" if last else "",
    }


def _pair(request: HttpRequest, first: UUID, second: UUID, *, alike: Pair | None = None) -> dict[str, Any]:
    """Both records and why they may be one. Looking at them is logged with its reason, as every steward's look."""
    now = datetime.now(UTC)
    both = side_by_side(first=first, second=second, actor=actor_of(request), now=now)
    if both is None:
        return {}
    values: dict[str, Any] = {"pair": compared(both, language())}
    try:
        found = explain(*(alike.alike if alike else (first, second)), now=now)
    except UnknownRecordError:
        return values
    return values | {"why": explained(found, language())}


def _number(actor: str) -> int:
    return int(number) if is_number(number := actor.rpartition(":")[2]) else 0
