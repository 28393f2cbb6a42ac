"""The database's version: which migrations are missing, and applying them."""

from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from datacoop.cli.answers import Refused, count
from datacoop.pipelines.keeping import unfinished


def make_folder(folder: Path) -> None:
    """Make the data folder, readable by its owner alone. Raises: Refused."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"{folder} cannot be made ({error.strerror}): set DATACOOP_DATA_DIR.") from error


def list_missing() -> list[str]:
    """Names of the migrations still to apply, in order, as `room.0001_initial`."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate() -> list[str]:
    """Apply what is missing and return the names. Raises: Refused if the database cannot be reached."""
    try:
        missing = list_missing()
        if missing:
            call_command("migrate", interactive=False, verbosity=0, stdout=StringIO())
    except DatabaseError as error:
        raise Refused(unreachable(error)) from error
    return missing


def refuse_unmigrated() -> None:
    """Stop a command that needs the tables before it fails half-way, or amid a restore. Raises: Refused."""
    refuse_restoring()
    try:
        missing = list_missing()
    except DatabaseError as error:
        raise Refused(unreachable(error)) from error
    if missing:
        raise Refused(f"The database lacks {count(len(missing), 'migration')}: run `datacoop migrate` first.")


def refuse_restoring() -> None:
    """Stop a command where a restore is not done yet; from here on none begins. Raises: Refused."""
    try:
        unfinished.take_part()
    except unfinished.InUse as error:
        raise Refused(str(error)) from error
    if unfinished.is_unfinished():
        raise Refused("A restore was interrupted: run `datacoop restore --resume`. Until then nothing is served.")


def unreachable(error: DatabaseError) -> str:
    """The sentence for a database that refuses: the driver's words on connecting carry no value."""
    reason = " ".join(str(error).split())
    return f"The database refuses ({reason[:300]}): look at DATACOOP_DATABASE_URL."
