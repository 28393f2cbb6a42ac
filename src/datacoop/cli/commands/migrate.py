"""Bring the database to the version of the program; safe to repeat."""

import click

from datacoop.cli import schema
from datacoop.cli.answers import answer, count, json_option


@click.command(help=__doc__)
@json_option
def command(as_json: bool) -> None:
    schema.refuse_restoring()
    applied = schema.migrate()
    words = "\n".join([*applied, f"{count(len(applied), 'migration')} applied."])
    answer({"migrations": applied}, words=words, as_json=as_json)
