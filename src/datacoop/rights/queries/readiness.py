"""What is missing before anybody can be told or sign: settings, and places left open in the documents."""

from __future__ import annotations

import re

from datacoop.charter.controller import missing
from datacoop.rights.queries.agreements import AGREEMENT, PRIVACY, TERMS, find_text, languages_of

_OPEN = re.compile(r"\[[^\]]+\]")
#: What those named and those who sign are given to read; the impact assessment is the cooperative's own paper.
_GIVEN = (AGREEMENT, TERMS, PRIVACY)


def list_missing() -> tuple[str, ...]:
    """Return the names of settings (without `DATACOOP_`) and of documents that must be completed; empty: ready."""
    return missing() or tuple(name for name in _GIVEN if _is_open(name))


def _is_open(name: str) -> bool:
    texts = [find_text(name, language) for language in languages_of(name)]
    paragraphs = [words for text in texts if text for each in text.sections for words in each["paragraphs"]]
    return any(_OPEN.search(words) for words in paragraphs)
