"""Having been told stands once in a person's history, however many lists of a holder name them."""

from __future__ import annotations

from pathlib import Path

import pytest

from datacoop.disclosure.own.history import history, proof
from datacoop.records.models import Record
from tests.rights.lists import CITY, bring, days, let_go, run, signed

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_notice_that_arrived_is_one_line_naming_the_holder(tmp_path: Path) -> None:
    holder = signed()
    bring(tmp_path)
    let_go(holder)
    run(0, 8)
    person = Record.objects.get(kind="person").uid

    told = [each for each in history(person) if each.what == "told"]

    assert [each.of for each in told] == [CITY]
    assert told[0].entry is not None
    assert proof(person, told[0].entry, now=days(9))
