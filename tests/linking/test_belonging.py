"""Umbrella and section: a judgement makes the relation, and no list undoes it."""

import json
from typing import Any

import pytest

from datacoop.consent.actions import Wish, decide
from datacoop.disclosure.asking import ask
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.linking.actions import JudgementError, judge
from datacoop.linking.queries import list_judgements
from datacoop.linking.taking_back import take_back
from tests.linking.lists import KIND, Listing, now, organisation, shown

pytestmark = pytest.mark.django_db(transaction=True)
MAIL = {"email": "info@lutrive.example"}


def parts_of(listing: Listing, key: str) -> list[str]:
    question = Question(KIND, facets=(("part_of", (str(listing.uid(key)),)),))
    found = ask(lambda source: find(source, PUBLIC, question), now=now())
    return [json.loads(body)["id"] for body in found.bodies]


def said(listing: Listing, key: str, verdict: str, other: tuple[Listing, str], **more: Any) -> None:
    judge(first=listing.uid(key), second=other[0].uid(other[1]), verdict=verdict, actor="steward:1", now=now(), **more)  # type: ignore[arg-type]


@pytest.fixture
def lists() -> tuple[Listing, Listing]:
    town, league = Listing("Town"), Listing("League")
    town.pour({"a": organisation("FC Lutrive", **MAIL)})
    league.pour({"x": organisation("FC Lutrive Juniors", **MAIL)})
    return town, league


def test_a_section_says_what_it_is_part_of_and_is_found_by_it(lists: tuple[Listing, Listing]) -> None:
    town, league = lists

    said(town, "a", "part_of", (league, "x"))

    assert (shown(league, "x") or {})["part_of"] == [str(town.uid("a"))]
    assert "part_of" not in (shown(town, "a") or {})
    assert parts_of(town, "a") == [str(league.uid("x"))]


def test_whoever_judges_may_say_which_is_the_part(lists: tuple[Listing, Listing]) -> None:
    town, league = lists

    said(town, "a", "part_of", (league, "x"), part=town.uid("a"))

    assert (shown(town, "a") or {})["part_of"] == [str(league.uid("x"))]
    with pytest.raises(JudgementError):
        said(town, "a", "part_of", (league, "x"), part=town.uid("a").__class__(int=5))


def test_it_outlives_imports_and_follows_a_merge(lists: tuple[Listing, Listing]) -> None:
    town, league = lists
    canton = Listing("Canton")
    said(town, "a", "part_of", (league, "x"))

    league.pour({"x": organisation("FC Lutrive Juniors", phones="+41 21 555 12 34", **MAIL)})
    town.pour({"a": organisation("FC Lutrive", phones="+41 21 555 12 35", **MAIL)})
    canton.pour({"k": organisation("FC Lutrive Junior", phones="+41 21 555 12 34", **MAIL)})
    said(canton, "k", "same", (league, "x"))

    assert (shown(league, "x") or {})["part_of"] == [str(town.uid("a"))]


@pytest.mark.parametrize("verdict", ["different", "same"])
def test_another_verdict_takes_it_back(lists: tuple[Listing, Listing], verdict: str) -> None:
    town, league = lists
    said(town, "a", "part_of", (league, "x"))

    said(league, "x", verdict, (town, "a"))

    assert "part_of" not in (shown(league, "x") or {})
    assert parts_of(town, "a") == []


def test_a_part_may_belong_to_two_and_leave_one(lists: tuple[Listing, Listing]) -> None:
    town, league = lists
    town.pour({"b": organisation("Fédération de la Lutrive")})
    for whole in ("a", "b"):
        said(league, "x", "part_of", (town, whole), part=league.uid("x"))
    assert (shown(league, "x") or {})["part_of"] == [str(town.uid("a")), str(town.uid("b"))]

    said(league, "x", "different", (town, "a"))

    assert (shown(league, "x") or {})["part_of"] == [str(town.uid("b"))]


@pytest.mark.parametrize("hidden", ["whole", "part"])
def test_neither_shows_the_other_where_one_is_hidden(lists: tuple[Listing, Listing], hidden: str) -> None:
    town, league = lists
    before = shown(league, "x"), shown(town, "a")
    said(town, "a", "part_of", (league, "x"))
    uid = town.uid("a") if hidden == "whole" else league.uid("x")

    decide(uid=uid, wish=Wish(audience="public", shows=False), actor="steward:1", reason="asked", now=now())

    assert shown(league, "x") == (before[0] if hidden == "whole" else None)
    assert shown(town, "a") == (before[1] if hidden == "part" else None)
    assert parts_of(town, "a") == []


def test_it_makes_nobody_exist_of_whom_nothing_else_is_shown() -> None:
    town, league = Listing("Town"), Listing("League", published=False)
    town.pour({"a": organisation("FC Lutrive", **MAIL)})
    league.pour({"x": organisation("FC Lutrive Juniors", **MAIL)})
    assert shown(league, "x") is None

    said(town, "a", "part_of", (league, "x"))

    assert shown(league, "x") is None
    assert parts_of(town, "a") == []


def test_taking_the_judgement_back_ends_it_and_brings_back_what_it_replaced(lists: tuple[Listing, Listing]) -> None:
    town, league = lists
    said(town, "a", "part_of", (league, "x"))
    said(town, "a", "different", (league, "x"))

    take_back(judgement_id=list_judgements(limit=1)[0].id, actor="steward:1", now=now())
    assert (shown(league, "x") or {})["part_of"] == [str(town.uid("a"))]

    take_back(judgement_id=list_judgements(limit=1)[0].id, actor="steward:1", now=now())
    assert "part_of" not in (shown(league, "x") or {})
    assert list_judgements(limit=5) == []
