"""Rows of a grid that are no records: headings of sections and totals. In doubt a row is a record. Reads no file."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median_low
from typing import Final

from datacoop.lib.tabular import Span, is_filled
from datacoop.sources.evidence import looks_like_organisation

#: A row with one cell is odd where the others fill at least so many.
_SEVERAL: Final = 3
#: Where more names than this share are in capitals, capitals say nothing.
_HABIT: Final = 0.2
_MOST_TOLD: Final = 10
_LONGEST: Final = 120
_LABEL: Final = (
    r"(?:sous[- ]?|grand[- ]?|sub[- ]?)?(?:total|totale|totali|totaux|totals)(?: g[ée]n[ée]rale?)?|"
    r"(?:gesamt|zwischen)?summe|gesamt(?:total|zahl)?|insgesamt|anzahl|somme|somma|nombre|numero totale"
)
_TOTAL: Final = re.compile(rf"(?:{_LABEL})\s*[:=]?\s*", re.IGNORECASE)
_COUNTED: Final = re.compile(
    rf"(?:{_LABEL})(?:\s*[:=]?\s*|\s[^:=\d]{{1,40}}[:=]\s*)\d[\d'’. ]*(?:\s[^\W\d]+)?", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"[-+]?\d[\d'’., ]*%?|=[A-Za-zÀ-ü.]+\(.*\)")


@dataclass
class Sections:
    """Tells headings and totals from records, by the first rows under the names of the columns.

    `left_out` are the numbers of the rows that were found to be neither name nor record.
    """

    usual: int
    capitals: Collection[str]
    spans: Mapping[int, tuple[int, int]]
    width: int
    left_out: list[int] = field(default_factory=list)

    def leaves_out(self, number: int, values: Mapping[str, object]) -> bool:
        """Return whether a row is a heading or a total, and remember it."""
        first = next(iter(values.values()), None)
        if not isinstance(first, str) or len(first) > _LONGEST:
            return False
        text = first.strip()
        found = self._is_total(text, list(values.values())[1:]) or (
            len(values) == 1 and self._is_heading(number, next(iter(values)), text)
        )
        if found:
            self.left_out.append(number)
        return found

    def told(self) -> list[str]:
        """Return the sentence for the report, none where every row is a record."""
        if not self.left_out:
            return []
        listed = ", ".join(map(str, self.left_out[:_MOST_TOLD])) + (", …" if len(self.left_out) > _MOST_TOLD else "")
        if len(self.left_out) == 1:
            return [f"1 row is a heading or a total and was left out: row {listed}."]
        return [f"{len(self.left_out)} rows are headings or totals and were left out: rows {listed}."]

    def _is_total(self, text: str, others: Sequence[object]) -> bool:
        if not all(_is_number(each) for each in others):
            return False
        if _COUNTED.fullmatch(text):
            return True
        return _TOTAL.fullmatch(text) is not None and (bool(others) or self.usual >= _SEVERAL)

    def _is_heading(self, number: int, column: str, text: str) -> bool:
        if self.usual < _SEVERAL or sum(map(str.isalpha, text)) < 3 or "@" in text:
            return False
        if number in self.spans:
            left, right = self.spans[number]
            return 2 * (right - left + 1) > self.width
        if looks_like_organisation(text):
            return False
        return text.endswith(":") or (text.isupper() and column not in self.capitals)


def sections_of(below: Sequence[Sequence[object]], columns: Sequence[str], spans: Sequence[Span]) -> Sections:
    """Return what tells headings and totals apart. `below`: the first rows under the names of the columns."""
    widths = [count for row in below if (count := sum(map(is_filled, row[: len(columns)])))]
    usual = median_low(widths) if widths else 0
    several = [row for row in below if sum(map(is_filled, row)) > 1]
    capitals = {column for position, column in enumerate(columns) if _shouts(several, position)}
    return Sections(usual, capitals, {number: (left, right) for number, left, right in spans}, len(columns))


def _shouts(rows: Sequence[Sequence[object]], position: int) -> bool:
    """Whether capitals are the habit of a column, in rows with several filled cells."""
    texts = [cell for row in rows if len(row) > position and isinstance(cell := row[position], str) and cell.strip()]
    return sum(map(str.isupper, texts)) > _HABIT * len(texts)


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float) or (isinstance(cell, str) and _NUMBER.fullmatch(cell.strip()) is not None)
