"""A client applies for what named persons show to readers of its sort, and sees what became of it; its secret, once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.accounts.actions import ClientExists, ClientRefused, add_client, replace_secret, rotate_secret
from datacoop.accounts.queries import find_secret
from datacoop.accounts.rules import OVERLAP
from datacoop.charter.controller import country_name
from datacoop.clients.applying import NotAcceptable, apply
from datacoop.clients.queries import ApplicationFacts, find_application, list_of
from datacoop.clients.rules import APPROVED, ENDED, LONGEST_NAME, REGIMES, Asked
from datacoop.clients.suspending import end_client
from datacoop.consent.conditions import MOST_HOURS
from datacoop.consent.hearing import shipped_terms
from datacoop.consent.queries import list_agreements
from datacoop.kinds.definition import all_kinds
from datacoop.portal.freshness import freshly_proven, signed_in
from datacoop.portal.limits import Limit
from datacoop.portal.pages import missing, page
from datacoop.portal.readers import names_of_readers, purpose_said, purposes
from datacoop.portal.templatetags.portal import language
from datacoop.rights.queries.agreements import CLIENTS, find_text

#: Applications of one account in a day.
APPLICATIONS = Limit("applications", most=10, seconds=24 * 3600)
_LONGEST_FIGURES = 4
_SOME = "some"
#: What stands in the fields before anybody typed.
_GIVEN = {"name": "", "country": "CH", "retention": "365", "hours": "24", "contact_1": "", "contact_2": "",
          "signatory": "", "which": "all"}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def application(request: HttpRequest) -> HttpResponse:
    """The form with the text that is signed, and what this account applied for already."""
    problem, applicant = "", int(request.user.pk or 0)
    if request.method == "POST":
        try:
            if not APPLICATIONS.allows(str(applicant)):
                raise NotAcceptable("too_many")
            made = apply(asked=_asked(request.POST), applicant=applicant, now=datetime.now(UTC))
            return redirect(f"/clients/{made}?signed")
        except NotAcceptable as refused:
            problem = refused.field
    values = {
        "text": find_text(CLIENTS, language()),
        "problem": f"applying.problem.{problem}" if problem else "",
        "wrong": problem,
        "own": [(each, f"applying.state.{each.state}") for each in list_of(applicant)],
        **_form(request.POST),
    }
    return page(request, "applying/form", values, status=422 if problem else 200)


def _form(given: QueryDict) -> dict[str, Any]:
    """What the form offers, with what was given already."""
    names, ticked = names_of_readers(language()), frozenset(given.getlist("property"))
    return {
        "given": {name: given.get(name, usual) for name, usual in _GIVEN.items()},
        "is_live_only": "live_only" in given,
        "regimes": [(each, f"applying.regime.{each}", each == given.get("regime")) for each in REGIMES],
        "natures": [(each, names[f"terms:{each}"], each == given.get("terms")) for each in shipped_terms()],
        "purposes": [(each, said, each in given.getlist("purpose")) for each, said in purposes(language()).items()],
        "kinds": [
            (kind.labels[language()], [
                (f"{kind.name}.{each.name}", each.labels[language()], f"{kind.name}.{each.name}" in ticked)
                for each in kind.properties
            ])
            for kind in all_kinds().values()
        ],
        "longest": LONGEST_NAME,
        "most_hours": MOST_HOURS,
    }  # fmt: skip


def _asked(form: QueryDict) -> Asked:
    """Raises: NotAcceptable for figures that are none, and some properties of which none is ticked."""
    properties = tuple(form.getlist("property")) if form.get("which") == _SOME else ()
    if form.get("which") == _SOME and not properties:
        raise NotAcceptable("properties")
    return Asked(
        name=form.get("name", ""),
        country=form.get("country", "").strip().upper(),
        regime=form.get("regime", ""),
        terms=form.get("terms", ""),
        contacts=(form.get("contact_1", ""), form.get("contact_2", "")),
        purposes=tuple(form.getlist("purpose")),
        properties=properties,
        retention_days=_figures(form, "retention", "retention_days"),
        hours_to_erase=_figures(form, "hours", "hours_to_erase"),
        live_only="live_only" in form,
        signatory=form.get("signatory", ""),
        language=form.get("language", ""),
        text_version=_figures(form, "version", "text"),
    )


def _figures(form: QueryDict, name: str, field: str) -> int:
    text = form.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_FIGURES):
        raise NotAcceptable(field)
    return int(text)


@require_http_methods(["GET", "HEAD"])
@signed_in
def client(request: HttpRequest, agreement: str) -> HttpResponse:
    """What an applicant's client signed, what became of it, and the way to its secret."""
    found = own_application(request, agreement)
    if found is None:
        return missing(request)
    return page(request, "applying/client", {**_told(found), "is_just_signed": "signed" in request.GET})


