"""What a table says about itself: separator, quotes, the rows that name its columns, which way up it stands.

Works on text and on cells; no file access.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Final

from datacoop.lib.text import clean, plain

SEPARATORS: Final = (";", "\t", ",", "|")
_RARE_SEPARATORS: Final = ("¦", "\x1f", "^", "~", "§")
_HEAD_ROWS: Final = 60
_MOST_SIDEWAYS: Final = 200
Cells = Sequence[object]
Knows = Callable[[str], bool]
Span = tuple[int, int, int]


def separator_of(text: str) -> str:
    """The character between the cells: the one that most lines hold the same number of times."""
    lines = [line for line in _unquoted(text).splitlines() if line.strip()][:_HEAD_ROWS]
    return _most_regular(lines, SEPARATORS) or _most_regular(lines, _RARE_SEPARATORS) or ","


def _most_regular(lines: list[str], separators: Sequence[str]) -> str | None:
    best, best_score = None, 0.0
    for separator in separators:
        counts = Counter(line.count(separator) for line in lines)
        counts.pop(0, None)
        if not counts:
            continue
        width, lines_alike = max(counts.items(), key=lambda item: (item[1] * item[0], item[0]))
        score = lines_alike / max(1, len(lines)) * min(width, 6) + (0.3 if separator != "," else 0)
        if score > best_score:
            best, best_score = separator, score
    return best


def _unquoted(text: str) -> str:
    return re.sub(r'"(?:[^"]|"")*"', "q", text)


def quote_of(text: str, separator: str) -> str:
    """The quotation mark: double, or single where cells begin and end with it."""
    mark = re.escape(separator)
    single = len(re.findall(rf"(?:^|{mark})[ \t]*'[^'\n]*'[ \t]*(?={mark}|$)", text, re.MULTILINE))
    double = len(re.findall(rf'(?:^|{mark})[ \t]*"', text, re.MULTILINE))
    return "'" if single > 3 and single > double else '"'


_VALUE: Final = re.compile(
    r".*@.*\..*|https?://.*|www\..*|[+-]?[\d\s.,'’/:%-]+|\d.*\d.*|true|false|oui|non|ja|nein|yes|no|x|-+"
)
_LONGEST_LABEL: Final = 80


def is_filled(cell: object) -> bool:
    """Whether a cell holds anything but blanks."""
    return not (cell is None or cell == "" or (isinstance(cell, str) and cell.isspace()))


def _is_label(cell: object) -> bool:
    if not isinstance(cell, str) or len(cell) > 4 * _LONGEST_LABEL:
        return False
    text = clean(cell)
    if not 0 < len(text) <= _LONGEST_LABEL or text.endswith((".", "!", "?")):
        # A short word with a full stop is a shortened one: Tél., Adr., N°.
        return 0 < len(text) <= 8 and text.endswith(".") and text[:-1].isalpha()
    return not _VALUE.fullmatch(plain(text))


def _known(cells: Cells, knows: Knows) -> int:
    return sum(1 for cell in cells if isinstance(cell, str) and len(cell) <= 4 * _LONGEST_LABEL and knows(cell))


def header_row_of(rows: Sequence[Cells], knows: Knows = lambda _label: False) -> int | None:
    """Index of the row that names the columns, or None where the first row is already data.

    Titles, notes and empty rows above it are passed over. `knows` recognises header words.
    """
    widths = [sum(1 for cell in row if is_filled(cell)) for row in rows]
    usual = max(widths, default=0)
    if usual == 0:
        return None
    best: tuple[float, int] | None = None
    for index, row in enumerate(rows[:30]):
        cells = [cell for cell in row if is_filled(cell)]
        if not cells or len(cells) < max(1, usual * 0.4):
            continue
        labels = sum(1 for cell in cells if _is_label(cell)) / len(cells)
        distinct = len({str(cell) for cell in cells}) / len(cells)
        known = _known(cells, knows)
        # One word that names columns may stand in a row of data too.
        score = labels + distinct * 0.5 + (0.1 if known == 1 else 0.6 * min(known, 5)) - index * 0.05
        if best is None or score > best[0] + 1e-9:
            best = (score, index)
    if best is None:
        return None
    score, index = best
    return index if score >= 1.25 else None


@dataclass(frozen=True)
class Heading:
    """The rows that name the columns, by index: usually one, two where names stand below groups."""

    first: int
    last: int
    names: list[object]


def heading_of(
    rows: Sequence[Cells], knows: Knows = lambda _label: False, spans: Sequence[Span] = ()
) -> Heading | None:
    """Where the names of the columns are, and the names; None where the first row is already data.

    `spans` are cells merged over several columns: (row, first column, last column).
    """
    index = header_row_of(rows, knows)
    if index is None:
        return None
    if index > 0 and _is_group_row(rows[index - 1], rows[index], _spans_of(index - 1, spans)):
        return _joined(rows, index - 1, index, spans)
    if index + 1 < len(rows) and _is_name_row(rows[index], rows[index + 1], knows, _spans_of(index, spans)):
        return _joined(rows, index, index + 1, spans)
    return Heading(index, index, list(rows[index]))


def _spans_of(row: int, spans: Sequence[Span]) -> list[Span]:
    return [span for span in spans if span[0] == row]


def _is_group_row(above: Cells, names: Cells, spans: list[Span]) -> bool:
    """Whether the row above the names groups them: Président over Nom and Téléphone, Trésorier over the next two."""
    groups = [position for position, cell in enumerate(above) if is_filled(cell)]
    if len(groups) < 2 or not all(_is_label(above[position]) for position in groups):
        return False
    if len(groups) >= sum(1 for cell in names if is_filled(cell)) and not spans:
        return False
    edges = [*groups[1:], len(names)]
    widest = max(
        sum(1 for cell in names[start:end] if is_filled(cell)) for start, end in zip(groups, edges, strict=True)
    )
    return widest > 1


def _is_name_row(groups: Cells, below: Cells, knows: Knows, spans: list[Span]) -> bool:
    """Whether the row below goes on naming: it fills the gaps of the first, with words that name columns."""
    filled = [position for position, cell in enumerate(below) if is_filled(cell)]
    if not filled or not all(_is_label(below[position]) for position in filled):
        return False
    gaps = [position for position in filled if position >= len(groups) or not is_filled(groups[position])]
    known = _known(below, knows)
    return bool(gaps) and known >= 2 and known >= len(filled) * (0.3 if spans else 0.5)


def _joined(rows: Sequence[Cells], first: int, last: int, spans: Sequence[Span]) -> Heading:
    width = max(len(rows[first]), len(rows[last]))
    upper, lower = _spread(rows[first], width, _spans_of(first, spans)), _padded(rows[last], width)
    names: list[object] = []
    for group, name in zip(upper, lower, strict=True):
        if is_filled(group) and is_filled(name) and plain(clean(str(group))) != plain(clean(str(name))):
            names.append(f"{clean(str(group))}.{clean(str(name))}")
        else:
            names.append(name if is_filled(name) else group)
    return Heading(first, last, names)


def _padded(row: Cells, width: int) -> list[object]:
    return [*row, *[""] * (width - len(row))]


def _spread(row: Cells, width: int, spans: list[Span]) -> list[object]:
    """A group counts for the columns it is merged over; where nothing is merged, up to the next group."""
    cells = _padded(row, width)
    if spans:
        for _row, left, right in spans:
            for position in range(left + 1, min(right + 1, width)):
                cells[position] = cells[left]
        return cells
    for position in range(1, width):
        if not is_filled(cells[position]):
            cells[position] = cells[position - 1]
    return cells


def stands_sideways(rows: Sequence[Cells], knows: Knows) -> int | None:
    """The column that holds the names where records stand in columns; None where they stand in rows."""
    if len(rows) > _MOST_SIDEWAYS:
        return None
    column = next((each for each in range(3) if any(len(row) > each and is_filled(row[each]) for row in rows)), None)
    if column is None:
        return None
    labels = [row[column] for row in rows[:_HEAD_ROWS] if len(row) > column and is_filled(row[column])]
    known = _known(labels, knows)
    if known < max(3, 0.4 * len(labels)) or len({str(label) for label in labels}) < 0.8 * len(labels):
        return None
    if max(_known(row, knows) for row in rows[:30]) > 1:
        return None
    return column if sum(1 for label in labels if _is_label(label)) >= 0.7 * len(labels) else None


def turned(rows: Sequence[Cells]) -> list[list[object]]:
    """Columns as rows."""
    width = max((len(row) for row in rows), default=0)
    return [list(column) for column in zip(*(_padded(row, width) for row in rows), strict=True)]


def unique_names(cells: Sequence[object]) -> list[str]:
    """Column names of a header row: cleaned, never empty, never twice. A date is named as it is written.

    >>> unique_names(["Nom", "", "Nom", date(2024, 1, 31), 2025.0])
    ['Nom', 'B', 'Nom (2)', '2024-01-31', '2025']
    """
    taken: set[str] = set()
    names: list[str] = []
    for position, cell in enumerate(cells):
        name = clean(_as_name(cell))[:200].strip() or column_letter(position)
        unique, number = name, 1
        while unique in taken:
            number += 1
            unique = f"{name} ({number})"
        taken.add(unique)
        names.append(unique)
    return names


def _as_name(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date | time):
        return cell.isoformat().removesuffix("T00:00:00")
    return "" if cell is None else str(cell)[:1000]


def column_letter(position: int) -> str:
    """Letter of a column as a sheet shows it: 0 → A, 26 → AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
