"""Prepare the data folder, the secret key and the database; safe to repeat."""

import click
from django.conf import settings

from datacoop.cli import schema
from datacoop.cli.answers import answer, count, json_option


@click.command(help=__doc__)
@json_option
def command(as_json: bool) -> None:
    folder = settings.DATACOOP_DATA_DIR
    schema.make_folder(folder)
    schema.refuse_restoring()
    applied = schema.migrate()
    # The secret key was made when the settings were loaded.
    words = f"Data folder {folder} and database are ready ({count(len(applied), 'migration')} applied)."
    answer({"data_dir": str(folder), "migrations": applied}, words=words, as_json=as_json)
