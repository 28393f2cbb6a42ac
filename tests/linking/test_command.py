"""`datacoop link`: the review list, the refresh, the explanation."""

import json

import pytest
from click.testing import CliRunner, Result

from datacoop.cli.commands.link import command
from datacoop.linking.actions import judge
from tests.linking.lists import Listing, now, organisation

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"phones": "+41 21 555 12 34"}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, standalone_mode=False)


@pytest.fixture
def lists() -> tuple[Listing, Listing]:
    town, league = Listing("Town"), Listing("League")
    town.pour({"a": organisation("La Ruche", **PHONE), "b": organisation("Boussole", **PHONE)})
    league.pour({"x": organisation("Ruche (La)")})
    return town, league


def test_lists_the_pairs_that_wait(lists: tuple[Listing, Listing]) -> None:
    town, league = lists

    done = run("--json")

    assert done.return_value == 1
    (pair,) = json.loads(done.output)
    assert {pair["first"], pair["second"]} == {str(town.uid("a")), str(league.uid("x"))}


def test_says_that_nothing_waits() -> None:
    done = run()

    assert done.return_value == 0
    assert "No pair" in done.output


def test_compares_everything_again(lists: tuple[Listing, Listing]) -> None:
    assert json.loads(run("--all", "--json").output) == {
        "compared": 3, "open": 1, "merged": 0, "split": 0,
    }  # fmt: skip


def test_explains_in_words_with_weights_and_no_value(lists: tuple[Listing, Listing]) -> None:
    town, league = lists

    told = run("--explain", str(town.uid("a")), str(league.uid("x"))).output

    assert "look alike" in told
    lines = [line.split() for line in told.splitlines()[1:] if line[:6].strip()[-1:].isdigit()]
    weights = [float(line[0].replace("−", "-")) for line in lines]
    assert sum(weights[:-1]) == pytest.approx(weights[-1], abs=0.1)
    assert "the same name" in told
    assert "uche" not in told


def test_says_how_many_hold_a_contact(lists: tuple[Listing, Listing]) -> None:
    town, _ = lists

    told = run("--explain", str(town.uid("a")), str(town.uid("b"))).output

    assert "the same phone number, under 2 different names" in told


def test_refuses_unknown_records(lists: tuple[Listing, Listing]) -> None:
    town, _ = lists
    done = run("--explain", str(town.uid("a")), "6f1c0000-0000-4000-8000-000000000000")

    assert done.exception is not None
    assert "Two different records of one kind" in str(done.exception)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "Pas réunies :\n  – le poids suffirait"),
        ("de", "Nicht vereint:\n  – das Gewicht würde"),
        ("it", "Non unite:\n  – il peso basterebbe"),
        ("en", "Not merged:\n  – the weight would"),
    ],
)
def test_says_in_every_language_why_look_alikes_are_not_merged(
    lists: tuple[Listing, Listing], language: str, said: str
) -> None:
    town, league = lists

    told = run("--explain", str(town.uid("a")), str(league.uid("x")), "--language", language).output

    assert said in told


def test_says_who_said_so_before_any_rule(lists: tuple[Listing, Listing]) -> None:
    town, league = lists
    judge(first=town.uid("a"), second=league.uid("x"), verdict="different", actor="steward:7", now=now())

    told = run("--explain", str(town.uid("a")), str(league.uid("x"))).output.partition("Not merged:")[2]

    assert told.splitlines()[1].startswith("  – a person said that they are two (steward:7, on 20")


def test_says_that_two_are_one(lists: tuple[Listing, Listing]) -> None:
    town, league = lists
    judge(first=town.uid("a"), second=league.uid("x"), verdict="same", actor="steward:7", now=now())

    done = run("--explain", str(town.uid("a")), str(league.uid("x")))

    assert "United in one entry" in done.output
    assert "Not merged" not in done.output
