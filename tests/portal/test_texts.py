"""The portal's own texts: four complete languages, and none of the words of the house in them."""

import doctest
import re
import string
from pathlib import Path
from types import ModuleType

import pytest
from django.utils.translation import override

from datacoop.cli import offline
from datacoop.directory import slugs, themes
from datacoop.pipelines import uploads
from datacoop.portal import catalogue
from datacoop.portal.templatetags.portal import colon
from datacoop.portal.views.own import calling, package_lines
from datacoop.portal.views.steward import values
from datacoop.portal.views.steward.reviewing import ANSWERS
from datacoop.rights.queries import agreements
from datacoop.rights.wording import PHRASES

FOLDER = Path(catalogue.__file__).parent
# The architecture's words are for those who build; a visitor never meets one.
HOUSE_WORDS = {
    "en": "statement mandate grant granted audience tombstone ledger disclosure disclosed revision quarantine",
    "fr": "énoncé déclaration mandat octroi audience sépulcre registre divulgation divulgué quarantaine révision",
    "de": "aussage mandat gewährung zielgruppe adressatenkreis grabstein hauptbuch offenlegung quarantäne revision",
    "it": "dichiarazione mandato concessione uditorio lapide registro divulgazione quarantena revisione",
}
EVERYWHERE = "statement mandate audience tombstone ledger disclosure"


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
class TestCatalogue:
    def test_has_every_key_with_a_text(self, language: str) -> None:
        texts = catalogue.catalogue(language)
        assert texts.keys() == catalogue.catalogue("fr").keys()
        assert [key for key, text in texts.items() if not text.strip()] == []

    def test_fills_the_same_gaps_as_french(self, language: str) -> None:
        french = catalogue.catalogue("fr")
        assert {key: fields(text) for key, text in catalogue.catalogue(language).items()} == {
            key: fields(text) for key, text in french.items()
        }

    def test_speaks_no_word_of_the_house(self, language: str) -> None:
        forbidden = set(f"{HOUSE_WORDS[language]} {EVERYWHERE}".split())
        for key, text in catalogue.catalogue(language).items():
            assert not forbidden & set(re.findall(r"[\w]+", text.lower())), key


def test_a_label_ends_as_each_language_writes_it() -> None:
    found = {}
    for each in catalogue.LANGUAGES:
        with override(each):
            found[each] = colon()
    assert found == {"fr": "\u00a0:", "de": ":", "it": ":", "en": ":"}


def test_french_quotes_keep_a_narrow_space_inside_and_the_others_none() -> None:
    def said(language: str) -> list[str]:
        rooms = (catalogue.catalogue(language), *(each.of(language) for each in (PHRASES, offline.PHRASES)))
        found = (agreements.find_text(name, language) for name in agreements.DOCUMENTS)
        documents = [text for text in found if text and text.language == language]
        paragraphs = [p for text in documents for section in text.sections for p in section["paragraphs"]]
        quoted = [text for text in (*(text for room in rooms for text in room.values()), *paragraphs) if "«" in text]
        assert len(quoted) > 10
        return quoted

    assert [text for text in said("fr") if re.search("«(?!\u202f)|(?<!\u202f)»", text)] == []
    for language in ("de", "it"):
        assert [text for text in said(language) if re.search(r"«\s|\s»", text)] == []


@pytest.mark.parametrize("family", ["applying", "webhooks", "leaving", "keys"])
def test_french_keeps_a_narrow_space_before_its_high_marks(family: str) -> None:
    texts = [text for key, text in catalogue.catalogue("fr").items() if key.startswith(f"{family}.")]

    assert texts
    assert [text for text in texts if re.search(r"(?<!\u202f)[;!?](?=\s|$)|(?<!\u202f):(?=\s|$)", text)] == []


def test_counts_as_each_language_does() -> None:
    assert catalogue.say("fr", "organisations.count", count=0) == "0 organisation"
    assert catalogue.say("en", "organisations.count", count=0) == "0 organisations"
    assert catalogue.say("de", "organisations.count", count=1) == "1 Organisation"


def test_every_key_a_page_says_is_written_and_every_written_one_is_said() -> None:
    pages = [*FOLDER.rglob("templates/**/*.html"), *FOLDER.glob("*.py"), *FOLDER.glob("views/**/*.py")]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in pages)
    said = set(re.findall(r"""say ["']([a-z0-9_.]+)["']""", sources))
    known = {re.sub(r"\.(one|other)$", "", key) for key in catalogue.catalogue("fr")}
    assert said - known == set()
    mentioned = set(re.findall(r"""["']([a-z_]+\.[a-z0-9_]+)["']""", sources))
    by_family = {match + "." for match in re.findall(r"""f["']([a-z_]+\.?[a-z_]*)\.\{""", sources)}
    by_family |= {key for key, _ in ANSWERS.values()} | {"steward.part_of"}
    assert {key for key in known - mentioned if not any(key.startswith(family) for family in by_family)} == set()


def test_templates_hold_no_words_of_their_own() -> None:
    """Every visible word comes from the catalogue; what is left are marks, codes and names of formats."""
    allowed = {"iCal"}
    for path in FOLDER.rglob("templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"(?s)\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!doctype html>", " ", text)
        text = re.sub(r"(?s)<[^>]*>|&#\d+;", " ", text)
        assert set(re.findall(r"[^\W\d_]{2,}", text)) <= allowed, path.name


@pytest.mark.parametrize("module", [slugs, themes, uploads, values, calling, package_lines])
def test_examples_in_the_code_hold(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0
