"""A client says where it is told that something is new, sees what did not arrive, and has it said again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.accounts.rules import OVERLAP
from datacoop.clients.queries import ApplicationFacts
from datacoop.clients.rules import APPROVED
from datacoop.feeds.actions import WebhookRefused, give_address, remove_address, rotate_secret, say_again
from datacoop.feeds.queries import MessageFacts, find_webhook
from datacoop.feeds.rules import LONGEST_ADDRESS
from datacoop.portal.entrance import is_fresh
from datacoop.portal.freshness import signed_in, to_prove
from datacoop.portal.pages import missing, page
from datacoop.portal.views.applying import own_application

Step = Callable[[str, str, HttpRequest, datetime], str | None]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def webhook(request: HttpRequest, agreement: str) -> HttpResponseBase:
    """The address and how it goes. Whoever changes something proves that it is them, and presses again."""
    found, now = own_application(request, agreement), datetime.now(UTC)
    if found is None or found.state != APPROVED or found.live_only:
        return missing(request)
    if request.method != "POST":
        return page(request, "applying/webhook", _told(found, now))
    if not is_fresh(request):
        return to_prove(request.path)
    step = _STEPS.get(request.POST.get("step", ""))
    try:
        made = step(agreement, f"account:{request.user.pk}", request, now) if step else None
    except WebhookRefused as refused:
        values = {**_told(found, now), "problem": f"webhooks.problems.{refused.code}"}
        return page(request, "applying/webhook", {**values, "given": request.POST.get("address", "")}, status=422)
    if made is None:
        return redirect(request.path)
    return page(request, "applying/webhook", {**_told(found, now), "made": made})


def _give(agreement: str, actor: str, request: HttpRequest, now: datetime) -> str | None:
    return give_address(agreement=agreement, address=request.POST.get("address", ""), actor=actor, now=now)


def _rotate(agreement: str, actor: str, _request: HttpRequest, now: datetime) -> str | None:
    return rotate_secret(agreement=agreement, actor=actor, now=now)


def _replace(agreement: str, actor: str, _request: HttpRequest, now: datetime) -> str | None:
    return rotate_secret(agreement=agreement, actor=actor, now=now, overlap=timedelta())


def _remove(agreement: str, actor: str, _request: HttpRequest, now: datetime) -> None:
    remove_address(agreement=agreement, actor=actor, now=now)


def _again(agreement: str, _actor: str, request: HttpRequest, now: datetime) -> None:
    say_again(agreement=agreement, now=now, message=request.POST.get("message", ""))


_STEPS: dict[str, Step] = {"give": _give, "rotate": _rotate, "replace": _replace, "remove": _remove, "again": _again}


def _told(found: ApplicationFacts, now: datetime) -> dict[str, Any]:
    told = find_webhook(found.agreement, now=now)
    messages = told.messages if told else ()
    return {
        "found": found,
        "webhook": told,
        "given": told.address if told else "https://",
        "waiting": [(each, _why(each)) for each in messages if not each.is_dead],
        "dead": [(each, _why(each)) for each in messages if each.is_dead],
        "longest": LONGEST_ADDRESS,
        "overlap": OVERLAP.days,
    }


def _why(each: MessageFacts) -> str:
    return f"webhooks.problems.{each.problem}" if each.problem else ""
