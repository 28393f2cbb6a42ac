"""What stands on a printed letter: nothing is cut, what the law asks for can be read, the answer finds its way back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import typst
from django.test import override_settings

from datacoop.disclosure.own.notifying import Reach
from datacoop.rights.actions import printing
from datacoop.rights.links import Wanted, make_links
from datacoop.rights.rules.answers import CHOICES
from datacoop.rights.typesetting import LETTERS, _read, pictured
from datacoop.rights.wording import LANGUAGES
from tests.rights.lists import NOW
from tests.rights.test_notice_texts import known

pytestmark = pytest.mark.django_db(transaction=True)
ALL = ("",)
COOPERATIVE = "Coopérative de données de Clairière"
HOLDER = "Association intercommunale des musiques et des chœurs de la région de la Haute-Broye et du Jorat (AIMC)"
NAME = "Mademoiselle Anne-Charlotte-Philippine de Montmollin-Rougemont-Wattenwyl von Bubenberg"
SUPERVISORS = {"fr": "PFPDT", "de": "EDÖB", "it": "IFPDT", "en": "FDPIC"}
EVERYTHING = tuple(
    ("organisation", name)
    for name in ("name", "alternate_names", "nature", "legal_form", "founded_year", "description", "theme", "commune",
                 "addresses", "email", "phones", "website", "identifiers", "languages", "accessibility")
)  # fmt: skip


@pytest.fixture
def link(transactional_db: None) -> int:
    return make_links([Wanted(known().uid, "letter")], now=NOW)[0]


def by_post(**said: object) -> Reach:
    address = ("c/o Fondation pour le développement des activités musicales", "Rue du Lac 7", "1005 Lausanne")
    return known(**{"email": "", "address": address, "name": NAME, **said})


def letter(link: int, holder: str = HOLDER, *, is_reminder: bool = False, **said: object) -> dict[str, object]:
    return printing.letter_of(printing.Page(holder, by_post(**said), link, is_reminder=is_reminder), now=NOW)


def asked(of: dict[str, object], what: str) -> Iterator[object]:
    """What the template says of itself, by the label it says it under."""
    inputs = {"letters": json.dumps([of]), "logo": "[]"}
    found = typst.Compiler(_read(LETTERS), ignore_system_fonts=True, sys_inputs=inputs).query(what)
    return (each["value"] for each in json.loads(found))


@pytest.mark.parametrize("language", [*LANGUAGES, *ALL])
@pytest.mark.parametrize("natural", [True, False])
class TestEveryLetter:
    def test_cuts_no_name_and_fits_the_window(self, link: int, language: str, natural: bool) -> None:
        made = letter(link, language=language, natural=natural)
        assert made["envelope"] == [NAME, *by_post().address]
        assert made["sender"] == HOLDER
        assert "…" not in json.dumps(made, ensure_ascii=False)
        fitted = list(asked(made, "<fitted>"))
        assert len(fitted) == 2
        assert all(each["fits"] and each["size"] >= 8 for each in fitted)  # type: ignore[index]

    def test_says_the_laws_part_in_its_languages_in_letters_that_can_be_read(
        self, link: int, language: str, natural: bool
    ) -> None:
        made = letter(link, language=language, natural=natural, categories=EVERYTHING)
        said = "\n".join(made["legal"])  # type: ignore[arg-type]
        assert {each for each, name in SUPERVISORS.items() if name in said} == set(
            [language] if language else LANGUAGES
        )
        assert "/documents/privacy-notice" in said
        assert "/genuine" in said
        assert all(size >= 8 for size in asked(made, "<law>"))  # type: ignore[operator]

    def test_stays_on_one_page(self, link: int, language: str, natural: bool) -> None:
        made = letter(
            link, HOLDER[:-6] + " et de tous ses environs, de la Combe jusqu'au Lac (AIMC)", language=language,
            natural=natural, categories=EVERYTHING, is_reminder=True,
        )  # fmt: skip
        assert len(re.findall(rb"/Type\s*/Page\b", printing.pdf_of([made]))) == 1

    def test_explains_each_box_and_says_where_the_slip_goes(self, link: int, language: str, natural: bool) -> None:
        made = letter(link, language=language, natural=natural)
        ticks: list[dict[str, list[str]]] = made["ticks"]  # type: ignore[assignment]
        assert len(ticks) == len(CHOICES)
        means = [said for each in ticks for said in each["means"]]
        assert len(set(means)) == 3 * (1 if language else 4)
        assert made["returns"] == [COOPERATIVE, "Rue du Lac 1", "1000 Clairière"]
        assert made["phone"] == "+41 21 555 00 00"

    def test_has_a_place_and_a_day_a_greeting_and_a_closing(self, link: int, language: str, natural: bool) -> None:
        made = letter(link, language=language, natural=natural)
        days = {"fr": "le 4 mars 2030", "de": "4. März 2030", "it": "4 marzo 2030", "en": "4 March 2030"}
        assert made["dated"] == f"Clairière, {days.get(language, '04.03.2030')}"
        assert made["hello"]
        assert made["regards"]


@pytest.mark.parametrize(
    ("language", "day"),
    [("fr", "le 1er avril 2030"), ("de", "1. April 2030"), ("it", "1º aprile 2030"), ("en", "1 April 2030")],
)
def test_writes_the_first_of_a_month_as_the_language_does(link: int, language: str, day: str) -> None:
    page = printing.Page(HOLDER, by_post(language=language), link)
    assert printing.letter_of(page, now=NOW + timedelta(days=28))["dated"] == f"Clairière, {day}"


class TestTheAddresses:
    def test_the_slip_goes_where_the_setting_says(self, link: int) -> None:
        with override_settings(DATACOOP_POSTAL_ADDRESS="Coopérative, dépouillement; Case postale 7; 1000 X"):
            assert letter(link)["returns"] == ["Coopérative, dépouillement", "Case postale 7", "1000 X"]

    def test_the_window_shows_nothing_of_the_list(self, link: int) -> None:
        made = letter(link)
        assert HOLDER not in str(made["return_line"]) + str(made["envelope"])
        assert str(made["return_line"]).startswith(COOPERATIVE)


@pytest.mark.parametrize(
    ("holder", "said"),
    [
        ("Association du Lac", "La liste d'Association du Lac vous nomme."),
        ("Les Amis du Four", "La liste des Amis du Four vous nomme."),
        ("Ville de Clairière", "La liste de Ville de Clairière vous nomme."),
        ("Écoles réunies", "La liste d'Écoles réunies vous nomme."),
    ],
)
def test_speaks_french(link: int, holder: str, said: str) -> None:
    assert str(letter(link, holder)["opening"][0]).startswith(said)  # type: ignore[index]


def test_can_be_looked_at_as_a_picture(link: int) -> None:
    made = pictured(LETTERS, letters=json.dumps([letter(link), letter(link)]), logo="[]")
    assert made.startswith(b"\x89PNG")
