"""Staging: which contacts stand elsewhere too, where new rows lie, and how long the background keeps its turn."""

from collections import Counter
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from datacoop.records.actions.publishing import add_source
from datacoop.records.actions.staging import StagedRow, draw_uids, open_staging, stage
from datacoop.records.models import Record, Statement
from datacoop.records.queries import contact_uses
from datacoop.records.rules import id_of
from datacoop.records.storing import Said
from datacoop.records.turns import Turn

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _staged(contacts: list[list[int]]) -> tuple[int, int]:
    """Stage one record for each list of contacts; return source and number."""
    source = add_source(holder_uid=uuid4(), holder="Commune d'Exemple", name="liste", kind="organisation")
    staging = open_staging(source_id=source, now=NOW)
    rows = [
        StagedRow(
            None, [Said("phones", f"+41 21 555 00 {c:02}", None, i, "", bytes([c]) * 16) for i, c in enumerate(s)]
        )
        for s in contacts
    ]
    stage(staging, kind="organisation", rows=rows)
    return source, staging.number


@given(contacts=st.lists(st.lists(st.integers(0, 5), max_size=6, unique=True), max_size=8), batch=st.integers(1, 9))
def test_finds_each_contact_that_stands_twice_once_whatever_the_batches(contacts: list[list[int]], batch: int) -> None:
    Statement.objects.all().delete()
    Record.objects.all().delete()
    source, number = _staged(contacts)

    found = list(contact_uses(source, number, batch=batch))

    every = Counter(contact for said in contacts for contact in said)
    told = [digest for part in found for digest in part]
    assert Counter(told) == {bytes([c]) * 16: 1 for c, count in every.items() if count > 1}
    assert all(len(uses) == every[digest[0]] for part in found for digest, uses in part.items())


def test_draws_free_uids_in_no_order() -> None:
    drawn = draw_uids(200)

    assert len({id_of(uid) for uid in drawn}) == 200
    assert [id_of(uid) for uid in drawn] != sorted(id_of(uid) for uid in drawn)
    assert not Record.objects.filter(id__in=[id_of(uid) for uid in drawn]).exists()


def test_stages_a_row_under_the_uid_drawn_for_it() -> None:
    source = add_source(holder_uid=uuid4(), holder="Commune d'Exemple", name="liste", kind="organisation")
    (uid,) = draw_uids(1)

    stage(
        open_staging(source_id=source, now=NOW),
        kind="organisation",
        rows=[StagedRow(None, [Said("name", "A")], uid=uid)],
    )

    assert Record.objects.get(id=id_of(uid)).uid == uid


def test_a_turn_goes_on_while_nobody_waits_until_its_time_is_over() -> None:
    turn = Turn()
    assert turn.goes_on()
    assert turn.goes_on() == (connection.vendor == "sqlite")
    turn.SECONDS = 0.0
    assert not turn.goes_on()
