"""Two records side by side as a page shows them: differences marked, both places, reasons in words and weights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any
from uuid import UUID

from datacoop.disclosure.reviewing import Row, Shown, SideBySide
from datacoop.kinds.definition import Property
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.text import fold
from datacoop.linking.belonging import PROPERTY as PART_OF
from datacoop.linking.explaining import Explanation
from datacoop.linking.wording import PHRASES, reason_in_words, signed
from datacoop.portal import minimap
from datacoop.portal.views.steward.values import shown_value

#: What nobody compares two organisations by.
_LEFT_OUT = frozenset({"point", "disputed"})
_NEAR_KM = 0.05
#: Precisions that lead to one door.
FINE = frozenset({"exact", "street"})


@dataclass(frozen=True)
class Piece:
    """A stretch of a text, and whether the other side has it too."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Line:
    """A value as one line in pieces, who says it, and whether it wins over its rivals."""

    pieces: tuple[Piece, ...]
    said_by: str
    wins: bool


def compared(both: SideBySide, language: str) -> dict[str, Any]:
    """Return what a page shows of two records."""
    kind = kind_named(both.kind)
    rows = [_row(row, kind.property(row.property), language) for row in both.rows if row.property not in _LEFT_OUT]
    has_parts = any(each.name == PART_OF for each in kind.properties)
    told = {"first": both.first, "second": both.second, "public": both.public, "has_parts": has_parts}
    return {**told, "rows": rows, **_places(both)}


def explained(found: Explanation, language: str) -> dict[str, Any]:
    """Return what speaks for and against, the strongest first, and why they are not one."""
    needed = signed(found.needed, language) if found.needed is not None else ""
    weight = signed(found.weight, language)
    return {
        "reasons": [
            (signed(reason.weight, language), reason.weight < 0, reason_in_words(reason, language))
            for reason in found.reasons
        ],
        "weight": weight,
        "needed": needed,
        "why_apart": [PHRASES.say(language, key, weight=weight, needed=needed) for key in found.why_apart],
        "said": [(PHRASES.say(language, f"said.{each.verdict}"), each) for each in found.said],
        "are_one": found.are_one,
    }


def marked(text: str, other: str) -> tuple[Piece, ...]:
    """Return a text in pieces, word by word, those marked that the other text has not, or not there.

    >>> [piece.text for piece in marked("Rue du Lac 7", "rue du Lac 9") if piece.differs]
    ['7']
    """
    words = text.split(" ")
    matcher = SequenceMatcher(None, list(map(_bare, words)), list(map(_bare, other.split(" "))), autojunk=False)
    edges = [0, *(edge for block in matcher.get_matching_blocks() for edge in (block.a, block.a + block.size))]
    same = {at for block in matcher.get_matching_blocks() for at in range(block.a, block.a + block.size)}
    return tuple(
        Piece(" ".join(words[start:end]), start not in same)
        for start, end in pairwise([*edges, len(words)])
        if start < end
    )


def _bare(word: str) -> str:
    """A word without what stands beside it: a comma more is no difference."""
    return fold(word).strip(",;:.()") or word


def _row(row: Row, prop: Property, language: str) -> dict[str, Any]:
    first, second = ([shown_value(each.value, prop, language) for each in side] for side in (row.first, row.second))
    return {
        "label": prop.labels[language],
        "agreement": f"review.agreement.{row.agreement}" if row.agreement else "",
        "is_equal": row.agreement == "same",
        "sides": [
            (list(_lines(row.first, first, second, row)), row.first_withheld),
            (list(_lines(row.second, second, first, row)), row.second_withheld),
        ],
    }


def _lines(side: Iterable[Shown], texts: list[str], others: list[str], row: Row) -> Iterator[Line]:
    """Each value beside the likest of the other side; where the other side shows none, nothing is marked."""
    for each, text in zip(side, texts, strict=True):
        if row.agreement == "same" or not others:
            pieces: tuple[Piece, ...] = (Piece(text, False),)
        else:
            likest = max(
                others, key=lambda other: SequenceMatcher(None, fold(text), fold(other), autojunk=False).ratio()
            )
            pieces = marked(text, likest)
        yield Line(pieces, ", ".join(each.said_by), each.wins)


def _places(both: SideBySide) -> dict[str, Any]:
    """The map with both places, or none where one of them is not shown, and how far apart they are."""
    shown = next((row for row in both.rows if row.property == "point"), None)
    if shown is None or not shown.first or not shown.second:
        return {"minimap": None}
    points: list[Any] = [side[0].value for side in (shown.first, shown.second)]
    first, second = ((float(point["lat"]), float(point["lon"])) for point in points)
    apart = minimap.kilometres_between(first, second)
    is_precise = all(point.get("precision") in FINE for point in points)
    key = "review.same_spot" if apart < _NEAR_KM else "review.kilometres" if is_precise else "review.about_kilometres"
    return {"minimap": minimap.draw_both(first, second), "distance": key, "kilometres": f"{apart:.1f}"}


def address_of(first: UUID, second: UUID) -> str:
    """Return the page where two records are compared."""
    return f"/steward/review/{first}/{second}"
