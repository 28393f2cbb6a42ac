"""Who keeps which list: what is known of it, how pulling it goes, what came of each delivery."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from datacoop.kinds.definition import all_kinds
from datacoop.pipelines.contribute import ContributionRefused
from datacoop.pipelines.pulling import NothingHeld, accept_held, pull, reach, reject_held
from datacoop.portal.catalogue import catalogue, say
from datacoop.portal.pages import missing, page
from datacoop.portal.telling import refusal_of
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.steward.delivering import rows_of
from datacoop.portal.views.steward.guarding import actor_of, steward_only
from datacoop.sources.describing import HOURS, Described, Description, DescriptionRefused, describe, described
from datacoop.sources.history import list_deliveries
from datacoop.sources.pulls import Held, PullFacts, find_held
from datacoop.sources.queries import ListFacts, count_rows, find_list_of, list_lists

_MOST_DELIVERIES = 50
_TEXTS = ("publisher", "contact", "licence", "address")
_NUMBERS = ("every_days", "rows_from", "rows_to", "pull_hours")


@require_safe
@steward_only
def lists(request: HttpRequest) -> HttpResponse:
    """Every list, and what is wrong with it: names, days and counts, no values."""
    now = datetime.now(UTC)
    listed = list_lists()
    rows = count_rows([each.source_id for each in listed])
    found = [{**_shown(each, rows), "trouble": _trouble(each.source_id, now)} for each in listed]
    return page(request, "steward/lists", {"lists": found})


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def one_list(request: HttpRequest, source_id: int) -> HttpResponse:
    """One list. POST notes what is known of it, pulls it, or answers for the pulled file that waits."""
    listed = find_list_of(source_id)
    if listed is None:
        return missing(request)
    if request.method != "POST":
        return _page(request, listed, {"is_saved": "saved" in request.GET})
    step = request.POST.get("step", "")
    problem = _done(request, listed, step)
    if problem:
        values = {"problem": problem, "problem_of": step, "given": request.POST if step == "describe" else None}
        return _page(request, listed, values, status=422)
    return redirect(f"/steward/lists/{source_id}?saved")


def _done(request: HttpRequest, listed: ListFacts, step: str) -> str:
    """Do what a form asks, and return in words what is wrong, empty where nothing is."""
    now, source_id = datetime.now(UTC), listed.source_id
    try:
        if step == "describe":
            describe(source_id, _typed(request.POST), now=now, reach=reach())
        elif step == "pull":
            pull(source_id=source_id, actor=actor_of(request))
        elif step == "accept":
            accept_held(source_id=source_id, actor=actor_of(request))
        elif step == "reject":
            reject_held(source_id=source_id, now=now)
    except DescriptionRefused as refused:
        return f"{say(language(), f'lists.{refused.field}')}: {_problem(refused.code)}"
    except ContributionRefused as refused:
        return refusal_of(refused).text
    except NothingHeld:
        return say(language(), "lists.nothing_held")
    return ""


def _typed(form: QueryDict) -> Description:
    facts: dict[str, Any] = {name: form.get(name, "").strip() for name in _TEXTS}
    for name in _NUMBERS:
        text = form.get(name, "").strip()
        if text and not (text.isascii() and text.isdigit() and len(text) < 10):
            raise DescriptionRefused(name, "number", f"{name} is no number.")
        facts[name] = int(text) if text else None
    return Description(**facts)


def _page(request: HttpRequest, listed: ListFacts, values: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    now = datetime.now(UTC)
    about = described(listed.source_id, now=now)
    deliveries = list_deliveries(listed.source_id, limit=_MOST_DELIVERIES)
    accepted = [each for each in deliveries if each.state == "accepted"]
    shared = {
        **_shown(listed, count_rows([listed.source_id])),
        "about": about,
        "given": vars(about.description),
        "fields": [(name, f"lists.{name}") for name in ("publisher", "contact", "licence")],
        "schedules": [("", "lists.hours.never"), *((hours, f"lists.hours.every_{hours}") for hours in HOURS)],
        "trouble": _trouble(listed.source_id, now),
        "held": _held(find_held(listed.source_id)),
        "deliveries": rows_of(deliveries),
        "may_undo": bool(accepted) and accepted[0].undoes is None,
    }
    given = values.get("given") or shared["given"]
    return page(request, "steward/list", {**shared, **values, "given": given}, status=status)


def _shown(listed: ListFacts, rows: Mapping[int, int]) -> dict[str, Any]:
    kind = all_kinds()[listed.kind].plural_labels[language()]
    return {"facts": listed, "kind": kind, "rows": rows[listed.source_id]}


def _trouble(source_id: int, now: datetime) -> list[str]:
    """What a steward should know at once: nothing stale is shown as if it were fresh."""
    about = described(source_id, now=now)
    found = [say(language(), "lists.held")] if find_held(source_id) else []
    if about.pull.problem:
        found.append(_pull_problem(about.pull))
    if about.late_since is not None:
        found.append(say(language(), "lists.late", days=_days_late(about, now)))
    return found


def _days_late(about: Described, now: datetime) -> int:
    return max(1, (now - about.late_since).days) if about.late_since else 0


def _pull_problem(facts: PullFacts) -> str:
    text = _problem(facts.problem)
    return f"{text} ({facts.detail})" if facts.detail and facts.problem != "inside" else text


def _problem(code: str) -> str:
    texts = catalogue(language())
    return (
        texts.get(f"lists.problems.{code}") or texts.get(f"steward.refusals.{code}") or texts["lists.problems.refused"]
    )


def _held(held: Held | None) -> dict[str, Any] | None:
    """The file that waits, and why, in words."""
    if held is None:
        return None
    why = [_doubt(each) for each in held.doubts]
    return {"name": held.name, "at": held.fetched_at, "why": why, "read": held.counts.get("read")}


def _doubt(doubt: Mapping[str, Any]) -> str:
    labels = {name: kind.plural_labels[language()] for name, kind in all_kinds().items()}
    names = ", ".join(labels.get(name, name) for name in doubt["names"])
    return say(language(), f"steward.doubts.{doubt['code']}", count=doubt["count"], of=doubt["of"], names=names)
