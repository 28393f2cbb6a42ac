"""Correcting in one place: what is said of a subject, its own word, and what it tells those who keep the lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.disclosure.describe import self_body
from datacoop.disclosure.own.subjects import groups_of
from datacoop.disclosure.own.telling import OwnRecord, OwnValue, own_records
from datacoop.kinds.definition import Kind
from datacoop.kinds.definition import kind as kind_named
from datacoop.kinds.labels import label
from datacoop.pipelines.correcting import Corrected, Typed, correct, take_back
from datacoop.pipelines.entering import EntryRefused
from datacoop.portal.fields import Field, fields_of, typed
from datacoop.portal.intents import audiences_of
from datacoop.portal.own import Visitor, proven_only
from datacoop.portal.pages import missing, page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.correcting.settling import settle_own
from datacoop.portal.views.own.calling import spoken_value
from datacoop.portal.views.own.wording import heading
from datacoop.rights.actions.answering import answer
from datacoop.rights.actions.confirming import confirm_all
from datacoop.rights.actions.objecting import Telling, stop_passing, tell_holders
from datacoop.rights.queries.confirmations import confirmation_of
from datacoop.rights.queries.objections import holders_naming, list_objections_of, passed_of
from datacoop.rights.queries.reports import list_reports_about
from datacoop.rights.rules.answers import Meaning, Meant

_TOLD = "corrected"
_SEEN = {
    "everybody": "correcting.seen_everybody",
    "some": "correcting.seen_some",
    "nobody": "correcting.seen_nobody",
}
_SPEAKERS = {
    "subject": "correcting.by_subject",
    "steward": "correcting.by_steward",
    "authority": "correcting.by_authority",
    "holder": "correcting.by_holder",
}


@require_http_methods(["GET", "HEAD", "POST"])
@proven_only
def records(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """Everything that can be corrected, what others reported about it, and what holders answered."""
    now = datetime.now(UTC)
    found = own_records(visitor.subject, now=now, proven=True)
    problem = ""
    if request.method == "POST" and request.POST.get("step") == "confirm":
        confirm_all(subject=visitor.subject, actor=visitor.actor, now=now)
        return redirect(request.path)
    if request.method == "POST":
        problem = settle_own(request, visitor, found, now=now)
        if not problem:
            return redirect(request.path)
    waiting = list_reports_about([each.uid for each in found])
    values = {
        "visitor": visitor,
        "here_is": "correct",
        "records": [{"record": each, "heading": heading(each, language())} for each in found],
        "waiting": [{"report": each, "record": _of(found, each.record_uid)} for each in waiting],
        "objections": list_objections_of([m for group in groups_of(visitor.subject) for m in group.members]),
        "confirmation": confirmation_of(visitor.subject, now=now),
        "problem": problem,
    }
    return page(request, "own/correct", values, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@proven_only
def one_record(request: HttpRequest, visitor: Visitor, record: UUID) -> HttpResponseBase:
    """The form of one record, who says what, and who is told."""
    now = datetime.now(UTC)
    found = next((r for r in own_records(visitor.subject, now=now, proven=True) if r.uid == record), None)
    if found is None:
        return missing(request)
    if request.method == "POST":
        return _posted(request, visitor, found, now)
    told = request.session.pop(_TOLD, None)
    return _form(request, visitor, found, told=told if told and told.get("record") == found.id else None)


def _posted(request: HttpRequest, visitor: Visitor, found: OwnRecord, now: datetime) -> HttpResponseBase:
    step, by = request.POST.get("step"), visitor.answerer()
    names = frozenset(request.POST.getlist("property")) & {value.property for value in found.values}
    if step == "save":
        return _saved(request, visitor, found, now)
    if step == "back":
        take_back(by=by, record=found.id, properties=names, now=now)
    elif step == "hide" and visitor.may_decide:
        words = tuple(
            Meant(found.id, audience, name, False) for name in sorted(names) for audience in audiences_of([found])
        )
        answer(by=by, meaning=Meaning(words), seen=None, now=now)
    elif step == "tell" and visitor.may_decide:
        tell_holders(by=by, telling=_telling(request, found), now=now)
    elif step == "stop" and (holder := _uid(request.POST.get("holder", ""))):
        stop_passing(by=by, record=found.id, holder=holder, now=now)
    return redirect(request.path)


def _saved(request: HttpRequest, visitor: Visitor, found: OwnRecord, now: datetime) -> HttpResponseBase:
    kind, form = kind_named(found.kind), dict(request.POST.lists())
    cells, before = typed(kind, form), _before(kind, found, now)
    # A browser sends nothing of boxes that are not ticked.
    sent = set(form) | {field.path for field in _fields(kind, found, now) if field.control == "choices"}
    cells = {path: text if path in sent else before[path] for path, text in cells.items() if path in before}
    touched = frozenset(path.partition(".")[0] for path, text in cells.items() if text != before[path])
    try:
        wanted = Typed(cells, touched, visitor.may_decide)
        done = correct(by=visitor.answerer(), record=found.id, typed=wanted, now=now)
    except EntryRefused as refused:
        problems = {each.column: each.message for each in refused.problems}
        return _form(request, visitor, found, problems=problems, given=form)
    request.session[_TOLD] = _noted(found, done)
    return redirect(request.path)


def _noted(found: OwnRecord, done: Corrected) -> dict[str, object]:
    """What the next page says: names of properties, no value. Nothing is shown no longer that nobody saw before."""
    seen = {name for name in done.narrowed if any(sight.shows for sight in found.sights.get(name, ()))}
    told = {"said": done.said | done.taken_back, "narrowed": seen, "kept_private": done.narrowed - seen}
    return {"record": found.id, **{name: sorted(each) for name, each in told.items()}}


def _form(
    request: HttpRequest,
    visitor: Visitor,
    found: OwnRecord,
    *,
    problems: Mapping[str, str] | None = None,
    given: Mapping[str, Sequence[str]] | None = None,
    told: Mapping[str, Any] | None = None,
) -> HttpResponseBase:
    kind, problems = kind_named(found.kind), problems or {}
    fields = [_filled(each, problems, given) for each in _fields(kind, found, datetime.now(UTC))]
    group = next(each for each in groups_of(visitor.subject) if each.facts.id == found.id)
    passed = passed_of(group.members)
    values = {
        "visitor": visitor,
        "here_is": "correct",
        "record": found,
        "heading": heading(found, language()),
        "groups": [(name, list(together)) for name, together in groupby(fields, key=lambda each: each["group"])],
        "problems": problems,
        "said": _said(found, kind),
        "own_names": sorted({value.property for value in found.values if _is_own(value)}),
        "holders": [
            {"holder": each, "passed": [label(kind.property(n), language()) for n in sorted(passed.get(each.uid, ()))]}
            for each in holders_naming(group)
        ],
        "told": told,
        "told_names": _labels(kind, told, "said"),
        "narrowed": _labels(kind, told, "narrowed"),
        "kept_private": _labels(kind, told, "kept_private"),
        "objections": list_objections_of(group.members),
    }
    return page(request, "own/correct_record", values, status=422 if problems else 200)


def _labels(kind: Kind, told: Mapping[str, Any] | None, name: str) -> list[str]:
    return [label(kind.property(each), language()) for each in told.get(name, ())] if told else []


def _fields(kind: Kind, found: OwnRecord, now: datetime) -> list[Field]:
    """The fields of a record as its subject has it; whom it belongs to is none of them."""
    body = self_body(uid=found.uid, now=now) or {}
    references = {prop.name for prop in kind.properties if prop.type == "reference"}
    return [each for each in fields_of(kind, language(), body) if each.path not in references]


def _before(kind: Kind, found: OwnRecord, now: datetime) -> dict[str, str | list[str]]:
    """What would be sent if nothing were changed."""
    sent = {each.path: each.value.split("\n") for each in _fields(kind, found, now)}
    return {path: text for path, text in typed(kind, sent).items() if path in sent}


def _filled(field: Field, problems: Mapping[str, str], given: Mapping[str, Sequence[str]] | None) -> dict[str, Any]:
    value = "\n".join(given.get(field.path, ())) if given else field.value
    return {**vars(field), "problem": problems.get(field.path), "value": value, "chosen": value.split("\n")}


def _said(found: OwnRecord, kind: Kind) -> list[dict[str, Any]]:
    """Who says what, property by property, the one that wins first; and who sees it."""
    rows = []
    for name, together in groupby(found.values, key=lambda value: value.property):
        prop, values = kind.property(name), list(together)
        if prop.refers == "person":
            # That it is about them is what the page itself says.
            continue
        sights = {each.audience: each.shows for each in found.sights.get(name, ())}
        seen = "everybody" if sights.get("public") else "some" if any(sights.values()) else "nobody"
        rows.append(
            {
                "name": name,
                "label": label(prop, language()),
                "seen": _SEEN[seen],
                "is_own": any(map(_is_own, values)),
                "can_be_shown": any(map(_is_own, values)) and seen != "everybody" and prop.type != "reference",
                "can_be_hidden": seen != "nobody" and prop.type != "reference",
                "values": [_line(value, prop) for value in sorted(values, key=lambda v: not v.is_winning)],
            }
        )
    return rows


def _line(value: OwnValue, prop: Any) -> dict[str, Any]:
    text = spoken_value(value.value, prop, language())
    return {"text": text, "by": value.holder, "speaker": _SPEAKERS[value.said_by], "since": value.since,
            "wins": value.is_winning}  # fmt: skip


def _is_own(value: OwnValue) -> bool:
    return value.said_by == "subject" and value.source_id is None


def _telling(request: HttpRequest, found: OwnRecord) -> Telling:
    own = frozenset(value.property for value in found.values if _is_own(value))
    chosen = [frozenset(filter(None, map(_uid, request.POST.getlist(name)))) for name in ("object", "pass")]
    return Telling(found.id, chosen[0], chosen[1], own)


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _of(found: Sequence[OwnRecord], uid: UUID | None) -> OwnRecord | None:
    return next((each for each in found if each.uid == uid), None)
