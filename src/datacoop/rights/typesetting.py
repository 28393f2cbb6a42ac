"""Setting letters as PDF, in memory alone: nothing is fetched, nothing written; fonts are those the library carries."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import typst

_FOLDER = Path(__file__).parent
LETTERS, OUTSIDE = "letters.typ", "outside.typ"


@dataclass(frozen=True)
class OutsideLetter:
    """A letter of somebody to whoever keeps a list without us, in words ready to be printed.

    `sender` and `recipient` are lines of an address, `corrections` lines of text; where they are empty the letter has
    lines to write on.
    """

    language: str
    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    date: str
    subject: str
    opening: tuple[str, ...]
    corrections: tuple[str, ...]
    closing: tuple[str, ...]
    regards: str
    name: str


def outside_pdf(letter: OutsideLetter) -> bytes:
    """Return such a letter as PDF, one page. Nothing is kept of it."""
    return typeset(OUTSIDE, letter=json.dumps(asdict(letter)))


def typeset(template: str, **inputs: str) -> bytes:
    """Return one of our templates, with its inputs, as PDF."""
    made = _compiler(template, inputs).compile(format="pdf")
    if not isinstance(made, bytes):
        raise TypeError("One document is one file.")
    return made


def pictured(template: str, **inputs: str) -> bytes:
    """Return the first page of a template as PNG, to be looked at on a screen."""
    made = _compiler(template, inputs).compile(format="png", ppi=110)
    first = made[0] if isinstance(made, list) else made
    if not isinstance(first, bytes):
        raise TypeError("A page is one picture.")
    return first


def _compiler(template: str, inputs: dict[str, str]) -> typst.Compiler:
    return typst.Compiler(_read(template), ignore_system_fonts=True, sys_inputs=inputs)


@cache
def _read(template: str) -> bytes:
    return (_FOLDER / template).read_bytes()
