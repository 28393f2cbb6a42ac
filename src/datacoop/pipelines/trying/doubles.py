"""Rows of one list that are the same organisation, or share a contact: compared with each other alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from datacoop.lib.text import fold
from datacoop.linking.apart import alike
from datacoop.linking.rules.profiles import profile_of
from datacoop.pipelines.trying.findings import Finding
from datacoop.pipelines.trying.reading import Listed, values_of
from datacoop.sources.readers.table import Row

#: So many rows are named; more of them are "and others".
_MOST_NAMED = 5
#: A contact that more rows share is that of the house, not a slip.
_MOST_SHARING = 30
_SHARED = (("email", "shared-email"), ("phones", "shared-phone"))
Values = Mapping[str, list[object]]


@dataclass(frozen=True)
class Doubles:
    """What was found: the findings, and how many rows look like another row, or perhaps do.

    Of rows that look like each other all but one count, however many pairs they make.
    """

    findings: tuple[Finding, ...]
    rows: int
    perhaps: int


def doubles_of(listed: Listed) -> Doubles:
    """Return the doubles of a list."""
    rows = dict(enumerate(listed.rows))
    values = {number: values_of(mapped) for number, mapped in enumerate(listed.mapped) if not mapped.rejected}
    pairs = {
        (min(number, each.other), max(number, each.other)): each.is_same
        for number, likenesses in alike(values, values).items()
        for each in likenesses
        if each.other != number
    }
    near = {
        (one, two): is_same and _is_sure(values[one], values[two])
        for (one, two), is_same in pairs.items()
        if is_same or _is_near(values[one], values[two])
    }
    found = [*_paired(listed, rows, values, near), *_sharing(listed, rows, values, near)]
    sure = _beyond_the_first(_groups(pair for pair, is_sure in near.items() if is_sure))
    return Doubles(tuple(found), sure, _beyond_the_first(_groups(near)) - sure)


def _is_near(first: Values, second: Values) -> bool:
    """Whether, of two that only look alike, more than a contact is shared: a number, or the place and the name."""
    return bool(_common(first, second, "identifiers")) or _name(first) == _name(second)


def _is_sure(first: Values, second: Values) -> bool:
    """Whether more than almost the same name in the same place speaks for it."""
    return bool({"number", "email", "phone", "website", "name"} & set(_why(first, second)))


def _paired(
    listed: Listed, rows: Mapping[int, Row], values: Mapping[int, Values], near: Mapping[tuple[int, int], bool]
) -> Iterator[Finding]:
    others: dict[int, list[tuple[int, bool]]] = {}
    for (first, second), sure in near.items():
        others.setdefault(first, []).append((second, sure))
        others.setdefault(second, []).append((first, sure))
    certain = {number for pair, sure in near.items() if sure for number in pair}
    # One of each group is the row that the others look like.
    kept = {min(group & certain or group) for group in _groups(near)}
    for number, found in sorted(others.items()):
        sure = any(each for _, each in found)
        named = sorted(other for other, each in found if each == sure)
        why = _why(values[number], values[named[0]])
        gaps = {"rows": _rows_said(named, rows), "why": " ".join(why)}
        column = listed.column_of(rows[number], "name")
        code = "double" if sure else "double-maybe"
        yield Finding(rows[number].number, column, code, gaps, is_counted=number not in kept)


def _sharing(
    listed: Listed, rows: Mapping[int, Row], values: Mapping[int, Values], near: Mapping[tuple[int, int], bool]
) -> Iterator[Finding]:
    """A contact under several names: a slip of copying, or one office for several."""
    for name, code in _SHARED:
        holders: dict[str, list[int]] = {}
        for number, said in values.items():
            for contact in dict.fromkeys(map(str, said.get(name, ()))):
                holders.setdefault(contact.lower(), []).append(number)
        for sharing in holders.values():
            if not 1 < len(sharing) <= _MOST_SHARING:
                continue
            told = False
            for number in sharing:
                others = [o for o in sharing if o != number and (min(o, number), max(o, number)) not in near]
                if others:
                    column, gaps = listed.column_of(rows[number], name), {"rows": _rows_said(others, rows)}
                    yield Finding(rows[number].number, column, code, gaps, is_counted=told)
                    told = True


def _rows_said(numbers: list[int], rows: Mapping[int, Row]) -> str:
    named = ", ".join(str(rows[number].number) for number in numbers[:_MOST_NAMED])
    return f"{named}…" if len(numbers) > _MOST_NAMED else named


def _why(first: Values, second: Values) -> list[str]:
    """What two rows have in common, in codes."""
    same = (("identifiers", "number"), ("email", "email"), ("phones", "phone"))
    found = [code for name, code in same if _common(first, second, name)]
    if "email" not in found and not profile_of(0, first).domains.isdisjoint(profile_of(1, second).domains):
        found.append("website")
    found.append("name" if _name(first) == _name(second) else "near-name")
    return [*found, "place"] if _common(first, second, "commune") or _common(first, second, "addresses") else found


def _common(first: Values, second: Values, name: str) -> bool:
    return bool(
        {str(each).lower() for each in first.get(name, ())} & {str(each).lower() for each in second.get(name, ())}
    )


def _name(values: Values) -> str:
    return fold(str(next(iter(values.get("name", ())), "")))


def _beyond_the_first(groups: Iterable[set[int]]) -> int:
    return sum(len(group) - 1 for group in groups)


def _groups(pairs: Iterable[tuple[int, int]]) -> list[set[int]]:
    """Return the groups that pairs connect."""
    head: dict[int, int] = {}

    def root(number: int) -> int:
        while head.setdefault(number, number) != number:
            number = head[number]
        return number

    for first, second in pairs:
        head[root(second)] = root(first)
    groups: dict[int, set[int]] = {}
    for number in tuple(head):
        groups.setdefault(root(number), set()).add(number)
    return list(groups.values())
