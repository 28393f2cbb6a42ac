"""The page of the package of access that people read: what LPD 25(2) a–g asks for, then everything, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import orjson
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

from datacoop.disclosure.own.packing import Package
from datacoop.kinds.definition import all_kinds, kind
from datacoop.kinds.labels import label
from datacoop.portal.catalogue import catalogue, say
from datacoop.portal.linked import base_url
from datacoop.portal.templatetags.portal import short_day, time
from datacoop.portal.views.steward.values import shown_value
from datacoop.records.tellers import Row


def index_page(package: Package, language: str) -> bytes:
    """Return the page, whole and by itself: it loads nothing from anywhere."""
    with override(language):
        return _page(package, language)


def _page(package: Package, language: str) -> bytes:
    names = _names(package, language)
    chapters = [_chapter(name, rows, names, language) for name, rows in package.chapters.items() if rows]
    values = {
        "language": language,
        "day": f"{short_day(package.made_at)}, {time(package.made_at)}",
        "blocks": list(_blocks(package, language)),
        "said": _said(package, names, language),
        "chapters": chapters,
    }
    return render_to_string("portal/own/package.html", values).encode()


def _chapter(name: str, rows: Sequence[Row], names: Mapping[str, str], language: str) -> dict[str, object]:
    fields = _fields(rows)

    def cell(row: Row, field: str) -> str:
        value = row.get(field)
        return names.get(str(value)) or _cell(value, field, language)

    return {
        "name": name,
        "title": _word(f"chapter_{name}", language),
        "fields": [_word(f"field_{field}", language) for field in fields],
        "rows": [[cell(row, field) for field in fields] for row in rows],
    }


def _blocks(package: Package, language: str) -> Iterator[tuple[str, str, str]]:
    """What LPD 25(2) asks for beside the data: (heading, words, chapter that tells it row by row)."""
    chapters = package.chapters
    contact = settings.DATACOOP_CONTACT or f"{base_url()}/write"

    def words(name: str, **filled: object) -> str:
        return say(language, f"package.{name}", **filled)

    yield words("who_title"), words("who", address=base_url(), contact=contact), ""
    yield words("purpose_title"), words("purpose"), ""
    yield words("kept_title"), words("kept"), ""
    yield words("origin_title"), words("origin_some" if chapters.get("lists") else "origin_none"), "lists"
    yield words("automatic_title"), words("automatic"), ""
    received = words("received_some" if chapters.get("recipients") else "received_none")
    yield words("received_title"), received, "recipients"
    yield words("rights_title"), words("rights", address=f"{base_url()}/my/{package.subject}/rights"), ""
    yield words("authority_title"), words("authority"), ""


def _said(package: Package, names: Mapping[str, str], language: str) -> list[dict[str, object]]:
    """The records as their subject sees them: kind, and label with value."""
    found: list[dict[str, object]] = []
    for name, bodies in package.bodies.items():
        of = kind(name)
        for body in bodies:
            facts = [
                (prop.labels[language], [shown_value(each, prop, language) for each in _listed(body[prop.name])])
                for prop in of.properties
                if prop.name in body and prop.type != "reference"
            ]
            found.append({"title": names.get(str(body["id"]), label(of, language)), "facts": facts})
    return found


def _names(package: Package, language: str) -> dict[str, str]:
    """How each record is called, by its uid: what it is, and the name it goes by."""
    return {
        str(row["record"]): f"{label(kind(str(row['kind'])), language)} – {row['name']}".removesuffix(" – ")
        for row in package.chapters.get("records", ())
    }


def _fields(rows: Sequence[Row]) -> list[str]:
    """The fields that hold anything, in the order in which they first come."""
    return list(dict.fromkeys(f for row in rows for f, value in row.items() if value not in (None, "", [])))


def _cell(value: object, field: str, language: str) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return say(language, "package.is_true" if value else "package.is_false")
    if isinstance(value, datetime):
        return f"{short_day(value)}, {time(value)}"
    if field == "property":
        return _property(str(value), language)
    if isinstance(value, Mapping | list):
        return _plain(value)
    return str(value)


def _property(name: str, language: str) -> str:
    for each in all_kinds().values():
        if any(prop.name == name for prop in each.properties):
            return each.property(name).labels[language]
    return name


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_plain(part)}" for name, part in value.items() if part not in (None, "", []))
    if isinstance(value, list):
        return ", ".join(filter(None, map(_plain, value)))
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _word(key: str, language: str) -> str:
    """A chapter's or field's name; one that nobody wrote a word for yet stands under its code."""
    return catalogue(language).get(f"package.{key}", key.partition("_")[2].replace("_", " "))
