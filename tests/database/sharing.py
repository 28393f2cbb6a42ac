"""What each of two runs at once takes, one on SQLite and one on PostgreSQL: see `scripts/tested` and decision 0046.

Without `DATACOOP_TEST_SHARED` a run takes everything.
"""

import os
from pathlib import Path
from zlib import crc32

import pytest

from tests.database.plugin import ENGINE

#: Fixtures and marks of tests in which a database has a part.
_DATABASE = {"db", "transactional_db", "django_db_serialized_rollback", "empty_database_url"}
#: Pages and commands stand on rooms that are tested on both: each file of theirs runs on one of the two.
_ALTERNATELY = ("portal", "cli")
#: What these do is another thing on each.
_ON_BOTH = ("test_backup.py", "test_restore.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not os.environ.get("DATACOOP_TEST_SHARED"):
        return
    left = [item for item in items if not _is_ours(item)]
    items[:] = [item for item in items if _is_ours(item)]
    config.hook.pytest_deselected(items=left)


def _is_ours(item: pytest.Item) -> bool:
    if not (item.get_closest_marker("django_db") or _DATABASE & set(getattr(item, "fixturenames", ()))):
        return ENGINE == "sqlite"
    path = item.path.relative_to(Path(__file__).parents[1])
    if item.get_closest_marker("in_turns"):
        return _of(item.nodeid) == ENGINE
    if path.parts[0] in _ALTERNATELY and path.name not in _ON_BOTH:
        return _of(path.as_posix()) == ENGINE
    return True


def _of(name: str) -> str:
    return ("sqlite", "postgresql")[crc32(name.encode()) % 2]
