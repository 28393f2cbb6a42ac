"""The page of the package of access that people read: what LPD 25(2) a–g asks for, then everything, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.template.loader import render_to_string
from django.utils.translation import override

from datacoop.charter.controller import controller
from datacoop.disclosure.own.packing import Package
from datacoop.kinds.definition import kind
from datacoop.portal.catalogue import catalogue, say
from datacoop.portal.linked import base_url
from datacoop.portal.templatetags.portal import short_day, time
from datacoop.portal.views.own.calling import called, own_label, spoken_value
from datacoop.portal.views.own.package_lines import grouped
from datacoop.portal.views.own.package_words import Words
from datacoop.records.tellers import Row


def index_page(package: Package, language: str) -> bytes:
    """Return the page, whole and by itself: it loads nothing from anywhere."""
    with override(language):
        return _page(package, language)


def tables_in_words(package: Package, language: str) -> dict[str, list[Row]]:
    """Return the chapters for the package's tables, in the words of its page."""
    words = Words(package, language)
    return {name: words.table(rows) for name, rows in package.chapters.items()}


def _page(package: Package, language: str) -> bytes:
    words = Words(package, language)
    chapters = [_chapter(words, name, rows) for name, rows in package.chapters.items() if rows]
    values = {
        "language": language,
        "day": f"{short_day(package.made_at)}, {time(package.made_at)}",
        "blocks": list(_blocks(package, language)),
        "said": _said(package, words),
        "chapters": chapters,
        "package_holds": [each["name"] for each in chapters],
    }
    return render_to_string("portal/own/package.html", values).encode()


def _chapter(words: Words, name: str, rows: Sequence[Row]) -> dict[str, object]:
    return {
        "name": name,
        "title": catalogue(words.language).get(f"package.chapter_{name}", name.replace("_", " ")),
        "count": len(rows),
        "groups": list(grouped(words, name, rows)),
    }


def _blocks(package: Package, language: str) -> Iterator[tuple[str, str, str]]:
    """What LPD 25(2) asks for beside the data: (heading, words, chapter that tells it row by row)."""
    chapters = package.chapters
    said = controller()
    address, contact = ", ".join([*said.address, base_url()]), ", ".join(filter(None, (said.phone, said.contact)))

    def words(name: str, **filled: object) -> str:
        return say(language, f"package.{name}", **filled)

    yield words("who_title"), words("who", controller=said.name, address=address, contact=contact), ""
    yield words("purpose_title"), words("purpose"), ""
    yield words("kept_title"), words("kept"), ""
    yield (
        words("origin_title"),
        words("origin_some" if chapters.get("lists") or chapters.get("mentions") else "origin_none"),
        "lists",
    )
    yield words("automatic_title"), words("automatic"), ""
    received = words("received_some" if chapters.get("recipients") else "received_none")
    yield words("received_title"), received, "recipients"
    yield words("rights_title"), words("rights", address=f"{base_url()}/my/{package.subject}/rights"), ""
    yield words("authority_title"), words("authority"), ""


def _said(package: Package, words: Words) -> list[dict[str, object]]:
    """The records as their subject sees them: what each is called, and label with value."""
    found: list[dict[str, object]] = []
    for name, bodies in package.bodies.items():
        of = kind(name)
        for body in bodies:
            facts = [
                (
                    own_label(prop, words.language),
                    [spoken_value(each, prop, words.language) for each in _listed(body[prop.name])],
                )
                for prop in of.properties
                if prop.name in body and prop.type != "reference"
            ]
            found.append(
                {"title": words.names.get(str(body["id"])) or called(name, "", words.language), "facts": facts}
            )
    return found


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
