"""How somebody's own records and their values are called on their own pages: as one speaks to a person, not to a file.

Reads nothing: whoever calls this was told of the record already.
"""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import override

from datacoop.kinds.definition import Property
from datacoop.kinds.definition import kind as kind_named
from datacoop.kinds.labels import label
from datacoop.portal.catalogue import say
from datacoop.portal.templatetags.portal import short_day, time
from datacoop.portal.views.steward.values import shown_value

#: Kinds that are of the person who reads: called after them, not after the kind.
_OWN = {
    "person": ("own.called_person", "own.called_person_named"),
    "role": ("own.called_role", "own.called_role_named"),
    "offer": ("own.called_offer", "own.called_offer_named"),
}


def called(kind: str, title: str, language: str) -> str:
    """Return what a record is called: “Votre fonction dans Chœur de Clairière”, “Vous-même”.

    >>> called("role", "Chœur de Clairière", "en")
    'Your function at Chœur de Clairière'
    >>> called("role", "", "en"), called("organisation", "Chœur de Clairière", "en")
    ('Your function', 'Organisation – Chœur de Clairière')
    """
    if kind not in _OWN:
        return f"{label(kind_named(kind), language)} – {title}".removesuffix(" – ")
    alone, named = _OWN[kind]
    return say(language, named, name=title) if title else say(language, alone)


def own_label(of: Property, language: str) -> str:
    """Return what a property is called for its subject: “Person” would read as somebody, or in French as nobody.

    >>> from datacoop.kinds.definition import kind
    >>> own_label(kind("role").property("person"), "en"), own_label(kind("role").property("since"), "en")
    ('That it is you', 'Since')
    """
    return say(language, "own.label_person") if of.refers == "person" else label(of, language)


def spoken_value(value: object, of: Property, language: str) -> str:
    """Return a value as one reads it aloud: days and times in the language, yes and no.

    >>> from datacoop.kinds.definition import kind
    >>> spoken_value("2026-03-09", kind("role").property("since"), "fr")
    '9 mars 2026'
    """
    if isinstance(value, bool):
        return say(language, "package.is_true" if value else "package.is_false")
    if of.type in {"date", "datetime", "moment"}:
        return moment_said(value, language)
    if of.type == "commune" and isinstance(value, dict) and value.get("name"):
        return str(value["name"])
    return shown_value(value, of, language)


def moment_said(value: object, language: str) -> str:
    """Return a day, or a day with its time, in words; as it is where it is neither."""
    text = str(value)
    try:
        found = value if isinstance(value, date) else datetime.fromisoformat(text)
    except ValueError:
        return text
    has_time = isinstance(found, datetime) and (isinstance(value, datetime) or "T" in text)
    with override(language):
        said = short_day(found)
        return f"{said}, {time(found)}" if has_time and isinstance(found, datetime) else said
