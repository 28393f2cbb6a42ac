"""What Django answers for the API: tokens, the description, and the page for people."""

import base64
import binascii
from datetime import UTC, datetime
from urllib.parse import unquote_plus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from datacoop.accounts.actions import ClientRefused, issue_token
from datacoop.accounts.holding import scope_of
from datacoop.api import problems
from datacoop.api.openapi import document
from datacoop.api.pages import page
from datacoop.api.problems import Problem
from datacoop.api.site import current_site
from datacoop.api.wording import LANGUAGES, Words

_NEVER_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """Exchange a client's credentials for a token (RFC 6749 sections 2.3.1, 4.4 and 5).

    One error for every wrong client, so that it tells nothing.
    """
    if request.method != "POST":
        return _error("invalid_request", 405, Allow="POST")
    wrong = _fault(request)
    if wrong is not None:
        return _error(wrong, 400)
    basic = request.headers.get("Authorization")
    given = _basic(basic) if basic is not None else _posted(request)
    if given is None:
        return _unknown_client()
    scope = scope_of(given[0])
    if (request.POST.get("scope") or scope) != scope:
        return _error("invalid_scope", 400)
    now = datetime.now(UTC)
    try:
        issued, until = issue_token(client_id=given[0], client_secret=given[1], now=now)
    except ClientRefused:
        return _unknown_client()
    answer = {"access_token": issued, "token_type": "Bearer", "expires_in": int((until - now).total_seconds())}
    answer |= {"scope": scope} if scope else {}
    return JsonResponse(answer, headers=_NEVER_STORED)


def _fault(request: HttpRequest) -> str | None:
    """The error code of a malformed request, whoever sends it."""
    form = request.POST
    is_form = request.content_type == "application/x-www-form-urlencoded"
    is_repeated = any(len(form.getlist(name)) > 1 for name in form)
    is_twofold = "Authorization" in request.headers and "client_secret" in form
    if not is_form or is_repeated or is_twofold or not form.get("grant_type"):
        return "invalid_request"
    if form["grant_type"] != "client_credentials":
        return "unsupported_grant_type"
    return None


def _unknown_client() -> HttpResponse:
    return _error("invalid_client", 401, **{"WWW-Authenticate": 'Basic realm="datacoop"'})


def _basic(header: str) -> tuple[str, str] | None:
    """Id and secret of `client_secret_basic`: both form-encoded first, then joined and in Base64."""
    scheme, _, encoded = header.partition(" ")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    name, colon, secret = text.partition(":")
    if scheme.lower() != "basic" or not colon:
        return None
    return _known(unquote_plus(name), unquote_plus(secret))


def _posted(request: HttpRequest) -> tuple[str, str] | None:
    return _known(request.POST.get("client_id", ""), request.POST.get("client_secret", ""))


def _known(client_id: str, secret: str) -> tuple[str, str] | None:
    """None for what no client can be called; PostgreSQL would choke on a NUL."""
    if not client_id or not secret or not (client_id + secret).isprintable():
        return None
    return client_id, secret


def _error(code: str, status: int, **headers: str) -> HttpResponse:
    return JsonResponse({"error": code}, status=status, headers={**_NEVER_STORED, **headers})


@require_safe
def description(_request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    answer = JsonResponse(document(current_site()))
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


@require_safe
def overview(_request: HttpRequest) -> HttpResponse:
    """The page for people, in the language they chose or ask for."""
    language = get_language()
    words = Words(language if language in LANGUAGES else LANGUAGES[0])
    found = HttpResponse(page(document(current_site()), words, settings.DATACOOP_SANDBOX))
    found.headers["Content-Language"] = words.language
    patch_vary_headers(found, ("Accept-Language", "Cookie"))
    return found


@require_safe
def problem(_request: HttpRequest, code: str) -> HttpResponse:
    """Where the `type` of a problem leads."""
    if code not in problems.PROBLEMS:
        return nothing(_request)
    return HttpResponsePermanentRedirect(f"/api/#{code}")


@csrf_exempt
def nothing(_request: HttpRequest, rest: str = "") -> HttpResponse:
    """What is no address of the API, in the API's own words."""
    found = Problem("not-found")
    body = found.body(current_site().base_url)
    return HttpResponse(body, status=found.status, content_type=problems.MEDIA_TYPE.decode())
