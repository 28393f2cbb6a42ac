"""The first page of whoever is named: who says what, who sees it, and three choices, each of one step."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from datacoop.charter.queries import current
from datacoop.clients.queries import list_joining
from datacoop.consent.queries import unindexed
from datacoop.disclosure.own.previewing import Preview
from datacoop.disclosure.own.telling import OwnRecord, own_records
from datacoop.portal.intents import audiences_of
from datacoop.portal.own import Visitor, for_subject
from datacoop.portal.pages import page
from datacoop.portal.readers import names_of_readers
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.applying import said
from datacoop.portal.views.own.wording import Told, glimpses, holders_of, kind_said, told
from datacoop.rights.queries.foreseeing import asked_of, looked_at, spoken_until
from datacoop.rights.queries.safety import is_safe_page
from datacoop.rights.rules.answers import CHOICES, chosen

PUBLIC = "public"


@require_safe
@for_subject
def home(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show everything said, what each reader sees today and would see after each choice."""
    now = datetime.now(UTC)
    records = records_of(visitor, now)
    return page(request, "own/home", shown(visitor, records, request.GET.get("as", PUBLIC), now))


def records_of(visitor: Visitor, now: datetime) -> list[OwnRecord]:
    """Return what a visitor may be told; by the link of a mail that is not safe, not even what kind of record it is."""
    found = own_records(visitor.subject, now=now, sources=visitor.sources, proven=visitor.is_proven)
    if visitor.is_proven or visitor.link is None:
        return found
    lists = {value.source_id for each in found for value in each.values if value.source_id is not None}
    if is_safe_page(visitor.link, sources=lists):
        return found
    return [replace(each, is_veiled=True) for each in found]


def shown(visitor: Visitor, records: list[OwnRecord], reader: str, now: datetime) -> dict[str, Any]:
    """Return what the first page shows, with the eyes of a reader (by key) on each choice."""
    names = names_of_readers(language())
    readers = [(key, names.get(key, key)) for key in audiences_of(records)]
    chosen_reader = reader if reader in dict(readers) else PUBLIC
    words = told(records, language())
    return {
        "visitor": visitor,
        "here_is": "home",
        "records": words,
        "functions": _functions(words),
        "holders": holders_of(records),
        "is_masked": any(value.is_masked for each in records for value in each.values),
        "is_suspended": is_suspended(visitor, records),
        "is_veiled": any(each.is_veiled for each in records),
        "readers": readers,
        "reader": (chosen_reader, dict(readers)[chosen_reader]),
        "today": _today(visitor, records, chosen_reader, now),
        "choices": choices(visitor, records, chosen_reader, now),
        "seen": spoken_until(visitor.subject),
        "has_roles": any(each.kind == "role" and not each.is_veiled for each in records),
        "indexing": _indexing(records),
        "joining": _joining(records, now),
    }


def _joining(records: list[OwnRecord], now: datetime) -> list[dict[str, object]]:
    """Which clients are about to get what is shown to their class here, unless they are excluded."""
    standing = {(audience, shows) for each in records for audience, _, shows in each.standing}
    return [
        {"client": each, **said(each)}
        for each in list_joining(now=now)
        if (f"terms:{each.terms}", True) in standing and (f"agreement:{each.agreement}", False) not in standing
    ]


def is_suspended(visitor: Visitor, records: list[OwnRecord]) -> bool:
    """Return whether all is hidden because they asked for it, so that no choice shows anything until they lift it."""
    return visitor.is_proven and any(each.is_restricted for each in records)


def choices(visitor: Visitor, records: list[OwnRecord], reader: str, now: datetime) -> list[dict[str, object]]:
    """Return the three choices with what a reader would see after each."""
    asked = asked_of(records)
    document = current("choices").text
    found: list[dict[str, object]] = []
    for name in CHOICES:
        preview = looked_at(visitor.subject, chosen(name, asked, document), now=now, proven=visitor.is_proven)
        seen = glimpses(preview.seen_by(reader), records, proven=visitor.is_proven, language=language())
        found.append(
            {"name": name, "title": f"answer.choice.{name}", "what": f"answer.choice_what.{name}", "seen": seen}
        )
    return found


def _functions(words: list[Told]) -> list[tuple[str, str]]:
    """Return each function somebody is named in, and where."""
    return [
        (line.said[0].text, each.title)
        for each in words
        for line in each.lines
        if (each.kind_name, line.name) == ("role", "role") and not line.said[0].is_masked
    ]


def _today(visitor: Visitor, records: list[OwnRecord], reader: str, now: datetime) -> list[object]:
    preview = Preview(visitor.subject, now=now, proven=visitor.is_proven)
    return [*glimpses(preview.seen_by(reader), records, proven=visitor.is_proven, language=language())]


def _indexing(records: list[OwnRecord]) -> list[dict[str, object]]:
    """Which records have a page of their own, and whether search engines may list it."""
    paged = [each for each in records if each.kind in {"organisation", "activity"} and not each.is_veiled]
    closed = unindexed([each.id for each in paged])
    return [
        {"id": each.id, "title": each.title or kind_said(each, language()), "is_allowed": each.id not in closed}
        for each in paged
    ]
