"""Load the geography that locates addresses offline."""

from pathlib import Path

import click
from django.conf import settings

from datacoop.cli.answers import Refused, answer, json_option
from datacoop.sources.places import LOCALITIES, parse_localities, save_localities
from datacoop.sources.readers.table import ListRefused


@click.group(help=__doc__)
def command() -> None:
    pass


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def load(file: Path, as_json: bool) -> None:
    """Load the official list of localities (swisstopo, CSV)."""
    try:
        count = save_localities(parse_localities(file), Path(settings.DATACOOP_DATA_DIR) / LOCALITIES)
    except (ListRefused, ValueError, KeyError) as error:
        raise Refused(f"{file.name} is not the official list of localities: {error}") from error
    answer({"localities": count}, words=f"{count} localities loaded.", as_json=as_json)
