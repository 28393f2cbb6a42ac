"""Why two records are not one: rules, lists, existence, people; and words for every code in every language."""

import doctest
import re
from pathlib import Path

import pytest

from datacoop.consent.actions import Wish, decide
from datacoop.linking import explaining, partitioning, reviewing, wording
from datacoop.linking.actions import judge
from datacoop.linking.explaining import explain
from datacoop.linking.queries import VETOES
from datacoop.linking.rules import activities, comparing, judging, persons
from datacoop.linking.wording import LANGUAGES, PHRASES
from tests.linking.lists import Listing, now, organisation

MAIL = {"email": "info@hirondelles.example"}
PHONE = {"phones": "+41 21 555 12 34"}
CHOIR = organisation("Chœur des Hirondelles", **MAIL)
CHOIR_TOO = organisation("Association Choeur des Hirondelles", **MAIL)
_SOURCES = (comparing, judging, partitioning, reviewing, explaining, activities, persons)


@pytest.mark.django_db(transaction=True)
class TestWhyApart:
    def test_one_is_hidden(self) -> None:
        town, league = Listing("Town"), Listing("League", published=False)
        town.pour({"a": CHOIR})
        league.pour({"x": CHOIR_TOO})

        assert explain(town.uid("a"), league.uid("x"), now=now()).why_apart == ("reasons.other-existence",)

    def test_one_was_hidden_since(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": CHOIR})
        hidden = Wish(audience="public", shows=False)
        decide(uid=town.uid("a"), wish=hidden, actor="steward:1", reason="asked", now=now())
        league.pour({"x": CHOIR_TOO})

        assert "reasons.other-existence" in explain(town.uid("a"), league.uid("x"), now=now()).why_apart

    def test_parts_of_one_whole(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": organisation("FC Lutrive", **MAIL, **PHONE)})
        league.pour({"x": organisation("FC Lutrive Juniors", **MAIL, **PHONE)})

        assert explain(town.uid("a"), league.uid("x"), now=now()).why_apart == ("reasons.other-part",)

    def test_a_weight_below_what_is_needed(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": organisation("Chorale des Hirondelles")})
        league.pour({"x": organisation("Chorale des Hirondelles bleues")})

        found = explain(town.uid("a"), league.uid("x"), now=now())

        assert found.why_apart == ("apart.too-little",), found
        assert found.weight < found.needed

    def test_nothing_in_common(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": organisation("La Ruche")})
        league.pour({"x": organisation("Pivoine")})

        assert explain(town.uid("a"), league.uid("x"), now=now()).why_apart == ("apart.different",)

    def test_several_that_exclude_each_other(self) -> None:
        numbers = [{"scheme": "CH-UID", "value": value} for value in ("CHE-109.322.551", "CHE-103.786.205")]
        register, league = Listing("Register"), Listing("League")
        register.pour({str(i): organisation("La Ruche", identifiers=each, **PHONE) for i, each in enumerate(numbers)})
        league.pour({"x": organisation("La Ruche", **PHONE)})

        assert "reasons.ambiguous" in explain(register.uid("0"), league.uid("x"), now=now()).why_apart

    def test_a_person_outranks_every_weight(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": CHOIR})
        league.pour({"x": CHOIR_TOO})
        judge(first=town.uid("a"), second=league.uid("x"), verdict="different", actor="steward:4", now=now())

        found = explain(town.uid("a"), league.uid("x"), now=now())

        assert [(each.verdict, each.actor) for each in found.said] == [("different", "steward:4")]
        assert (found.verdict, found.why_apart) == ("same", ())

    def test_one_has_no_reason_to_be_apart(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": CHOIR})
        league.pour({"x": CHOIR_TOO})

        found = explain(town.uid("a"), league.uid("x"), now=now())

        assert (found.are_one, found.why_apart) == (True, ())


class TestWords:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_code_has_words(self, language: str) -> None:
        source = "".join(Path(each.__file__).read_text(encoding="utf-8") for each in _SOURCES)
        codes = set(re.findall(r'"((?:same|near|similar|other|common|shared|contacts|merged|unlike)-[a-z-]+)"', source))
        codes |= {
            f"{how}-{what}" for how in ("same", "other") for what in ("email", "domain", "phone", "place", "name")
        }
        codes |= VETOES | {"prior", "one-list", "acronym"}
        assert {code for code in codes if f"reasons.{code}" not in PHRASES.of(language)} == set()
        told = set(re.findall(r'"(apart\.[a-z-]+)"', source))
        assert told
        assert told <= PHRASES.of(language).keys()

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_language_says_the_same_keys(self, language: str) -> None:
        assert PHRASES.of(language).keys() == PHRASES.of("fr").keys()

    def test_examples_hold(self) -> None:
        assert doctest.testmod(wording).failed == 0
        assert doctest.testmod(wording).attempted > 0
