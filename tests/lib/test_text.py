"""Folding: what must meet meets, what must not does not, and folding twice changes nothing."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoop.lib import dates, french, tabular, text
from tests.yardstick import yardsticks


@pytest.mark.parametrize("module", [text, dates, tabular, french])
def test_examples_in_the_documentation_hold(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    "same",
    [
        ["Zürich", "Zuerich", "Zurich", "ZÜRICH", "Zu\u0308rich"],
        ["Chœur", "choeur", "CHŒUR"],
        ["Straße", "Strasse", "STRASSE"],
        ["Ægir", "Aegir"],
        ["Möbel", "Moebel", "Mobel"],
        ["L’Envol", "L'envol"],
        ["ﬁn", "fin"],
    ],
)
def test_spellings_of_one_word_meet(same):
    assert len({text.fold(each) for each in same}) == 1


def test_heart_is_not_court():
    assert text.fold("cœur") != text.fold("cour")


def test_a_letter_is_read_alike_whatever_stands_beside_it():
    """Most texts are read in one step, those with rarer letters letter by letter."""
    beside = "\u0101"
    assert text.plain(beside) == "a"
    for letter in map(chr, (*range(0x2200), *range(0xFB00, 0xFB07))):
        assert text.plain(f"é{letter}{beside}") == text.plain(f"é{letter}") + "a", hex(ord(letter))


@given(st.text())
def test_folding_twice_is_folding_once(value):
    assert text.fold(text.fold(value)) == text.fold(value)


@given(st.text())
def test_folding_ignores_case_of_plain_letters(value):
    ascii_only = "".join(char for char in value if char.isascii())
    assert text.fold(ascii_only.upper()) == text.fold(ascii_only.lower())


@given(st.text())
def test_clean_text_can_be_stored_and_stays_clean(value):
    cleaned = text.clean(value)
    cleaned.encode("utf-8")
    assert text.clean(cleaned) == cleaned
    assert not any(char in cleaned for char in "\x00\u200b\u202e\r\n\t")


@given(st.text())
def test_slug_is_ascii_words(value):
    assert all(char.isascii() and (char.isalnum() or char == "-") for char in text.slug(value))


def test_clean_keeps_paragraphs_when_asked():
    assert text.clean("a  b\r\n\r\n\r\n\r\nc\u200b", lines=True) == "a b\n\nc"


def test_order_ignores_accents_and_quotes():
    assert sorted(["Zoo", "Élan", "Eau", "« Art »"], key=text.sort_key) == ["« Art »", "Eau", "Élan", "Zoo"]


def test_folds_short_texts_quickly():
    samples = ["Association du quartier", "Chœur d’hommes de Zürich", "Verein für Ältere"] * 5000
    assert yardsticks(text.fold, samples) < 0.12
