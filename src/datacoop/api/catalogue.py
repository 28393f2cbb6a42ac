"""The catalogue at `/catalog`: Turtle, JSON-LD or RDF/XML, the same for everybody; it takes no token."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from datacoop.api.answers import Answer, Answers
from datacoop.api.negotiation import not_acceptable, preferred
from datacoop.api.parameters import parse
from datacoop.api.problems import Problem
from datacoop.api.replying import response
from datacoop.api.site import Site, current_site
from datacoop.charter.controller import controller
from datacoop.feeds.catalogue import FORMS, Facts, written
from datacoop.lib.sql import moment, select


@require_safe
def catalogue(request: HttpRequest, ending: str = "") -> HttpResponse:
    """The catalogue, in the form of its ending, else of `Accept`."""
    site = current_site()
    answers = Answers(site)
    try:
        return response(_answer(request, ending, site, answers))
    except Problem as problem:
        return response(answers.problem(problem, public=True))


def _answer(request: HttpRequest, ending: str, site: Site, answers: Answers) -> Answer:
    parse(request.META.get("QUERY_STRING", ""), {})
    if not ending:
        ending = _ending_for(request.headers.get("Accept", ""))
    none_match = request.headers.get("If-None-Match", "").encode()
    return answers.found(written(_facts(site), ending), FORMS[ending], True, none_match)


def _ending_for(accept: str) -> str:
    """The ending of the form a caller likes best. Raises: Problem not-acceptable."""
    endings = {media.partition(";")[0]: ending for ending, media in FORMS.items()}
    chosen = preferred(accept, list(endings))
    if chosen is None:
        raise not_acceptable(list(endings))
    return endings[chosen]


def _facts(site: Site) -> Facts:
    who = controller()
    return Facts(site.base_url, site.licence, site.terms, who.name, who.contact, _issued())


def _issued() -> date | None:
    """The day this installation got its first table: no record, and nothing about one, moves it."""
    ((first,),) = select("SELECT min(applied) FROM django_migrations")
    if first is None:
        return None
    return localtime(moment(first)).date()
