"""Without an account: add an association, report an error, say that something no longer exists.

The reply is always the same. Look-alikes are looked for in what everybody sees, and nowhere else.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.portal import gate
from datacoop.portal.cards import Card, card, cards
from datacoop.portal.framing import Framing, framed
from datacoop.portal.limits import REPORTS, REPORTS_ABOUT, REPORTS_FROM, RETRY_SECONDS, network_of
from datacoop.portal.pages import busy, missing, page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.organisations import find_one
from datacoop.rights.actions.reporting import Written, keep_report
from datacoop.rights.rules.reports import ADD, ERROR, GONE, LONGEST_TEXT, problems

#: A field that people do not see: whoever fills it in is a program.
TRAP = "homepage"
_LONGEST = 300
_MOST_ALIKE = 5
#: What is asked of an association that is missing, by path as in the form of a steward.
_ADDED = ("name", "description.fr", "addresses.postal_code", "addresses.city", "email", "website")


# Nobody's session is acted upon, so there is nothing a forged request could borrow; visitors get no cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@busy
def add(request: HttpRequest) -> HttpResponse:
    """Add my association."""
    return _added(request, Framing("/add"))


# As above.
@xframe_options_exempt
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def add_framed(request: HttpRequest) -> HttpResponse:
    """The same, to be framed by a holder's own site (docs/embedding.md); in the language of that site's address."""
    return framed(request, lambda framing: _added(request, framing))


# As above.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@busy
def report(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Report an error on a page, or that what it is about no longer exists."""
    prefix = "a" if kind == "activity" else "o"
    return _reported(request, slug, kind, Framing(f"/{prefix}/{slug}/report"))


# As above.
@xframe_options_exempt
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def report_framed(request: HttpRequest) -> HttpResponse:
    """The same, to be framed by a holder's own site; `org` is the end of an organisation's address, or its id."""
    slug = request.GET.get("org", "")
    return framed(request, lambda framing: _reported(request, slug, "organisation", framing))


def _added(request: HttpRequest, framing: Framing) -> HttpResponse:
    if _is_too_much(request):
        return _too_much(request, framing)
    values: dict[str, Any] = {"framing": framing, "written": _written(request), "longest": LONGEST_TEXT}
    if request.method != "POST":
        return page(request, "correcting/add", values)
    cells = {path: request.POST.get(path, "").strip() for path in _ADDED}
    email = request.POST.get("answer_to", "").strip()
    found = problems(kind=ADD, text="\n".join(cells.values()), email=email)
    if not cells["name"]:
        found["name"] = "empty"
    elif len(cells["name"]) > _LONGEST:
        found["name"] = "too_long"
    if found:
        return page(request, "correcting/add", values | {"problems": found}, status=422)
    alike = _alike(cells["name"])
    if alike and "not_among" not in request.POST:
        return page(request, "correcting/add", values | {"alike": alike})
    return _kept(request, framing, Written(ADD, None, "", email, language(), cells))


def _reported(request: HttpRequest, slug: str, kind: str, framing: Framing) -> HttpResponse:
    if _is_too_much(request):
        return _too_much(request, framing)
    found = find_one(kind, slug) if slug else None
    if found is None:
        return _not_here(request, framing)
    shown = card(found, language())
    values: dict[str, Any] = {
        "framing": framing,
        "written": _written(request),
        "card": shown,
        "longest": LONGEST_TEXT,
        "gone": request.POST.get("kind", request.GET.get("kind")) == GONE,
    }
    if request.method != "POST":
        return page(request, "correcting/report", values)
    what = GONE if request.POST.get("kind") == GONE else ERROR
    text, email = request.POST.get("text", "").strip(), request.POST.get("answer_to", "").strip()
    if wrong := problems(kind=what, text=text, email=email):
        return page(request, "correcting/report", values | {"problems": wrong}, status=422)
    return _kept(request, framing, Written(what, UUID(found["id"]), text, email, language()), shown)


def _kept(request: HttpRequest, framing: Framing, written: Written, shown: Card | None = None) -> HttpResponse:
    if written.email and not REPORTS_FROM.allows(written.email.lower()):
        return _too_much(request, framing)
    if written.record_uid and not REPORTS_ABOUT.allows(str(written.record_uid)):
        return _too_much(request, framing)
    if not request.POST.get(TRAP):
        keep_report(written=written, now=datetime.now(UTC))
    return page(request, "correcting/kept", {"framing": framing, "card": shown})


def _alike(name: str) -> list[Card]:
    """Return what everybody finds under such a name."""
    question = Question("organisation", text=name, limit=_MOST_ALIKE, counted=False)
    bodies = gate.ask(lambda reading: find(reading, PUBLIC, question).bodies)
    return cards(gate.items(bodies), language())


def _is_too_much(request: HttpRequest) -> bool:
    return request.method == "POST" and not REPORTS.allows(network_of(request))


def _too_much(request: HttpRequest, framing: Framing) -> HttpResponse:
    response = page(request, "correcting/too_much", {"framing": framing}, status=429)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _not_here(request: HttpRequest, framing: Framing) -> HttpResponse:
    """The same for what is not shown and what there is not; in a frame, a page that fits it."""
    return (
        page(request, "correcting/not_here", {"framing": framing}, status=404) if framing.framed else missing(request)
    )


def _written(request: HttpRequest) -> dict[str, str]:
    """What was typed, under names that a template can say."""
    return {path.replace(".", "_"): request.POST.get(path, "") for path in (*_ADDED, "text", "answer_to")}
