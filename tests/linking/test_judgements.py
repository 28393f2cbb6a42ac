"""Judgements: dated, signed, taken back; what is asked first, and how far people are."""

import orjson
import pytest

from datacoop.disclosure.models import View
from datacoop.ledger.queries import entries
from datacoop.linking.actions import JudgementError, judge
from datacoop.linking.models import LookAlike
from datacoop.linking.queries import count_review, list_judgements, list_review, united_with
from datacoop.linking.refreshing import refresh_review
from datacoop.linking.taking_back import take_back
from datacoop.records.queries import merges_of, traces_of
from tests.linking.lists import Listing, now, organisation

pytestmark = pytest.mark.django_db(transaction=True)

MAIL = {"email": "info@hirondelles.example"}
PHONE = {"phones": "+41 21 555 12 34"}
CHOIR = organisation("Chœur des Hirondelles", **MAIL)
CHOIR_TOO = organisation("Association Choeur des Hirondelles", **MAIL)


def views() -> dict[tuple[int, int], object]:
    """Every view, without the time of its change."""
    rows = [(v.record_id, v.tier, v.state, bytes(v.body) if v.body else b"null") for v in View.objects.all()]
    return {(record, tier): (state, body if state == "m" else _timeless(body)) for record, tier, state, body in rows}


def _timeless(body: bytes) -> object:
    found = orjson.loads(body)
    return {k: v for k, v in found.items() if k != "modified"} if found else None


def say(first: object, second: object, verdict: str, actor: str = "steward:1") -> int:
    judge(first=first, second=second, verdict=verdict, actor=actor, now=now())  # type: ignore[arg-type]
    return list_judgements(limit=1)[0].id


def back(judgement: int) -> None:
    take_back(judgement_id=judgement, actor="steward:2", now=now())


def two_alike() -> tuple[Listing, Listing]:
    town, league = Listing("Town"), Listing("League")
    town.pour({"a": organisation("La Ruche", **PHONE)})
    league.pour({"x": organisation("La Ruche")})
    return town, league


class TestSigned:
    def test_says_who_and_when(self) -> None:
        town, league = two_alike()
        before = now()

        say(town.uid("a"), league.uid("x"), "different", actor="steward:7")

        (judged,) = list_judgements(limit=5)
        assert (judged.verdict, judged.actor) == ("different", "steward:7")
        assert before <= judged.at <= now()
        assert {judged.first_uid, judged.second_uid} == {town.uid("a"), league.uid("x")}
        assert list_judgements(limit=5, actor="steward:8") == []

    @pytest.mark.parametrize("verdict", ["same", "different", "part_of", "unsure"])
    def test_stands_in_the_ledger(self, verdict: str) -> None:
        town, league = two_alike()

        back(say(town.uid("a"), league.uid("x"), verdict))

        found = entries([trace.entry for trace in traces_of([town.records["a"]])])
        told = [e.payload for e in found.values() if e.kind == "linking.judged"]
        assert [(each["verdict"], each["actor"]) for each in told] == [
            (verdict, "steward:1"),
            ("taken back", "steward:2"),
        ]


