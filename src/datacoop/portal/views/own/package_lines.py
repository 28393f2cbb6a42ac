"""The rows of the package of access as lines of sentences, under the record that they are about.

A sentence of a chapter (`lines.CHAPTER.…` in the texts) is said where all that it tells of is there, `if_FIELD` where
that is so, `unless_FIELD` where it is not; of what no longer holds, those that name `was_since` or `was_at`.
What no sentence tells follows by its name.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence

from datacoop.portal.catalogue import catalogue, say
from datacoop.portal.views.own.package_words import Words
from datacoop.records.tellers import Row

#: What only machines need: in `data.jsonld`, not in words.
TECHNICAL = frozenset({"position", "text_sha256", "text_version", "weight", "reasons", "one_with", "about", "kind"})
#: When something began to hold.
_BEGINNINGS = ("since", "at")
#: Of a chapter: what its sentences leave out on purpose, or say in other words.
_LEFT_OUT = {
    "records": {"name"},
    "values": {"number", "mark", "actor", "why"},
    "entries": {"why", "entry"},
    "decisions": {"language", "purpose", "ended"},
    "restrictions": {"ended"},
    "withheld": {"ended"},
    "search_engines": {"ended"},
    "disputed": {"ended"},
    "lists": {"authority", "published"},
    "recipients": {"number", "terms"},
    "to_erase": {"mark", "whole", "state"},
    "compared": {"value"},
    "sessions": {"what"},
    "accounts": {"actor", "asked_at", "is_active", "is_steward", "is_unconfirmed", "language"},
    "deliveries_in": {"number", "actor"},
    "notices": {"number", "natural", "language"},
    "claims": {"language"},
    "requests": {"language", "actor"},
    "mandates": {"proof"},
    "reports": {"language"},
    "messages": {"language"},
    "waiting_answers": {"language"},
}


def grouped(words: Words, chapter: str, rows: Sequence[Row]) -> Iterator[tuple[str, list[str]]]:
    """Yield the lines of a chapter under the record they are about, each record once, in the order of the rows."""
    found: dict[str, list[str]] = {}
    lines = sight_lines(words, rows) if chapter == "seen_by" else ((row, line(words, chapter, row)) for row in rows)
    for row, text in lines:
        if text:
            found.setdefault("" if chapter == "records" else words.heading(row), []).append(text)
    yield from found.items()


def sight_lines(words: Words, rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    """Yield one line for each property: who sees it, or that nobody else does, and why."""
    together: dict[tuple[object, object], list[Row]] = {}
    for row in rows:
        together.setdefault((row.get("record"), row.get("property")), []).append(row)
    for alike in together.values():
        seen = [row for row in alike if row.get("shows")]
        first = (seen or alike)[0]
        if words.cell("property", first) == "" or first.get("property") == "person":
            continue
        public = any(row.get("audience") == "public" for row in seen)
        readers = words.cell("audience", seen[0]) if public else ", ".join(words.cell("audience", r) for r in seen)
        key = "lines.sight.shown" if seen else "lines.sight.hidden"
        what, why = words.cell("property", first), words.cell("why", first)
        said = say(words.language, key, property=what, readers=readers, why=why)
        since, until = words.cell("since", first), words.cell("until", first)
        said += f" {say(words.language, 'lines.sight.since', since=since)}" if since else ""
        said += f" {say(words.language, 'lines.sight.until', until=until)}" if until else ""
        yield first, said


def line(words: Words, chapter: str, row: Row) -> str:
    """Return a row as one line: the sentences of its chapter, then what none of them told."""
    texts = catalogue(words.language)
    filled = _filled(words, chapter, row)
    told: set[str] = {"record", *TECHNICAL, *_LEFT_OUT.get(chapter, ())}
    said: list[str] = []
    for key in (key for key in catalogue("fr") if key.startswith(f"lines.{chapter}.")):
        name = key.rpartition(".")[2]
        gaps = {gap for _, gap, _, _ in string.Formatter().parse(texts[key]) if gap}
        told |= gaps | _meant(gaps)
        if name.startswith(("if_", "unless_")):
            asked, _, field = name.partition("_")
            field = field.partition("__")[0]
            told.add(field)
            if bool(row.get(field)) != (asked == "if"):
                continue
        if all(filled.get(gap) for gap in gaps):
            said.append(say(words.language, key, **{gap: filled[gap] for gap in gaps}))
    said += [f"{words.field(f)} : {text}." for f, text in filled.items() if f not in told and text and f in row]
    return " ".join(_closed(each) for each in said)


def _filled(words: Words, chapter: str, row: Row) -> dict[str, str]:
    filled = {field: words.cell(field, row) for field in row}
    filled["record"] = words.heading(row)
    filled["readers"] = filled.get("audience", "")
    filled["who"] = filled.get("holder") or filled.get("said_by") or filled.get("actor") or ""
    if "property" in row and not row["property"]:
        filled["property"] = say(words.language, "history.all")
    if row.get("ended") is True and _says_before(chapter):
        # What is over is told in sentences of its own: none of those that say what holds finds its day.
        filled |= {f"was_{field}": filled.pop(field) for field in _BEGINNINGS if field in filled}
    return filled


def _says_before(chapter: str) -> bool:
    """Whether a chapter has sentences for what no longer holds."""
    return any(key.startswith(f"lines.{chapter}.") and "{was_" in text for key, text in catalogue("fr").items())


def _meant(gaps: set[str]) -> set[str]:
    """Return the fields that gaps tell of under another name."""
    return ({"holder", "said_by"} if "who" in gaps else set()) | ({"audience"} if "readers" in gaps else set())


def _closed(sentence: str) -> str:
    """Return a sentence with one stop: what it ends with may bring its own.

    >>> _closed("Note : c'est faux.."), _closed("Fini ?."), _closed("Fini.")
    ("Note : c'est faux.", 'Fini ?', 'Fini.')
    """
    return sentence[:-1] if len(sentence) > 1 and sentence[-1] == "." and sentence[-2] in ".?!…" else sentence
