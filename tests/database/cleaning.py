"""Brings the test database back to what migrations left, in milliseconds, on both engines.

Django's flush would empty the tables that migrations seeded, forget the text indexes, and send post_migrate
after each test.
"""

import sqlite3

from django.db import connection

_TABLES = """
    SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
    WHERE n.nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname
"""
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"

_snapshot: sqlite3.Connection | None = None
_tables: list[str] = []
_seeded: set[str] = set()
_sequences: list[tuple[str, int | None]] = []


def remember() -> None:
    """Keep the content of the freshly migrated database."""
    if connection.vendor == "sqlite":
        _remember_sqlite()
    else:
        _remember_postgresql()


def restore() -> None:
    """Undo everything committed since `remember`. Other threads must have no write open."""
    if connection.vendor == "sqlite":
        _restore_sqlite()
    else:
        _restore_postgresql()


def _remember_sqlite() -> None:
    global _snapshot  # noqa: PLW0603 (one per session)
    connection.ensure_connection()
    _snapshot = sqlite3.connect(":memory:", check_same_thread=False)
    connection.connection.backup(_snapshot)


def _restore_sqlite() -> None:
    assert _snapshot is not None
    connection.ensure_connection()
    _snapshot.backup(connection.connection)


def _remember_postgresql() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        _tables[:] = [name for (name,) in cursor.fetchall()]
        _seeded.update(_filled(cursor))
        cursor.execute("CREATE SCHEMA IF NOT EXISTS seed")
        for name in _seeded:
            cursor.execute(f'CREATE TABLE seed."{name}" AS SELECT * FROM public."{name}"')
        cursor.execute(_SEQUENCES)
        _sequences[:] = cursor.fetchall()


def _restore_postgresql() -> None:
    with connection.cursor() as cursor:
        # Neither triggers nor foreign keys look: the order of tables does not matter.
        cursor.execute("SET session_replication_role = replica; SET lock_timeout = '20s'")
        for name in _seeded | _filled(cursor):
            cursor.execute(f'DELETE FROM public."{name}"')
        for name in _seeded:
            cursor.execute(f'INSERT INTO public."{name}" SELECT * FROM seed."{name}"')
        for name, last in _sequences:
            cursor.execute("SELECT setval(%s::regclass, %s, %s)", [f'public."{name}"', last or 1, last is not None])
        cursor.execute("RESET session_replication_role; RESET lock_timeout")


def _filled(cursor: object) -> set[str]:
    question = " UNION ALL ".join(
        f"""SELECT '{name}' WHERE EXISTS (SELECT 1 FROM public."{name}")""" for name in _tables
    )
    cursor.execute(question)  # type: ignore[attr-defined]
    return {name for (name,) in cursor.fetchall()}  # type: ignore[attr-defined]
