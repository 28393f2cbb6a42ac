"""The first page, and the pages that explain."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from datacoop.directory import themes
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.feeds.registry import formats_of
from datacoop.kinds.definition import kind
from datacoop.portal import gate, linked
from datacoop.portal.cards import cards
from datacoop.portal.catalogue import say
from datacoop.portal.choices import counts_of
from datacoop.portal.pages import busy, page
from datacoop.portal.templatetags.portal import language

_COMING = 6
_DOWNLOADS = ("organisation", "activity")
_FORMAT_NAMES = {"geojson": "GeoJSON", "jsonld": "JSON-LD", "ical": "iCalendar", "atom": "Atom", "parquet": "Parquet"}


@require_safe
@busy
def home(request: HttpRequest) -> HttpResponse:
    """Search, themes, what comes next."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    return page(request, "home", gate.ask(lambda reading: _first_page(reading, now, language())))


def _first_page(reading: Reading, now: datetime, language: str) -> dict[str, Any]:
    coming = Question("activity", since=now.isoformat(), sort="start", limit=_COMING, counted=False)
    with reading.snapshot():
        counts = counts_of(reading, Question("organisation"), {"theme"})["theme"]
        found = find(reading, PUBLIC, coming)
    numbers = {str(each["value"]): each for each in counts}
    return {
        "themes": [
            (theme.path, themes.breakable_label(theme.path, language), numbers[theme.path])
            for theme in themes.top_themes()
            if theme.path in numbers
        ],
        "activities": cards(gate.items(found.bodies), language),
    }


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What this is, for whom, who decides."""
    return page(request, "about")


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """How to use the data, and on which terms."""
    files = [
        (plural, f"data.{plural}", [(each.EXTENSION, _FORMAT_NAMES.get(each.NAME, each.NAME.upper())) for each in of])
        for plural, of in ((each.plural, formats_of(each)) for each in map(kind, _DOWNLOADS))
    ]
    asked = {"agenda": "?", "add": "?", "report": "?org=…&"}
    embeds = [(f"data.embed_{name}", _frame(name, each)) for name, each in asked.items()]
    return page(request, "data", {"files": files, "licence": linked.licence(), "embeds": embeds})


def _frame(name: str, asked: str) -> str:
    """A form of ours as other sites frame it: docs/embedding.md."""
    address = f"{linked.base_url()}/embed/{name}{asked}lang={language()}"
    said = f'title="{say(language(), "site.name")}" style="width: 100%; height: 60rem; border: 0"'
    return f'<iframe src="{address}" {said} loading="lazy"></iframe>'
