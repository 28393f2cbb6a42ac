"""pytest-django's fixtures, bent to one throw-away database per session, and two of our own."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

from tests.database import cleaning
from tests.database.server import url_of


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The whole server or folder goes at the end: dropping the database first would only wait for readers."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "datacoop.lib.queued_sqlite":
        # A file, as in life: threads and processes open connections of their own. No power cut is tested.
        database["TEST"]["NAME"] = str(settings.DATACOOP_DATA_DIR / "test.sqlite3")
        options = database["OPTIONS"]
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        cleaning.remember()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: cleaning.restore())
        yield


@pytest.fixture
def clean_database(transactional_db: None) -> Callable[[], None]:
    """Call it between the examples of one test (Hypothesis): back to the freshly migrated database."""
    return cleaning.restore


def make_database_url(file: Path, blocker: Any) -> str:
    """Return the address of a new database without a table; on SQLite it will be `file`."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "datacoop.lib.queued_sqlite":
        return f"sqlite:///{file}"
    name = f"made_{secrets.token_hex(6)}"
    with blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    return url_of(Path(str(database["HOST"])), name)


@pytest.fixture
def empty_database_url(tmp_path: Path, django_db_setup: None, django_db_blocker: Any) -> str:
    """`DATACOOP_DATABASE_URL` of a new database without a table, for processes that a test starts."""
    return make_database_url(tmp_path / "datacoop.sqlite3", django_db_blocker)
