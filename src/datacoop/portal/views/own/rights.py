"""Six buttons: get everything, take it along, have it corrected, hide it, object, erase it. What each does, by when.

What only narrows is done by whoever holds the link; erasing asks once more, and for a proof of a moment ago, because
nothing brings it back. After it the browser forgets who it was.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from datacoop.accounts.erasing import foresee
from datacoop.disclosure.own.packing import Package, pack, recipients_left
from datacoop.disclosure.own.subjects import group_of, groups_of, uids_of_subjects
from datacoop.feeds.packages import Told, access_files, record_files, zipped
from datacoop.portal.catalogue import say
from datacoop.portal.limits import RETRY_SECONDS, Limit
from datacoop.portal.linked import base_url
from datacoop.portal.own import Visitor, for_subject, proven_only, recently_proven
from datacoop.portal.pages import missing, page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.own.package_page import index_page, tables_in_words
from datacoop.rights.actions.answering import NotTheirs, ProofNeeded
from datacoop.rights.actions.requesting import LONGEST_WORDS, ask, erase_oneself, lift
from datacoop.rights.queries.requests import requests_of
from datacoop.rights.rules.requests import ACCESS, AT_ONCE, ERASE, KINDS, PORT, due_of

#: Making a package walks everything that lies sealed.
PACKAGES = Limit("packages", most=6, seconds=RETRY_SECONDS)
_TOLD = {**dict.fromkeys(AT_ONCE, "hidden_now"), ERASE: "erase_now"}


@require_http_methods(["GET", "HEAD", "POST"])
@for_subject
def rights(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """The buttons and what was asked so far. POST asks; what is asked for by a link alone is done as far as it may."""
    if request.method != "POST":
        return _shown(request, visitor)
    kind, now = request.POST.get("right", ""), datetime.now(UTC)
    if not visitor.may_decide or (kind not in KINDS and kind != "lift"):
        return missing(request)
    if kind == ERASE and visitor.is_proven:
        return redirect(f"{visitor.address}/rights/erase")
    try:
        if kind == "lift":
            lift(by=visitor.answerer(), now=now)
        else:
            ask(by=visitor.answerer(), kind=kind, now=now, words=request.POST.get("words", ""))
    except ProofNeeded:
        return page(request, "own/prove_first", {"visitor": visitor, "back": request.path}, status=403)
    except NotTheirs:
        return missing(request)
    told = "lifted_now" if kind == "lift" else _TOLD.get(kind, "asked_now")
    return redirect(f"{visitor.address}/rights?told={told}")


@require_http_methods(["GET", "HEAD", "POST"])
@recently_proven
def erase(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """Ask once more; POST erases, and this session forgets who it was."""
    if not visitor.may_decide:
        return missing(request)
    if request.method != "POST":
        return page(request, "own/erase", {"visitor": visitor, "here_is": "rights", "accounts": _accounts(visitor)})
    ids = [member for group in groups_of(visitor.subject) for member in group.members]
    try:
        erased = erase_oneself(by=visitor.answerer(), now=datetime.now(UTC))
    except NotTheirs:
        return missing(request)
    request.session.flush()
    # Whoever was signed in is not any more: the page must not greet them.
    request.COOKIES.pop("session", None)
    return page(request, "own/erased", {"erased": erased, "recipients": recipients_left(ids)})


def _accounts(visitor: Visitor) -> list[str]:
    """What becomes of the account of whoever asks, else of those that are them, as keys of texts."""
    sort, _, number = visitor.actor.partition(":")
    uids = uids_of_subjects(group_of(visitor.subject)).values()
    asking = int(number) if sort == "account" else None
    return [f"requests.account_{each}" for each in sorted(foresee(uids, account_id=asking, now=datetime.now(UTC)))]


@require_POST
@proven_only
def package(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """Everything, or what can be taken along, made while it is sent; that it was given is noted among the requests."""
    now, kind = datetime.now(UTC), request.POST.get("right", ACCESS)
    if not visitor.may_decide or kind not in {ACCESS, PORT}:
        return missing(request)
    if not PACKAGES.allows(str(visitor.subject)):
        response = _shown(request, visitor, told="too_many", status=429)
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response
    try:
        ask(by=visitor.answerer(), kind=kind, now=now)
    except NotTheirs:
        return missing(request)
    found = pack(visitor.subject, now=now)
    return missing(request) if found is None else _sent(found, kind)


def _sent(found: Package, kind: str) -> HttpResponseBase:
    told = Told(say(language(), "package.yours"), say(language(), "package.read_me"))
    if kind == ACCESS:
        index, tables = index_page(found, language()), tables_in_words(found, language())
        files = access_files(found, base_url=base_url(), told=told, index=index, tables=tables)
    else:
        files = record_files(found, base_url=base_url(), told=told)
    response = StreamingHttpResponse(zipped(files, made_at=found.made_at), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{kind}-{found.made_at:%Y-%m-%d}.zip"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _shown(request: HttpRequest, visitor: Visitor, *, told: str = "", status: int = 200) -> HttpResponse:
    now = datetime.now(UTC)
    asked = requests_of(group_of(visitor.subject)) if visitor.is_proven else []
    said = told or request.GET.get("told", "")
    values = {
        "visitor": visitor,
        "here_is": "rights",
        "due": due_of(now),
        "told": f"requests.{said}" if said in {*_TOLD.values(), "asked_now", "lifted_now", "too_many"} else "",
        "is_restricted": visitor.is_proven and any(group.rulings.restricted for group in groups_of(visitor.subject)),
        "asked": [
            {
                "right": f"requests.{each.kind}",
                "state": f"requests.state_{each.state}",
                "because": f"requests.because_{each.refused_because or each.later_because}"
                if each.refused_because or each.later_because
                else "",
                "facts": each,
                "overdue": each.is_overdue(now),
            }
            for each in asked
        ],
        "waits_for_erasing": any(each.kind == ERASE and each.is_open for each in asked),
        "longest": LONGEST_WORDS,
    }
    return page(request, "own/rights", values, status=status)
