"""The test of the tests: a harness that does not notice a sown leak protects nobody."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.laws.catalogue import CATALOGUE
from tests.laws.judging import judge_interference, judge_views
from tests.laws.mutants import MUTANTS, Mutant, forget_composed

pytestmark = pytest.mark.django_db(transaction=True)

#: Bugs that only one of the two databases could have.
ONLY_SQLITE = {
    "wider_words_without_their_audience": "PostgreSQL keeps the audience of words in a column of its own.",
    "memory_is_shared_by_readers": "On PostgreSQL no answer is remembered.",
}


@pytest.fixture(autouse=True)
def _composed_anew() -> Iterator[None]:
    forget_composed()
    yield
    forget_composed()


def _judge(sown: Mutant) -> None:
    if sown.looks == "views":
        judge_views(CATALOGUE[sown.world])
    else:
        judge_interference(CATALOGUE[sown.world], sown.looks, sown.mode, whole=True)


@pytest.mark.parametrize("name", MUTANTS)
def test_notices(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name in ONLY_SQLITE and connection.vendor != "sqlite":
        pytest.skip(ONLY_SQLITE[name])
    MUTANTS[name].sow(monkeypatch)

    with pytest.raises(AssertionError):
        _judge(MUTANTS[name])