class TestTakingBack:
    def test_the_same_comes_apart_to_the_byte_and_is_asked_again(self) -> None:
        town, league = two_alike()
        before, asked = views(), list_review(limit=10)

        back(say(town.uid("a"), league.uid("x"), "same"))

        assert views() == before
        assert merges_of([town.records["a"]]) == {}
        assert [(p.first_uid, p.second_uid) for p in list_review(limit=10)] == [
            (p.first_uid, p.second_uid) for p in asked
        ]
        assert list_judgements(limit=5) == []

    def test_what_was_merged_by_itself_is_one_again(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": CHOIR})
        league.pour({"x": CHOIR_TOO})
        before = views()
        (made,) = united_with(town.uid("a"))

        back(say(town.uid("a"), league.uid("x"), "different"))

        # Shown apart meanwhile, the other's address leads here now.
        assert before.items() <= views().items()
        (again,) = united_with(league.uid("x"))
        assert (again.uid, again.into, again.actor, again.holder) == (made.uid, made.into, "linking", "League")
        assert list_review(limit=10) == []

    def test_one_after_the_other_the_latest_first(self) -> None:
        town, league = two_alike()
        before = views()
        for verdict in ("same", "different", "same"):
            say(town.uid("a"), league.uid("x"), verdict)

        standing = []
        for _ in range(3):
            standing.append(list_judgements(limit=5)[0].verdict)
            back(list_judgements(limit=5)[0].id)

        assert standing == ["same", "different", "same"]
        assert views() == before
        assert merges_of([town.records["a"]]) == {}
        assert len(list_review(limit=10)) == 1

    def test_a_part_keeps_together_what_others_said_is_one(self) -> None:
        town, league, canton = Listing("Town"), Listing("League"), Listing("Canton")
        town.pour({"a": CHOIR})
        league.pour({"x": CHOIR_TOO})
        canton.pour({"k": organisation("Hirondelles")})
        mine = say(town.uid("a"), canton.uid("k"), "same")

        back(mine)

        assert merges_of([town.records["a"]]) == {league.records["x"]: town.records["a"]}

    def test_only_once(self) -> None:
        town, league = two_alike()
        judgement = say(town.uid("a"), league.uid("x"), "unsure")
        back(judgement)

        with pytest.raises(JudgementError):
            back(judgement)
        with pytest.raises(JudgementError):
            back(judgement + 1)

    def test_leaves_alone_what_was_joined_otherwise_meanwhile(self) -> None:
        town, league, canton = Listing("Town"), Listing("League"), Listing("Canton")
        town.pour({"a": CHOIR})
        league.pour({"x": CHOIR_TOO})
        parted = say(town.uid("a"), league.uid("x"), "different")
        canton.pour({"k": organisation("Hirondelles")})
        say(canton.uid("k"), league.uid("x"), "same")
        merged = merges_of([league.records["x"]])
        assert len(merged) == 1

        back(parted)

        assert merged.items() <= merges_of([league.records["x"]]).items()


class TestAsking:
    def test_a_question_about_more_records_comes_first(self) -> None:
        town, league, canton = Listing("Town"), Listing("League"), Listing("Canton")
        town.pour({"a": organisation("La Ruche", **PHONE), "p": organisation("Pivoine")})
        league.pour({"x": organisation("La Ruche", **PHONE)})
        canton.pour({"k": organisation("La Ruche"), "q": organisation("Pivoine")})
        pairs = list_review(limit=10)
        ours = [p for p in pairs if canton.uid("k") in (p.first_uid, p.second_uid)]

        assert ours
        assert pairs[0] == ours[0]
        assert pairs[0].gain > pairs[-1].gain
        assert 1 < pairs[0].gain <= 2
        assert [p.gain for p in pairs] == sorted((p.gain for p in pairs), reverse=True)

    def test_a_rule_that_forbids_leaves_an_even_chance_at_most(self) -> None:
        town, league = Listing("Town"), Listing("League", published=False)
        town.pour({"a": CHOIR})
        league.pour({"x": CHOIR_TOO})

        (pair,) = list_review(limit=10)

        assert pair.gain == 0.5
        assert "other-existence" in pair.codes

    def test_counts_what_is_done_and_what_waits(self) -> None:
        town, league = two_alike()
        town.pour({"b": organisation("Pivoine")})
        league.pour({"y": organisation("Pivoine")})
        assert (count_review().done, count_review().waiting) == (0, 2)

        say(town.uid("a"), league.uid("x"), "unsure")

        assert (count_review().done, count_review().waiting) == (1, 1)

    def test_counts_nothing_of_a_list_that_was_not_accepted(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": organisation("La Ruche")})
        league.pour({"x": organisation("La Ruche")}, accepted=False)

        assert LookAlike.objects.exists()
        assert count_review().waiting == 0


class TestSurviving:
    @pytest.mark.parametrize("verdict", ["different", "part_of", "unsure"])
    def test_survives_another_delivery_of_both_lists(self, verdict: str) -> None:
        town, league = two_alike()
        say(town.uid("a"), league.uid("x"), verdict)

        for listing, key in ((town, "a"), (league, "x"), (town, "a")):
            listing.pour({key: organisation("La Ruche", **PHONE, **MAIL)})
        refresh_review(now=now())

        assert merges_of([town.records["a"]]) == {}
        assert list_review(limit=10) == []

    def test_the_same_survives_deliveries_that_say_otherwise(self) -> None:
        town, league = two_alike()
        say(town.uid("a"), league.uid("x"), "same")

        league.pour({"x": organisation("Boussole")})
        town.pour({"a": organisation("La Ruche bleue")})
        refresh_review(now=now())

        assert merges_of([town.records["a"]]) == {league.records["x"]: town.records["a"]}
