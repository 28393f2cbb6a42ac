"""Looking for a canary where it must not be: in every column of every table, and in the bytes of files."""

from pathlib import Path

from django.db import connection

from datacoop.lib.sql import select


def tables() -> list[str]:
    """Every table there is, those of the text index too; virtual ones are seen by the tables behind them."""
    if connection.vendor == "sqlite":
        sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        return sorted(name for (name,) in select(sql))
    return sorted(
        name for (name,) in select("SELECT tablename FROM pg_tables WHERE schemaname = ANY (current_schemas(false))")
    )


def tables_with(canaries: list[str]) -> list[str]:
    """`table.column: canary` wherever a canary stands, as text or as bytes, however its letters are folded."""
    found = set()
    for table in tables():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description or ()]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    text = _bytes(value)
                    found |= {f"{table}.{column}: {each}" for each in canaries if each.lower().encode() in text}
    return sorted(found)


def files_with(folder: Path, canaries: list[str]) -> list[str]:
    """`file: canary` wherever the bytes of a file hold a canary."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes().lower()
        found += [f"{path.relative_to(folder)}: {each}" for each in canaries if each.lower().encode() in content]
    return found


def _bytes(value: object) -> bytes:
    raw = bytes(value) if isinstance(value, bytes | memoryview | bytearray) else str(value).encode()
    return raw.lower()
