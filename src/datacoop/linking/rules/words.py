"""The word lists of `words.yml`, folded once. Pure; the file is data that stewards of the project extend."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import yaml

from datacoop.lib.text import fold

_FILE = Path(__file__).parents[1] / "words.yml"


@dataclass(frozen=True)
class Words:
    """What linking knows of words."""

    legal_forms: frozenset[str]
    foundations: frozenset[str]
    stop_words: frozenset[str]
    head_words: frozenset[str]
    topic_words: frozenset[str]
    ways: frozenset[str]
    abbreviations: dict[str, str]
    parts: frozenset[str]
    part_heads: frozenset[str]
    generic_mail: frozenset[str]
    shared_hosts: frozenset[str]
    registers: frozenset[str]


@cache
def known() -> Words:
    """Return the lists of the file, read once."""
    lists = cast(dict[str, list[str]], yaml.safe_load(_FILE.read_text(encoding="utf-8")))
    abbreviations = cast(dict[str, str], lists["abbreviations"])
    return Words(
        legal_forms=_folded(lists["legal_forms"]),
        foundations=_folded(lists["foundations"]),
        stop_words=_folded(lists["stop_words"]),
        head_words=_folded(lists["head_words"]),
        topic_words=_folded(lists["topic_words"]),
        ways=_folded(lists["ways"]),
        abbreviations={fold(short): fold(long) for short, long in abbreviations.items()},
        parts=_folded(lists["parts"]),
        part_heads=_folded(lists["part_heads"]),
        generic_mail=frozenset(lists["generic_mail"]),
        shared_hosts=frozenset(lists["shared_hosts"]),
        registers=frozenset(lists["registers"]),
    )


def _folded(listed: list[str]) -> frozenset[str]:
    return frozenset(fold(word) for word in listed)
