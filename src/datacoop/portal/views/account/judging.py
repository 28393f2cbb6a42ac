"""A representative says of another public entry whether it is the same organisation; each word can be taken back.

Nothing is proposed here: what looks alike is found in what others said, which is not theirs to know. To make two one,
one must speak for both; else stewards decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.consent.speaking import speaks_for
from datacoop.linking.actions import JudgementError, Verdict, judge
from datacoop.linking.queries import UnknownRecordError, list_judgements
from datacoop.linking.taking_back import take_back
from datacoop.portal.asking import is_number
from datacoop.portal.cards import card
from datacoop.portal.entrance import is_fresh
from datacoop.portal.freshness import signed_in, to_prove
from datacoop.portal.pages import missing, page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.organisations import find_one
from datacoop.rights.published import published

VERDICTS: tuple[Verdict, ...] = ("different", "part_of", "same")
_LISTED = 100


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def others(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What a representative said of other entries, and the form to say it of one more; to all others nothing."""
    if not _speaks(request, uid):
        return missing(request)
    if request.method != "POST":
        return _shown(request, uid)
    if not is_fresh(request):
        return to_prove(request.path)  # type: ignore[return-value]
    problem = _taken_back(request, uid) if "judgement" in request.POST else _judged(request, uid)
    return _shown(request, uid, problem=problem) if problem else redirect(f"{request.path}?done")


def _judged(request: HttpRequest, uid: UUID) -> str:
    """Return what is wrong with the answer, nothing where it is kept."""
    verdict = request.POST.get("verdict")
    slug = request.POST.get("other", "").strip().split("?")[0].rstrip("/").rpartition("/")[2][:200]
    found = find_one("organisation", slug) if slug else None
    if verdict not in VERDICTS or found is None or str(found["id"]) == str(uid):
        return "judging.not_found"
    other = UUID(str(found["id"]))
    if verdict == "same" and not _speaks(request, other):
        return "judging.not_both"
    try:
        judge(first=uid, second=other, verdict=verdict, actor=_actor(request), now=datetime.now(UTC))
    except (UnknownRecordError, JudgementError):
        return "judging.not_found"
    return ""


def _taken_back(request: HttpRequest, uid: UUID) -> str:
    number = request.POST["judgement"]
    if not is_number(number) or int(number) not in {each[0] for each in _own(request, uid)}:
        return "judging.gone"
    try:
        take_back(judgement_id=int(number), actor=_actor(request), now=datetime.now(UTC))
    except JudgementError:
        return "judging.gone"
    return ""


def _own(request: HttpRequest, uid: UUID) -> Iterator[tuple[int, UUID, str, datetime]]:
    """The judgements of whoever asks about this organisation, with the other entry."""
    for each in list_judgements(limit=_LISTED, actor=_actor(request)):
        if uid in (each.first_uid, each.second_uid):
            other = each.second_uid if each.first_uid == uid else each.first_uid
            yield each.id, other, each.verdict, each.at


def _shown(request: HttpRequest, uid: UUID, *, problem: str = "") -> HttpResponse:
    rows = []
    for number, other, verdict, at in _own(request, uid):
        # Only what the public sees of the other entry is shown of it.
        found = find_one("organisation", str(other))
        rows.append((number, card(found, language()) if found else None, f"steward.{verdict}", at))
    values = {
        "name": published(uid).name,
        "uid": uid,
        "rows": rows,
        "verdicts": [(each, f"steward.{each}") for each in VERDICTS],
        "problem": problem,
        "given": request.POST.get("other", ""),
        "is_done": "done" in request.GET,
    }
    return page(request, "account/others", values, status=422 if problem else 200)


def _speaks(request: HttpRequest, uid: UUID) -> bool:
    return speaks_for(account_id=int(request.user.pk or 0), uid=uid, now=datetime.now(UTC))


def _actor(request: HttpRequest) -> str:
    return f"account:{request.user.pk}"
