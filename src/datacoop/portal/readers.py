"""Whom something can be shown to, in the reader's own words: the classes of readers, and clients by name."""

from __future__ import annotations

from datacoop.consent.hearing import shipped_terms
from datacoop.consent.queries import list_agreements
from datacoop.portal.catalogue import say

_KNOWN_TERMS = frozenset({"public-bodies", "non-profits", "commercial"})
#: Purposes of the terms that we have words for.
_PURPOSES = {
    "directory": "answer.for_directory",
    "agenda": "answer.for_agenda",
    "volunteering": "answer.for_volunteering",
    "civic-service": "answer.for_civic_service",
    "statistics": "answer.for_statistics",
    "membership": "answer.for_membership",
    "message": "answer.for_message",
}


def names_of_readers(language: str) -> dict[str, str]:
    """Return who can be decided for, by key."""
    names = {key: say(language, f"steward.readers.{key}") for key in ("public", "cooperators")}
    for terms in shipped_terms():
        names[f"terms:{terms}"] = say(language, f"steward.readers.{terms}") if terms in _KNOWN_TERMS else terms
    for each in list_agreements():
        names[f"agreement:{each.uid}"] = each.name
    return names


def purposes(language: str) -> dict[str, str]:
    """Return what readers may use things for, by code, each once, in the order of the terms."""
    found: dict[str, str] = {}
    for document in shipped_terms().values():
        listed = document.get("purposes")
        for each in listed if isinstance(listed, list) else ():
            found[str(each)] = purpose_said(str(each), language)
    return found


def purpose_said(purpose: str, language: str) -> str:
    """Return a purpose in words, its code where nobody wrote any."""
    key = _PURPOSES.get(purpose)
    return say(language, key) if key else purpose
