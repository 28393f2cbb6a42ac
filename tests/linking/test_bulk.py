"""Everything compared at once, in this process or on Spark: the same pairs are offered as one after the other."""

import json
import shutil

import pytest
from click.testing import CliRunner

from datacoop.cli.commands.link import command
from datacoop.linking.learning.lists import write_lists
from datacoop.linking.learning.worlds import make_world
from datacoop.linking.models import LookAlike
from datacoop.linking.refreshing import Engine, refresh_review
from datacoop.linking.unlabelled.cluster import Cluster
from datacoop.linking.unlabelled.estimating import Computing, InProcess, MissingEngineError
from tests.linking.lists import Listing, now, organisation

pytestmark = pytest.mark.django_db(transaction=True)


def _pour(organisations: int) -> int:
    """Pour an invented world in, one list for each holder; return how many records."""
    rows = write_lists(make_world(organisations, 17), 17)
    for holder in sorted({row.holder for row in rows}):
        Listing(f"Holder {holder}").pour({str(n): row.values for n, row in enumerate(rows) if row.holder == holder})
    return len(rows)


def _offered(computing: Computing | None) -> tuple[int, set[tuple[int, int, float]]]:
    """Empty the review list, and return how many records were compared and what is offered then."""
    LookAlike.objects.all().delete()
    done = refresh_review(now=now(), engine=Engine(computing=computing))
    return done.compared, set(LookAlike.objects.values_list("first", "second", "weight"))


def test_splink_offers_the_pairs_that_comparing_in_turn_does() -> None:
    count = _pour(150)

    in_turn, at_once = _offered(None), _offered(InProcess())

    assert at_once == in_turn
    assert in_turn[0] == count
    assert len(in_turn[1]) > 20


def test_a_few_records_are_compared_in_turn() -> None:
    rows = {str(n): organisation("La Ruche", phones="+41 21 555 12 34") for n in range(2)}
    Listing("Town").pour(rows)

    assert _offered(InProcess()) == _offered(None)
    assert _offered(None)[0] == 2


@pytest.mark.skipif(not shutil.which("java"), reason="Spark needs Java 17: make install-system")
def test_spark_offers_of_a_thousand_records_the_pairs_that_comparing_in_turn_does() -> None:
    count = _pour(480)
    assert count >= 1000

    with Cluster("local[2]") as spark:
        on_spark = _offered(spark)

    assert on_spark == _offered(None)
    assert len(on_spark[1]) > 50


def test_says_what_is_missing_where_there_is_no_java(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("JAVA_HOME", raising=False)

    with pytest.raises(MissingEngineError, match="make install-system"):
        Cluster("local[2]")


@pytest.mark.parametrize("arguments", [["--engine", "spark"], ["--engine", "splink", "--master", "local[2]"]])
def test_a_master_is_asked_for_where_one_is_needed(arguments: list[str]) -> None:
    done = CliRunner().invoke(command, arguments)

    assert done.exit_code == 2
    assert "go together" in done.output


def test_the_command_compares_at_once() -> None:
    Listing("Town").pour({str(n): organisation("La Ruche", phones="+41 21 555 12 34") for n in range(2)})

    done = CliRunner().invoke(command, ["--engine", "splink", "--json"], standalone_mode=False)

    assert json.loads(done.output)["compared"] == 2
