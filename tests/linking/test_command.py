"""`datacoop link`: the review list, the refresh, the explanation."""

import json

import pytest
from click.testing import CliRunner, Result

from datacoop.cli.commands.link import SAID, command
from tests.linking.lists import Listing, organisation

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
    assert json.loads(run("--all", "--json").output) == {"compared": 3, "open": 1}


def test_explains_in_words_with_weights_and_no_value(lists: tuple[Listing, Listing]) -> None:
    town, league = lists

    told = run("--explain", str(town.uid("a")), str(league.uid("x"))).output

    assert "look alike" in told
    weights = [float(line.split()[0]) for line in told.splitlines()[1:]]
    assert sum(weights[:-1]) == pytest.approx(weights[-1], abs=0.1)
    assert "the same name" in told
    assert "uche" not in told


def test_says_how_many_hold_a_contact(lists: tuple[Listing, Listing]) -> None:
    town, _ = lists

    told = run("--explain", str(town.uid("a")), str(town.uid("b"))).output

    assert "the same phone number, which 2 differently named records hold" in told


def test_refuses_unknown_records(lists: tuple[Listing, Listing]) -> None:
    town, _ = lists
    done = run("--explain", str(town.uid("a")), "6f1c0000-0000-4000-8000-000000000000")

    assert done.exception is not None
    assert "Two different organisations" in str(done.exception)


def test_every_code_has_words() -> None:
    assert {"same-number", "other-part", "same-list", "other-existence"} <= SAID.keys()
