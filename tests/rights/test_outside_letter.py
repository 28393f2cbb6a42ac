"""The letter to whoever keeps a list without us: one page, in every language, however much stands in it."""

from __future__ import annotations

import re

import pytest

from datacoop.portal.catalogue import LANGUAGES, say
from datacoop.portal.views.correcting.outside import LONGEST_LINE, MOST_LETTERS, MOST_LINES
from datacoop.rights.typesetting import OutsideLetter, outside_pdf

KEYS = ("hello", "object", "correct"), ("law", "answer")


def letter(language: str, *, full: bool) -> OutsideLetter:
    def said(keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(say(language, f"correcting.letter_{key}") for key in keys)

    line = ("W" * LONGEST_LINE,) * MOST_LINES if full else ()
    corrections = ("W" * 70,) * 7 + ("W" * (MOST_LETTERS - 490),) if full else ()
    name = "Groupement " + "des amis " * 20 if full else "Ana Muster"
    subject, regards = said(("subject", "regards"))
    date = "mercredi 23 septembre 2026"
    return OutsideLetter(language, line, line, date, subject, said(KEYS[0]), corrections, said(KEYS[1]), regards, name)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("full", [False, True], ids=["empty", "full"])
def test_is_one_page(language: str, full: bool) -> None:
    assert len(re.findall(rb"/Type\s*/Page\b", outside_pdf(letter(language, full=full)))) == 1


def test_what_is_typed_is_text_and_no_instruction() -> None:
    """Words of the typesetter in an address are printed, not run."""
    wicked = ('#read("/etc/passwd")', "*#panic()*", '"] #eval("1")')
    plain = letter("fr", full=False)
    assert outside_pdf(OutsideLetter(**{**vars(plain), "recipient": wicked, "name": wicked[0]})).startswith(b"%PDF")
