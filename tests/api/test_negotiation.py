"""Formats by ending or `Accept`, addresses by dictionary, limits before look-up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoop.api.negotiation import check_json, format_for, language_for, preferred
from datacoop.api.problems import PROBLEMS, Problem
from datacoop.api.routes import Routes
from datacoop.kinds.definition import all_kinds, kind

ORGANISATION, ACTIVITY = kind("organisation"), kind("activity")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


class TestFormatFor:
    @pytest.mark.parametrize(
        ("accept", "name"),
        [
            ("", "json"),
            ("*/*", "json"),
            (BROWSER, "json"),
            ("text/csv", "csv"),
            ("application/geo+json", "geojson"),
            ("application/ld+json, application/json;q=0.5", "jsonld"),
            ("application/json;q=0.1, text/*", "csv"),
            ("application/x-ndjson", "ndjson"),
            ("APPLICATION/JSON", "json"),
        ],
    )
    def test_takes_what_the_caller_likes_best(self, accept: str, name: str) -> None:
        assert name == format_for(ORGANISATION, "", accept).NAME

    def test_the_ending_wins(self) -> None:
        assert format_for(ACTIVITY, "ics", "text/csv").NAME == "ical"

    @pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "nonsense", "text/calendar"])
    def test_refuses_what_there_is_not(self, accept: str) -> None:
        with pytest.raises(Problem) as caught:
            format_for(ORGANISATION, "", accept)
        assert caught.value.code == "not-acceptable"

    @given(st.text(max_size=60))
    def test_never_crashes(self, accept: str) -> None:
        assert preferred(accept, ["application/json"]) in (None, "application/json")
        assert language_for(accept) in ("fr", "de", "it", "en")

    def test_other_routes_are_json(self) -> None:
        check_json("application/json")
        with pytest.raises(Problem):
            check_json("text/csv")


class TestLanguageFor:
    @pytest.mark.parametrize(
        ("header", "language"), [("", "fr"), ("de-CH,de;q=0.9", "de"), ("es, it;q=0.3", "it"), ("en;q=0, xx", "fr")]
    )
    def test_takes_the_preferred_of_ours(self, header: str, language: str) -> None:
        assert language_for(header) == language


class TestRoutes:
    routes = Routes(all_kinds())

    @pytest.mark.parametrize(
        ("path", "name"),
        [
            ("organisations", "list"),
            ("organisations.csv", "list"),
            ("organisations/facets", "facets"),
            ("activities/clusters", "clusters"),
            ("changes", "changes"),
            ("exports/activities.ics", "export"),
            ("organisations/6f1c", "one"),
            ("persons/6f1c.jsonld", "one"),
        ],
    )
    def test_finds(self, path: str, name: str) -> None:
        target = self.routes.find(path)
        assert target is not None
        assert target.route.name == name

    @pytest.mark.parametrize(
        "path",
        [
            "", "persons", "offers", "organisation", "organisations/", "organisations/a/b", "exports/persons.csv",
            "exports/organisations", "organisations/x.", "organisations/x.exe", "organisations.ics", "persons/",
            "offers.csv", "Organisations", "acknowledgement",
        ],
    )  # fmt: skip
    def test_finds_nothing(self, path: str) -> None:
        assert self.routes.find(path) is None

    def test_offers_and_persons_have_no_facets(self) -> None:
        target = self.routes.find("persons/facets")
        assert target is not None
        assert target.route.name == "one"


class TestProblem:
    @pytest.mark.parametrize("code", PROBLEMS)
    def test_ends_its_type_with_the_code(self, code: str) -> None:
        assert f"/{code}".encode() in Problem(code).body("https://coop.example.org")
