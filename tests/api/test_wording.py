"""The page of the API speaks four languages, whole; what describes it to machines stays as it is."""

from __future__ import annotations

import re
import string
from typing import Any

import pytest
from django.test import Client, override_settings
from lxml import html

from datacoop.api.openapi import document
from datacoop.api.problems import PROBLEMS
from datacoop.api.site import Site
from datacoop.api.wording import LANGUAGES, PHRASES, Words

pytestmark = pytest.mark.urls("datacoop.api.urls")
SITE = Site("https://coop.example.org")
OTHERS = [each for each in LANGUAGES if each != "en"]
#: What is written alike in two of our languages.
ALIKE = {"Token", "Catalogue (DCAT-AP CH)"}


def operations() -> list[tuple[str, dict[str, Any]]]:
    paths = document(SITE)["paths"]
    return [(method, each) for methods in paths.values() for method, each in methods.items()]


@pytest.mark.parametrize("language", OTHERS)
class TestWhatTheDocumentSays:
    def test_has_words_for_every_address(self, language: str) -> None:
        said = [(Words(language).summary(each), each["summary"]) for _, each in operations()]

        assert [ours for ours, english in said if ours == english] == []
        assert len({ours for ours, _ in said}) == len({english for _, english in said})

    def test_has_words_for_every_parameter_of_a_form(self, language: str) -> None:
        words = Words(language)
        lacking = {
            (each["name"], each["description"])
            for method, operation in operations()
            if method == "get"
            for each in operation.get("parameters", ())
            if words.parameter(operation, each) == each["description"]
        }

        assert lacking == set()

    def test_tells_apart_what_the_document_tells_apart(self, language: str) -> None:
        """One name may mean several things: `after` in an export and in the feed."""
        words, found = Words(language), {}
        for method, operation in operations():
            for each in operation.get("parameters", ()) if method == "get" else ():
                said = words.parameter(operation, each)
                assert found.setdefault(said, each["description"]) == each["description"], said

    def test_has_words_for_every_problem_and_for_the_page_itself(self, language: str) -> None:
        texts, english = PHRASES.of(language), PHRASES.of("en")

        assert {key.removeprefix("problem.") for key in texts if key.startswith("problem.")} == set(PROBLEMS)
        pages = {key for key in texts if key.startswith("page.")}
        assert pages == set(english)
        for key in pages:
            assert fields(texts[key]) == fields(english[key]), key

    def test_says_nothing_that_no_page_asks_for(self, language: str) -> None:
        assert set(PHRASES.of(language)) == set(PHRASES.of("fr"))
        known = {name for _, each in operations() for name in (each["operationId"], each["operationId"].split("_")[0])}
        known |= {"one", "list", "facets", "clusters", "export", "facet", "commune", "theme"}
        known |= {each["name"] for _, operation in operations() for each in operation.get("parameters", ())}
        used = {key.split(".")[1] for key in PHRASES.of(language) if not key.startswith(("page.", "problem."))}
        assert used - known == set()


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


class TestThePage:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_is_in_the_language_it_says(self, client: Client, language: str) -> None:
        reply = client.get("/api/", headers={"accept-language": f"{language}-CH, en;q=0.1"})
        page = html.fromstring(reply.content.decode())

        assert reply.headers["Content-Language"] == page.get("lang") == language
        assert {"Accept-Language", "Cookie"} <= set(re.split(r",\s*", reply.headers["Vary"]))
        words = Words(language)
        text = page.text_content()
        assert words.page("routes_what") in text
        assert words.problem("gone", PROBLEMS["gone"][1]) in text
        for other in set(LANGUAGES) - {language}:
            heard = {Words(other).page(key) for key in ("routes", "routes_what", "bearer", "problems", "token")} - ALIKE
            assert [each for each in heard if re.search(rf"\b{re.escape(each)}", text)] == []

    def test_is_french_for_whoever_asks_for_none_of_ours(self, client: Client) -> None:
        assert client.get("/api/", headers={"accept-language": "rm"}).headers["Content-Language"] == "fr"

    def test_a_language_that_was_chosen_counts_more(self, client: Client) -> None:
        client.cookies["language"] = "it"

        page = html.fromstring(client.get("/api/", headers={"accept-language": "de"}).content.decode())

        assert page.get("lang") == "it"
        (chosen,) = page.xpath("//form[@action='/language']/button[@aria-current]")
        assert chosen.get("value") == "it"

    @override_settings(DATACOOP_SANDBOX=("demo-sandbox", "a-secret-of-nobody"))
    def test_shows_no_marks_and_no_gaps_of_its_texts(self, client: Client) -> None:
        for language in LANGUAGES:
            page = html.fromstring(client.get("/api/", headers={"accept-language": language}).content.decode())
            words = " ".join(page.xpath("//main//text()"))
            assert "`" not in words
            assert words.count("demo-sandbox") == 2
            assert re.findall(r"\{(?!id\})\w+\}", words) == []

    def test_machines_read_the_same_in_every_language(self, client: Client) -> None:
        found = {client.get("/api/openapi.json", headers={"accept-language": each}).content for each in LANGUAGES}

        assert len(found) == 1


def test_french_keeps_a_narrow_space_before_its_high_marks() -> None:
    texts = [re.sub(r"`[^`]*`", "", text) for text in PHRASES.of("fr").values()]

    assert [text for text in texts if re.search(r"(?<!\u202f)[;!?](?=\s|$)|(?<!\u202f):(?=\s|$)", text)] == []
