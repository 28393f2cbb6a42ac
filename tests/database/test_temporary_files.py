"""What SQLite keeps aside while it writes stays in memory (law 8: nothing cleans a temporary file)."""

import os
from pathlib import Path

import pytest
from django.db import connection, transaction

pytestmark = [pytest.mark.django_db(transaction=True)]

_PAGES = 200


def _temporary() -> list[str]:
    """The open files of this process that SQLite made for itself."""
    opened = []
    for each in Path("/proc/self/fd").iterdir():
        try:
            opened.append(str(each.readlink()))
        except FileNotFoundError:
            continue
    return [path for path in opened if "etilqs_" in os.path.basename(path)]


def test_a_savepoint_over_many_pages_opens_no_temporary_file():
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no such files")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE aside (value TEXT)")
        cursor.executemany("INSERT INTO aside VALUES (%s)", [("x" * 4000,)] * _PAGES)
        with transaction.atomic():
            cursor.execute("UPDATE aside SET value = upper(value)")
            found = _temporary()
        cursor.execute("DROP TABLE aside")
    assert found == []
