"""Parameters: the same for everybody, and never a crash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoop.api import parameters
from datacoop.api.parameters import parse
from datacoop.api.problems import Problem
from datacoop.api.questions import digest_of, question_of
from datacoop.api.values import NOWHERE
from datacoop.kinds.definition import all_kinds, kind

ORGANISATION, ACTIVITY = kind("organisation"), kind("activity")
TABLE = parameters.list_parameters(ORGANISATION)
EVENTS = parameters.list_parameters(ACTIVITY)
NAMES = sorted({name for each in all_kinds().values() for name in parameters.list_parameters(each)})


def refused(query: str) -> Problem:
    with pytest.raises(Problem) as caught:
        question_of(ORGANISATION, parse(query, TABLE))
    return caught.value


class TestParse:
    @pytest.mark.parametrize("name", ["email", "phones", "id", "where[email]", "name", "t1.email", "Q", "q ", "offset"])
    def test_refuses_what_is_no_parameter(self, name: str) -> None:
        assert refused(f"{name}=x").code == "unknown-parameter"

    @pytest.mark.parametrize(
        "query",
        [
            "limit=0", "limit=201", "limit=-1", "limit=1_0", "limit=%EF%BC%91", "limit=", "limit=2&limit=3",
            "bbox=1,2,3", "bbox=7,46,6,47", "bbox=nan,1,2,3", "bbox=1,2,3,inf", "bbox=-181,1,2,3", "bbox=1_0,2,30,4",
            "near=91,0", "near=46.5", "radius_km=5", "near=46,6&radius_km=0", "near=46,6&radius_km=1e9",
            "sort=email", "sort=start", "sort=distance", "count=maybe", "lang=es", "fields=password", "fields=",
            "q=%FF", "q=%00", "theme=%00", "cursor=", "cursor=%C3%A9", "from=yesterday", "until=2026-13-01",
            "until=9999-12-31", "q=" + "a" * 501, "&".join(["theme=a"] * 101), "q=a&q=b",
        ],
    )  # fmt: skip
    def test_refuses_malformed_values(self, query: str) -> None:
        assert refused(query).code == "invalid-parameter"

    def test_names_the_parameter_that_is_wrong(self) -> None:
        assert refused("limit=many").parameter == "limit"

    def test_decodes_what_is_escaped(self) -> None:
        assert parse("%71=ch%C5%93ur+mixte", TABLE) == {"q": "chœur mixte"}

    def test_gathers_repeated_facets(self) -> None:
        assert parse("theme=sport&theme=culture%2Fchant", TABLE) == {"theme": ("sport", "culture/chant")}

    @given(st.text(max_size=200))
    def test_never_crashes_on_any_text(self, query: str) -> None:
        self.survive(query)

    @given(st.lists(st.tuples(st.sampled_from(NAMES), st.text(max_size=30)), max_size=6))
    def test_never_crashes_on_any_value(self, pairs: list[tuple[str, str]]) -> None:
        self.survive("&".join(f"{name}={value}" for name, value in pairs))

    @given(st.sampled_from(NAMES), st.binary(max_size=20))
    def test_never_crashes_on_any_bytes(self, name: str, raw: bytes) -> None:
        self.survive(f"{name}=" + raw.decode("utf-8", "surrogateescape"))
        self.survive(f"{name}=" + "".join(f"%{byte:02x}" for byte in raw))

    def survive(self, query: str) -> None:
        for each in all_kinds().values():
            codes = []
            try:
                question_of(each, parse(query, parameters.list_parameters(each)))
            except Problem as problem:
                codes.append(problem.code)
            assert set(codes) <= {"unknown-parameter", "invalid-parameter"}


class TestQuestion:
    def ask(self, query: str) -> dict[str, tuple[str, ...]]:
        return dict(question_of(ORGANISATION, parse(query, TABLE)).facets)

    def test_an_empty_facet_finds_nothing_rather_than_all(self) -> None:
        assert self.ask("theme=") == {"theme": (NOWHERE,)}

    def test_communes_go_by_number_and_by_name(self) -> None:
        assert self.ask("commune=5586") == {"commune": ("5586",)}
        assert "=Atlantis" in self.ask("commune=Atlantis")["commune"]

    def test_an_unknown_territory_finds_nothing(self) -> None:
        assert self.ask("territory=atlantis") == {"commune": (NOWHERE,)}

    def test_a_territory_narrows_communes(self) -> None:
        assert self.ask("territory=lavaux&commune=5606&commune=5586") == {"commune": ("5606",)}
        assert self.ask("territory=lavaux&commune=5586") == {"commune": (NOWHERE,)}

    def test_a_day_counts_as_a_whole_in_switzerland(self) -> None:
        question = question_of(ACTIVITY, parse("from=2026-11-23&until=2026-11-23", EVENTS))

        assert (question.since, question.until) == ("2026-11-22T23:00:00+00:00", "2026-11-23T23:00:00+00:00")

    def test_takes_an_offset_whose_plus_reads_as_a_blank(self) -> None:
        question = question_of(ACTIVITY, parse("from=2026-11-23T18:00:00+01:00", EVENTS))

        assert question.since == "2026-11-23T17:00:00+00:00"

    def test_equal_questions_have_equal_digests(self) -> None:
        one, other = (
            question_of(ORGANISATION, parse(query, TABLE))
            for query in ("theme=sport&commune=5586&limit=5", "commune=5586&theme=sport&theme=sport&count=false")
        )
        assert digest_of(one) == digest_of(other)

    def test_another_order_has_another_digest(self) -> None:
        one, other = (question_of(ORGANISATION, parse(query, TABLE)) for query in ("sort=name", "sort=-name"))

        assert digest_of(one) != digest_of(other)
