"""What a table's bytes say about themselves: encoding, separator, quotes, header row. No file access."""

import codecs
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from datacoop.lib.text import clean, plain

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_USUAL: Final = frozenset("éèêëàâäùûüîïôöçœæßñíóúáìòÉÈÊÀÂÄÔÖÜÛÎÇŒÙ’‘“”«»–—…·°€ºª§²³½´ ­•áÁ")
_ONE_BYTE: Final = ("cp1252", "mac_roman", "cp850")
SEPARATORS: Final = (";", "\t", ",", "|")


def encoding_of(chunks: Iterable[bytes]) -> tuple[str, bool]:
    """(encoding, certain) of a text of which the chunks are all the bytes, in order.

    UTF-8 is proved, not guessed; of the one-byte encodings the one wins whose letters people use.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    odd = bytearray()
    first = True
    broken = False
    for chunk in chunks:
        if first:
            first = False
            marked = _marked(chunk)
            if marked:
                return marked, True
        if not broken:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                broken = True
        if len(odd) < 200_000:
            odd += re.sub(rb"[\x00-\x7f]{3,}", b"  ", chunk)
    if not broken:
        return "utf-8", True
    return _one_byte(bytes(odd))


def _marked(start: bytes) -> str | None:
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    sample = start[:2000]
    if len(sample) >= 8 and sample.count(0) > len(sample) // 4:
        return "utf-16-le" if sample[1::2].count(0) > sample[0::2].count(0) else "utf-16-be"
    return None


def _one_byte(odd: bytes) -> tuple[str, bool]:
    whole = len(re.findall(rb"[\xc3\xc5\xe2][\x80-\xbf]{1,2}", odd))
    strays = len(re.findall(rb"[\x80-\xff]+", odd)) - whole
    if whole > 10 * max(1, strays):
        return "utf-8-replaced", False
    scores = {name: _score(odd, name) for name in _ONE_BYTE}
    best = max(_ONE_BYTE, key=lambda name: scores[name])
    return best, False


def _score(odd: bytes, name: str) -> int:
    text = odd.decode(name, errors="replace")
    total = 0
    for char, count in Counter(text).items():
        if char < "\x80":
            continue
        total += count * (2 if char in _USUAL else -2 if char == "\ufffd" else -1)
    inside = len(re.findall(r"[a-z][A-ZÀ-Ý][a-z]", text))
    return total - inside


def separator_of(text: str) -> str:
    """The character between the cells: the one that most lines hold the same number of times."""
    lines = [line for line in _unquoted(text).splitlines() if line.strip()][:60]
    best, best_score = ",", 0.0
    for separator in SEPARATORS:
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
    single = len(re.findall(rf"(?:^|{mark})\s*'[^'\n]*'\s*(?={mark}|$)", text, re.MULTILINE))
    double = len(re.findall(rf'(?:^|{mark})\s*"', text, re.MULTILINE))
    return "'" if single > 3 and single > double else '"'


_VALUE: Final = re.compile(
    r".*@.*\..*|https?://.*|www\..*|[+-]?[\d\s.,'’/:%-]+|\d.*\d.*|true|false|oui|non|ja|nein|yes|no|x|-+"
)


def _is_label(cell: object) -> bool:
    if not isinstance(cell, str):
        return False
    text = clean(cell)
    return 0 < len(text) <= 80 and not _VALUE.fullmatch(plain(text)) and not text.endswith((".", "!", "?"))


def header_row_of(rows: Sequence[Sequence[object]], knows: Callable[[str], bool] = lambda _label: False) -> int | None:
    """Index of the row that names the columns, or None where the first row is already data.

    Titles, notes and empty rows above it are passed over. `knows` recognises header words.
    """
    widths = [sum(1 for cell in row if cell not in (None, "")) for row in rows]
    usual = max(widths, default=0)
    if usual == 0:
        return None
    best: tuple[float, int] | None = None
    for index, row in enumerate(rows[:30]):
        cells = [cell for cell in row if cell not in (None, "")]
        if not cells or len(cells) < max(1, usual * 0.4):
            continue
        labels = sum(1 for cell in cells if _is_label(cell)) / len(cells)
        known = sum(1 for cell in cells if isinstance(cell, str) and knows(cell))
        distinct = len({str(cell) for cell in cells}) / len(cells)
        score = labels + distinct * 0.5 + min(known, 5) * 0.6 - index * 0.05
        if best is None or score > best[0] + 1e-9:
            best = (score, index)
    if best is None:
        return None
    score, index = best
    return index if score >= 1.25 else None


def unique_names(cells: Sequence[object]) -> list[str]:
    """Column names of a header row: cleaned, never empty, never twice.

    >>> unique_names(["Nom", "", "Nom"])
    ['Nom', 'B', 'Nom (2)']
    """
    seen: Counter[str] = Counter()
    names: list[str] = []
    for position, cell in enumerate(cells):
        name = clean(str(cell)) if cell not in (None, "") else ""
        name = name[:200] or column_letter(position)
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def column_letter(position: int) -> str:
    """Letter of a column as a sheet shows it: 0 → A, 26 → AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
