"""From what somebody sends of a form on their own pages to what it means; nothing is decided here.

A form that needs a proof first is kept in the session meanwhile: choices, numbers and days, never a value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, QueryDict

from datacoop.charter.queries import current
from datacoop.consent.hearing import shipped_terms
from datacoop.consent.queries import list_agreements
from datacoop.disclosure.own.telling import OwnRecord, shown_audiences
from datacoop.portal.cards import day_of
from datacoop.rights.queries.foreseeing import asked_of, said_by_lists
from datacoop.rights.rules.answers import SAME, SCOPES, SOME, Field, Meaning, chosen, named, of_fields
from datacoop.rights.rules.objections import against_lists, against_readers, serving
from datacoop.sources.spoken import lists_of

CHOICE, NAMES, FIELDS, READER, PURPOSE, HOLDER = "choice", "names", "fields", "reader", "purpose", "holder"
_HERE = ZoneInfo("Europe/Zurich")
_KEPT = "wanted"
_LONGEST = 20_000
_NOT_KEPT = frozenset({"csrfmiddlewaretoken", "step"})
_FIELD = re.compile(r"scope-(\d+)-([a-z_]+)")


class Unclear(ValueError):
    """The form asks for what there is not."""


@dataclass(frozen=True)
class Intent:
    """What a form means; an objection to a holder names its lists beside."""

    meaning: Meaning
    lists: tuple[int, ...] = ()


def intent_of(form: QueryDict, records: Sequence[OwnRecord], now: datetime) -> Intent:
    """Return what a form means for a subject's records. Raises: Unclear."""
    asked = asked_of(records)
    what = form.get("what", "")
    try:
        if what == CHOICE:
            return Intent(chosen(form.get("choice", ""), asked, current("choices").text))
        if what == NAMES:
            return Intent(named(_levels(form, records), asked))
        if what == FIELDS:
            return Intent(of_fields(_fields(form, now), asked, audiences_of(records)))
        if what == READER:
            return Intent(against_readers([_reader(form)], asked))
        if what == PURPOSE:
            return Intent(against_readers(_serving(form, records), asked))
        if what == HOLDER:
            lists = _lists(form)
            return Intent(against_lists(said_by_lists(records, lists), asked), lists)
    except ValueError as refused:
        raise Unclear("The form asks for what there is not.") from refused
    raise Unclear("The form does not say what it is about.")


def audiences_of(records: Sequence[OwnRecord]) -> list[str]:
    """Return the readers somebody decides for, everybody first."""
    found = dict.fromkeys(sight.audience for each in records for sights in each.sights.values() for sight in sights)
    return list(found) or shown_audiences()


def sent(form: QueryDict) -> list[tuple[str, str]]:
    """Return the fields of a form, to be sent again after what it does was looked at."""
    return [(name, value) for name, values in form.lists() if name not in _NOT_KEPT for value in values]


def keep(request: HttpRequest, subject: UUID, form: QueryDict) -> None:
    """Keep a form while its sender proves who they are."""
    text = urlencode(sent(form))
    if len(text) <= _LONGEST:
        request.session[_KEPT] = {subject.hex: text}


def kept(request: HttpRequest, subject: UUID) -> QueryDict | None:
    """Return the form that was kept, None where none was."""
    text = (request.session.get(_KEPT) or {}).get(subject.hex)
    return QueryDict(text) if text else None


def drop(request: HttpRequest) -> None:
    """Forget the form that was kept: it was answered."""
    request.session.pop(_KEPT, None)


def _levels(form: QueryDict, records: Sequence[OwnRecord]) -> dict[int, str]:
    """One way for all, or each its own; what says nothing stays as it is."""
    for_all = form.get("level", "")
    levels = {each.id: form.get(f"level-{each.id}") or for_all for each in records if each.kind == "role"}
    return {record: level for record, level in levels.items() if level}


def _fields(form: QueryDict, now: datetime) -> list[Field]:
    found = []
    for name in form:
        match = _FIELD.fullmatch(name)
        scope = form.get(name, SAME)
        if match is None or scope == SAME:
            continue
        if scope not in SCOPES:
            raise Unclear("There is no such answer.")
        place = f"{match[1]}-{match[2]}"
        ticked = frozenset(form.getlist(f"tick-{place}")) if scope == SOME else frozenset()
        found.append(Field(int(match[1]), match[2], scope, ticked, _until(form.get(f"until-{place}", ""), now)))
    return found


def _until(text: str, now: datetime) -> datetime | None:
    if not text.strip():
        return None
    last: date | None = day_of(text)
    if last is None:
        raise Unclear("That is no day.")
    # "until the 5th" includes the 5th
    end = datetime.combine(last + timedelta(days=1), time(), _HERE)
    if end <= now:
        raise Unclear("The day is over.")
    return end


def _reader(form: QueryDict) -> str:
    reader = form.get("reader", "")
    if reader not in {f"agreement:{each.uid}" for each in list_agreements()}:
        raise Unclear("There is no such client.")
    return reader


def _serving(form: QueryDict, records: Sequence[OwnRecord]) -> list[str]:
    """The terms that name the purpose, and their clients that somebody decided for apart."""
    decided = {audience for each in records for audience, _, _ in each.standing}
    signed = {a.uid: a.terms for a in list_agreements() if f"agreement:{a.uid}" in decided}
    found = serving(form.get("purpose", ""), shipped_terms(), signed)
    if not found:
        raise Unclear("There is no such purpose.")
    return found


def _lists(form: QueryDict) -> tuple[int, ...]:
    found = tuple(lists_of(UUID(form.get("holder", ""))))
    if not found:
        raise Unclear("There is no such holder.")
    return found
