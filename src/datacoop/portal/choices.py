"""What a visitor can choose in the filters of a list: values with their counts, themes in the order of pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from datacoop.directory import themes
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.grouping import facets
from datacoop.disclosure.search.questions import Question
from datacoop.lib.text import sort_key
from datacoop.portal.asking import FACETS, Asked, label_of


@dataclass(frozen=True)
class Choice:
    """One value of a filter."""

    value: str
    label: str
    count: str
    is_chosen: bool
    depth: int = 0


Counts = Mapping[str, Sequence[Mapping[str, object]]]


def counts_of(reading: Reading, question: Question, names: set[str]) -> Counts:
    """Return how many records each value of these filters would find; a theme in several spellings is counted once."""
    counts = facets(reading, PUBLIC, question, names)
    spelled: dict[str, list[Mapping[str, object]]] = {}
    for each in counts.get("theme", ()):
        spelled.setdefault(themes.known_as(str(each["value"])), []).append(each)
    together = [
        {**of[0], "value": path} if len(of) == 1 else _count_of(reading, question, path) for path, of in spelled.items()
    ]
    return {**counts, "theme": together}


def _count_of(reading: Reading, question: Question, path: str) -> Mapping[str, object]:
    others = tuple(each for each in question.facets if each[0] != "theme")
    chosen = (*others, ("theme", themes.spellings(path)))
    found = find(reading, PUBLIC, replace(question, facets=chosen, limit=1, after=None, counted=True))
    return {"value": path, "count": found.count, "count_relation": found.relation}


def choices_of(wish: Asked, counts: Counts, language: str) -> dict[str, list[Choice]]:
    """Return the choices of each filter; one that is in force stays, even when nothing has it."""
    found: dict[str, list[Choice]] = {}
    for name in FACETS[wish.kind]:
        chosen = {themes.known_as(each) if name == "theme" else each for each in wish.question.values_of(name)}
        numbers = {str(each["value"]): _count(each) for each in counts.get(name, ())}
        numbers |= dict.fromkeys(chosen - set(numbers), "0")
        choices = [
            Choice(value, label_of(wish.kind, name, value, language), count, value in chosen, value.count("/"))
            for value, count in numbers.items()
        ]
        if name == "theme":
            choices = [each for each in choices if each.depth <= 1]
            choices.sort(key=lambda each: _by_parent(each.value))
        elif name == "commune":
            choices.sort(key=lambda each: sort_key(each.label))
        found[name] = choices
    return found


def _by_parent(path: str) -> tuple[tuple[int, str], tuple[int, str]]:
    return themes.order(path.partition("/")[0]), themes.order(path) if "/" in path else (-1, "")


def _count(each: Mapping[str, object]) -> str:
    return f"{each['count']}+" if each.get("count_relation") == "gte" else str(each["count"])
