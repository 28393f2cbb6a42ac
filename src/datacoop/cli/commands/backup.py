"""Write everything into one encrypted file, while the server runs."""

from datetime import UTC, datetime
from pathlib import Path

import click
from django.conf import settings

from datacoop.cli import schema
from datacoop.cli.answers import Refused, answer, json_option
from datacoop.pipelines.keeping.backing_up import BackupRefused, back_up
from datacoop.pipelines.keeping.database import DatabaseUnfit


@click.command(help=f"{__doc__}\n\nThe passphrase is DATACOOP_BACKUP_PASSPHRASE or in DATACOOP_BACKUP_PASSPHRASE_FILE.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def command(file: Path, as_json: bool) -> None:
    schema.refuse_unmigrated()
    try:
        made = back_up(file, passphrase=passphrase(), now=datetime.now(UTC))
    except (BackupRefused, DatabaseUnfit) as error:
        raise Refused(str(error)) from error
    except OSError as error:
        raise Refused(f"{error.filename or file} cannot be written ({error.strerror}).") from error
    size = file.stat().st_size
    content = {"file": str(file), "at": made.at, "bytes": size, "engine": made.engine, "ledger": made.tip}
    answer(content, words=f"{file}: {size:,} bytes, ledger up to entry {made.tip}.", as_json=as_json)


def passphrase() -> str:
    """The passphrase of backups. Raises: Refused without one."""
    given = str(settings.DATACOOP_BACKUP_PASSPHRASE)
    if not given:
        raise Refused("Set DATACOOP_BACKUP_PASSPHRASE, or DATACOOP_BACKUP_PASSPHRASE_FILE to a file that holds it.")
    return given
