"""Load the geography that locates addresses offline."""

from pathlib import Path

import click
from django.conf import settings

from datacoop.cli.answers import Refused, answer, json_option
from datacoop.sources.addressing import country_code
from datacoop.sources.localities import parse_localities, save_localities
from datacoop.sources.readers.table import ListRefused


@click.group(help=__doc__)
def command() -> None:
    pass


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--country", metavar="CC", help="Of a list that does not say it; of a list of many, the one to take.")
@json_option
def load(file: Path, country: str | None, as_json: bool) -> None:
    """Load a list of localities: the Swiss official one (swisstopo, CSV), or that of another country.

    Others: the postal codes of GeoNames (one text file per country), or a CSV that names a postcode and a town.
    Loaded again, a country's list replaces the earlier one. A running server reads it with its next import.
    """
    land = country_code(country) if country else None
    if country and land is None:
        raise Refused(f"There is no country “{country}”: write two letters, like FR.")
    try:
        counts = save_localities(parse_localities(file, land), Path(settings.DATACOOP_DATA_DIR))
    except ListRefused as refused:
        raise Refused(f"{file.name}: {refused.message} Nothing was loaded.") from refused
    words = "\n".join(f"{code}: {count} localities loaded." for code, count in counts.items())
    answer({"localities": sum(counts.values()), "countries": counts}, words=words, as_json=as_json)
