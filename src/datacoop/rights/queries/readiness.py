"""What is missing before anybody can be told or sign: settings, and places left open in the documents."""

from __future__ import annotations

import re
from collections.abc import Iterable

from datacoop.charter.controller import missing
from datacoop.rights.queries.agreements import AGREEMENT, PRIVACY, TERMS, find_text, languages_of

#: A place left open; `[…]` is one that a setting fills.
_OPEN = re.compile(r"\[(?!…\])[^\]]+\]")
#: What those named and those who sign are given to read; the impact assessment is the cooperative's own paper.
_GIVEN = (AGREEMENT, TERMS, PRIVACY)


def list_missing() -> tuple[str, ...]:
    """Return the names of settings (without `DATACOOP_`) and of documents that must be completed; empty: ready."""
    return missing() or list_open(_GIVEN)


def list_open(names: Iterable[str] = _GIVEN) -> tuple[str, ...]:
    """Return which documents hold a place left open in one of their languages, whatever the settings say."""
    return tuple(name for name in names if _is_open(name))


def _is_open(name: str) -> bool:
    texts = [find_text(name, language) for language in languages_of(name)]
    paragraphs = [words for text in texts if text for each in text.sections for words in each["paragraphs"]]
    return any(_OPEN.search(words) for words in paragraphs)
