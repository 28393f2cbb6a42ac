"""What a visitor can choose in the filters of a list: values with their counts, themes in the order of pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datacoop.directory import themes
from datacoop.portal.asking import FACETS, Asked, label_of


@dataclass(frozen=True)
class Choice:
    """One value of a filter."""

    value: str
    label: str
    count: str
    is_chosen: bool
    depth: int = 0


def choices_of(
    wish: Asked, counts: Mapping[str, Sequence[Mapping[str, object]]], language: str
) -> dict[str, list[Choice]]:
    """Return the choices of each filter; one that is in force stays, even when nothing has it."""
    found: dict[str, list[Choice]] = {}
    for name in FACETS[wish.kind]:
        chosen = set(wish.question.values_of(name))
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
            choices.sort(key=lambda each: each.label)
        found[name] = choices
    return found


def _by_parent(path: str) -> tuple[tuple[int, str], tuple[int, str]]:
    return themes.order(path.partition("/")[0]), themes.order(path) if "/" in path else (-1, "")


def _count(each: Mapping[str, object]) -> str:
    return f"{each['count']}+" if each.get("count_relation") == "gte" else str(each["count"])
