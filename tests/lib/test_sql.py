"""Plain queries give the same values on both databases."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from datacoop.consent.models import Restriction
from datacoop.lib.sql import identity, insert, moment, placeholders, select
from datacoop.records.models import Record

pytestmark = pytest.mark.django_db

AT = datetime(2026, 7, 1, 12, 30, 15, 123456, tzinfo=UTC)


def test_moments_keep_their_instant_and_have_a_zone() -> None:
    with transaction.atomic():
        Restriction.objects.create(record_id=1, ground="restriction", at=AT, begin_revision=1)

    ((plain, computed),) = select("SELECT at, max(at) OVER () FROM consent_restriction")

    assert moment(plain) == moment(computed) == AT
    assert moment(plain).tzinfo is not None


def test_identities_come_back_as_they_were() -> None:
    uid = uuid.uuid4()
    Record.objects.create(id=7, uid=uid, kind="organisation")

    assert [identity(row[0]) for row in select("SELECT uid FROM records_record WHERE id = %s", [7])] == [uid]


@pytest.mark.parametrize("count", [1, 9, 10, 23])
@pytest.mark.parametrize("subject", [None, 5])
def test_inserts_rows_whatever_is_none_in_them(count: int, subject: int | None) -> None:
    uids = [uuid.uuid4() for _ in range(count)]
    stored = {each: each.hex if connection.vendor == "sqlite" else each for each in uids}
    rows = [(number, stored[uid], subject if number == count - 1 else None) for number, uid in enumerate(uids)]

    insert("records_record", ("kind", "id", "uid", "subject_id"), rows, ["organisation"])
    insert("records_record", ("kind", "id", "uid", "subject_id"), [], ["organisation"])

    found = Record.objects.order_by("id").values_list("id", "uid", "kind", "subject_id")
    last = count - 1
    assert list(found) == [(n, u, "organisation", subject if n == last else None) for n, u in enumerate(uids)]


def test_there_is_a_placeholder_for_each_value() -> None:
    values = [3, 5, 8]

    assert sorted(select(f"SELECT 1 WHERE 5 IN ({placeholders(values)})", values)) == [(1,)]
    assert placeholders({}) == ""
