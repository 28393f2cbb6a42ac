"""`/readyz` answers no while a restore is not done."""

from collections.abc import Iterator

import pytest
from django.test import Client

from datacoop.pipelines.keeping import unfinished
from datacoop.pipelines.keeping.unfinished import REPLAYING, Unfinished

pytestmark = pytest.mark.django_db


@pytest.fixture
def restore_under_way() -> Iterator[None]:
    unfinished.note(Unfinished("0123", REPLAYING, "2026-11-28T00:00:00+00:00", kept=1, log_from=0, log_to=0))
    yield
    unfinished.done()


def test_is_ready() -> None:
    assert Client().get("/readyz").status_code == 200


@pytest.mark.usefixtures("restore_under_way")
def test_is_not_ready_before_everything_is_withdrawn_again() -> None:
    assert Client().get("/readyz").status_code == 503
    assert Client().get("/healthz").status_code == 200
