"""Serve portal and API, and run background jobs beside them."""

import click

from datacoop.cli import schema, serving


@click.command(help=__doc__)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--no-jobs", is_flag=True, help="Leave background jobs to another process.")
def command(host: str, port: int, workers: int, no_jobs: bool) -> None:
    schema.refuse_unmigrated()
    place = serving.Place(serving.address_of(host), port)
    serving.refuse_taken(place)
    serving.serve(place, workers=workers, with_jobs=not no_jobs)