@require_http_methods(["GET", "HEAD", "POST"])
@freshly_proven
def secret(request: HttpRequest, agreement: str) -> HttpResponse:
    """Make a secret and show it, this once: the first, one that follows the old, or one that ends all others.

    Whoever comes back from proving that it is them presses the button again.
    """
    found, now = own_application(request, agreement), datetime.now(UTC)
    if found is None or found.state != APPROVED:
        return missing(request)
    if request.method != "POST":
        return redirect(f"/clients/{agreement}")
    try:
        made = _made(agreement, replaces="replace" in request.POST, now=now)
    except (ClientRefused, ClientExists):
        return missing(request)
    return page(request, "applying/client", {**_told(found), "made": made})


@require_http_methods(["GET", "HEAD", "POST"])
@freshly_proven
def end(request: HttpRequest, agreement: str) -> HttpResponse:
    """Say what ending means, and end: it reads nothing from then on, and still confirms what it erased."""
    found = own_application(request, agreement)
    if found is None or found.state != APPROVED:
        return missing(request)
    if request.method == "POST":
        end_client(agreement=agreement, actor=f"account:{request.user.pk}", now=datetime.now(UTC))
        return redirect(f"/clients/{agreement}")
    return page(request, "applying/end", {"found": found})


def _made(agreement: str, *, replaces: bool, now: datetime) -> str:
    if find_secret(agreement, now=now) is None:
        return add_client(agreement=agreement, now=now)[1]
    if replaces:
        return replace_secret(client_id=agreement, now=now)
    return rotate_secret(client_id=agreement, now=now)


def own_application(request: HttpRequest, agreement: str) -> ApplicationFacts | None:
    """Return what an account applied for itself: somebody else's is one that never was."""
    found = find_application(agreement)
    return found if found is not None and found.applicant == request.user.pk else None


def _told(found: ApplicationFacts) -> dict[str, Any]:
    signed = next((each for each in list_agreements() if each.uid == found.agreement), None)
    state = "suspended" if signed and signed.suspended and found.state != ENDED else found.state
    return {
        "found": found,
        "state": f"applying.state.{state}",
        "is_open": found.state == APPROVED,
        "is_waiting": bool(signed and signed.waiting and not signed.suspended),
        "secret": find_secret(found.agreement, now=datetime.now(UTC)),
        "overlap": OVERLAP.days,
        **said(found),
    }


def said(found: ApplicationFacts) -> dict[str, Any]:
    """Return in words what a client signed."""
    kinds = all_kinds()
    named = [(kinds[kind], name) for kind, _, name in (each.partition(".") for each in found.properties)]
    return {
        "nature": names_of_readers(language())[f"terms:{found.terms}"],
        "country": country_name(found.country, language()),
        "regime": f"applying.regime.{found.regime}",
        "purposes": [purpose_said(each, language()) for each in found.purposes],
        "properties": [f"{kind.labels[language()]} – {kind.property(name).labels[language()]}" for kind, name in named],
    }
