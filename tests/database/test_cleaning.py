"""The test database itself: what one test commits, the next one must not see."""

import threading
from collections.abc import Callable

import pytest
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

pytestmark = pytest.mark.django_db(transaction=True)


def _add_session() -> None:
    Session.objects.create(session_key="left-over", session_data="", expire_date=timezone.now())


@pytest.mark.parametrize("turn", [1, 2])
def test_forgets_what_a_test_committed(turn: int) -> None:
    assert not Session.objects.exists()

    _add_session()

    assert Session.objects.count() == 1


def test_keeps_what_migrations_wrote(clean_database: Callable[[], None]) -> None:
    before = ContentType.objects.count()
    ContentType.objects.all().delete()

    clean_database()

    assert ContentType.objects.count() == before > 0


def test_other_threads_see_the_same_database(clean_database: Callable[[], None]) -> None:
    _add_session()
    seen: list[int] = []

    def look() -> None:
        seen.append(Session.objects.count())
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    clean_database()

    assert seen == [1]
    assert not Session.objects.exists()


def test_hands_out_empty_databases(empty_database_url: str) -> None:
    assert empty_database_url.split(":", maxsplit=1)[0] in {"sqlite", "postgresql"}
