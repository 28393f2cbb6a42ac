"""The form for an activity, the page of its next dates, and publishing: new, or said anew."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.agenda.doubles import look_alikes
from datacoop.agenda.rules.rhythms import KEPT, REPEATS
from datacoop.agenda.rules.timing import Timing, WhenRefused, timing_of
from datacoop.directory import themes
from datacoop.kinds.definition import kind as kind_named
from datacoop.kinds.labels import value_label
from datacoop.pipelines.announcing import KIND, Announced, alter, announce
from datacoop.pipelines.correcting import read_cells
from datacoop.pipelines.entering import EntryRefused
from datacoop.portal.announcing import (
    OwnPlace,
    Typed,
    blank,
    cells_of,
    chosen,
    empty_fields,
    field_of,
    filled,
    own_place,
    touched,
    typed,
    values_of,
)
from datacoop.portal.cards import cards
from datacoop.portal.catalogue import catalogue
from datacoop.portal.dating import rhythm_said, shown_dates, timing_in, zone_in
from datacoop.portal.own import Visitor, proven_only
from datacoop.portal.pages import page
from datacoop.portal.telling import problem_said
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.announcing.own import OwnActivity, for_activity

_TICKED = {
    "audience": "activity.for_whom",
    "accessibility": "activity.accessibility",
    "language": "activity.languages",
}
#: Which forms were published already, so that a second press publishes nothing more.
_PUBLISHED, _TOLD = "published", "announced"
_MOST_REMEMBERED = 20
_NEXT = 10
_AHEAD = timedelta(days=1827)


@dataclass(frozen=True)
class _Entry:
    """Somebody at the form. `about` is the activity that is changed, None for a new one."""

    request: HttpRequest
    visitor: Visitor
    own: OwnPlace
    now: datetime
    about: OwnActivity | None = None

    @property
    def item(self) -> dict[str, Any]:
        return self.about.item if self.about else {}

    @property
    def zone(self) -> ZoneInfo:
        return zone_in(self.item)

    @property
    def before(self) -> Timing | None:
        return timing_in(self.item)


@require_http_methods(["GET", "HEAD", "POST"])
@proven_only
def new(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """Announce something: the form, then its next dates, then everybody sees it."""
    entry = _Entry(request, visitor, own_place(visitor.subject), datetime.now(UTC))
    return _answered(entry, blank(entry.own, language()))


@require_http_methods(["GET", "HEAD", "POST"])
@for_activity
def change(request: HttpRequest, visitor: Visitor, about: OwnActivity) -> HttpResponseBase:
    """Say something else of an activity, by the same form."""
    entry = _Entry(request, visitor, own_place(visitor.subject), datetime.now(UTC), about)
    return _answered(entry, filled(entry.item, entry.own, language()))


def _answered(entry: _Entry, empty: Typed) -> HttpResponseBase:
    if entry.request.method != "POST":
        return _form(entry, empty)
    form, step = typed(entry.request.POST), entry.request.POST.get("step", "")
    if step == "edit":
        return _form(entry, form)
    problems = _empty(entry, form)
    try:
        timing = timing_of(form.when, entry.zone, before=entry.before)
    except WhenRefused as refused:
        problems |= {name: _said_of(code) for name, code in refused.faults.items()}
        return _form(entry, form, problems)
    problems |= _unread(entry, form, timing)
    if problems:
        return _form(entry, form, problems)
    return _published(entry, form, timing) if step == "publish" else _looked(entry, form, timing)


def _empty(entry: _Entry, form: Typed) -> dict[str, str]:
    return {name: _said_of(code) for name, code in empty_fields(form, entry.own).items()}


def _unread(entry: _Entry, form: Typed, timing: Timing) -> dict[str, str]:
    """Return what cannot be read of the other fields, and whether everything is over already."""
    found = {}
    if entry.about is None and not timing.dates(entry.zone, entry.now, entry.now + _AHEAD):
        found["day"] = _said_of("over")
    if not form.line("title"):
        return found
    try:
        cells = cells_of(form, entry.own, entry.item, language())
        read_cells(kind_named(KIND), cells, entry.now, whole_texts=entry.visitor.may_decide)
    except EntryRefused as refused:
        found |= {field_of(each.column): problem_said(each.code, each.message) for each in refused.problems}
    return found


def _announced(entry: _Entry, form: Typed, timing: Timing) -> Announced:
    cells = cells_of(form, entry.own, entry.item, language())
    values = values_of(form, entry.own, timing, entry.zone)
    if entry.about is None:
        return Announced({path: text for path, text in cells.items() if text}, values, None, entry.visitor.may_decide)
    before = cells_of(filled(entry.item, entry.own, language()), entry.own, entry.item, language())
    changed = touched(cells, before, timing, entry.before)
    return Announced({path: text for path, text in cells.items() if text}, values, changed, entry.visitor.may_decide)


def _published(entry: _Entry, form: Typed, timing: Timing) -> HttpResponseBase:
    session, by = entry.request.session, entry.visitor.answerer()
    announced, key = _announced(entry, form, timing), entry.request.POST.get("key", "")
    if entry.about is not None:
        if announced.touched:
            alter(by=by, record=entry.about.record.id, announced=announced, now=entry.now)
        uid, told = entry.about.record.uid, "changed"
    else:
        before: dict[str, str] = session.get(_PUBLISHED) or {}
        uid = UUID(before[key]) if key in before else announce(by=by, announced=announced, now=entry.now)
        session[_PUBLISHED] = {**dict(list(before.items())[-_MOST_REMEMBERED:]), key: str(uid)}
        told = "published"
    session[_TOLD] = [str(uid), told]
    return redirect(f"{entry.visitor.address}/activities/{uid}")


def _looked(entry: _Entry, form: Typed, timing: Timing) -> HttpResponseBase:
    """The page before publishing: what it will say, its next dates, what looks like it."""
    dates = timing.dates(entry.zone, entry.now, entry.now + _AHEAD)
    besides = entry.about.record.uid if entry.about else None
    title, organiser = form.line("title"), entry.visitor.subject
    alike = look_alikes(title, timing, organiser=organiser, besides=besides, now=entry.now)
    item = {"start": timing.start, "end": timing.end, "recurrence": timing.recurrence}
    values = {
        **_shared(entry),
        "sent": form.sent,
        "title": title,
        "rhythm": rhythm_said(item, language()),
        "dates": shown_dates(dates[:_NEXT], entry.zone),
        "more": max(0, len(dates) - _NEXT),
        "where": _where(entry, form),
        "alike": cards(alike, language()),
        "key": entry.request.POST.get("key") or secrets.token_urlsafe(12),
    }
    return page(entry.request, "announcing/look", values)


def _where(entry: _Entry, form: Typed) -> str:
    if form.line("where") == "own":
        return entry.own.line
    if form.line("where") == "elsewhere":
        town = f"{form.line('postal_code')} {form.line('city')}".strip()
        return ", ".join(filter(None, [form.line("place"), form.line("street"), town]))
    return form.line("online_url") if form.line("where") == "online" else ""


def _form(entry: _Entry, form: Typed, problems: Mapping[str, str] | None = None) -> HttpResponseBase:
    kind, problems = kind_named(KIND), problems or {}

    def coded(name: str) -> list[tuple[str, str]]:
        prop = kind.property(name)
        return [(code, value_label(prop, code, language())) for code in prop.values]

    repeats = [each for each in REPEATS if each != KEPT or form.when.repeats == KEPT]
    ending = ("until", "times", "not_on", "ranges", "last_day")
    values = {
        **_shared(entry),
        "form": form.lines,
        "rows": form.rows,
        "problems": problems,
        "repeats": [(each, f"announcing.repeats.{each.replace('-', '_')}") for each in repeats],
        "rhythm": rhythm_said(entry.item, language()),
        "own": entry.own,
        "is_open": any(form.line(each) for each in ending) or bool(form.ranges) or bool({*ending} & set(problems)),
        "more_open": bool({"description", "price", "website", *_TICKED, "status"} & set(problems)),
        "ticks": [(name, said, chosen(coded(name), form.many.get(name, ()))) for name, said in _TICKED.items()],
        "themes": chosen([(p, themes.label(p, language())) for p in themes.all_themes()], form.many.get("theme", ())),
        "statuses": coded("status"),
        "key": entry.request.POST.get("key", ""),
    }
    return page(entry.request, "announcing/form", values, status=422 if problems else 200)


def _shared(entry: _Entry) -> dict[str, Any]:
    return {"visitor": entry.visitor, "here_is": "activities", "about": entry.about}


def _said_of(code: str) -> str:
    return catalogue(language())[f"announcing.problem.{code}"]
