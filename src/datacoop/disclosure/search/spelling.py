"""When nothing is found, the nearest words that the reader could have meant.

Candidates come from the index's own vocabulary; a candidate counts only if it finds something for this reader, so a
word the reader may not see suggests nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rapidfuzz.distance import OSA

from datacoop.consent.rules import PUBLIC
from datacoop.disclosure.compile.packing import kind_code
from datacoop.disclosure.compile.tokens import stem
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import Reading

SHORTEST = 4
LONG = 8
#: PostgreSQL has no vocabulary table: it reads that many documents.
MOST_DOCUMENTS = 20_000


def corrected(
    reading: Reading, reader: Reader, kind: str, asked: Sequence[str], finds: Callable[[str], bool]
) -> list[str] | None:
    """Return the words with unknown ones replaced by their nearest known one, None where that changes nothing.

    One slip (a letter too many, too few, wrong or swapped) is forgiven from four letters on, two from eight.
    """
    words = list(asked)
    for place, word in enumerate(asked):
        if len(word) < SHORTEST or finds(word):
            continue
        nearest = next((found for found in _near(reading, reader, kind, word) if finds(found)), None)
        if nearest is None:
            return None
        words[place] = nearest
    return words if words != list(asked) else None


def _near(reading: Reading, reader: Reader, kind: str, word: str) -> list[str]:
    """Return known words within reach, nearest first, then by alphabet. The first letter is never the slip."""
    most = 2 if len(word) >= LONG else 1
    found: set[tuple[int, str]] = set()
    for tier in reader.chain:
        for term in _vocabulary(reading, tier, kind, word[0]):
            if abs(len(term) - len(word)) <= most:
                distance = OSA.distance(word, term, score_cutoff=most)
                if distance <= most:
                    found.add((distance, term))
    return [term for _, term in sorted(found)]


def _vocabulary(reading: Reading, tier: int, kind: str, letter: str) -> list[str]:
    if reading.vendor == "postgresql":
        inner = (
            f"SELECT words FROM disclosure_words WHERE tier = {tier} AND kind = {kind_code(kind)}"
            f" ORDER BY record_id LIMIT {MOST_DOCUMENTS}"
        )
        rows = reading.rows(
            "SELECT word FROM ts_stat(?) WHERE word >= ? AND word < ?", [inner, letter, chr(ord(letter) + 1)]
        )
        return [row[0] for row in rows]
    before = stem(tier, kind_code(kind))
    table = "disclosure_vocabulary_public" if tier == PUBLIC else "disclosure_vocabulary_wider"
    low = before + letter
    high = low[:-1] + chr(ord(letter) + 1)
    rows = reading.rows(f"SELECT term FROM {table} WHERE term >= ? AND term < ?", [low, high])
    return [row[0][len(before) :] for row in rows]
