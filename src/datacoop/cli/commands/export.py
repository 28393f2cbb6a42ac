"""Write everything an audience has of one kind, in one format."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

import click
from django.conf import settings

from datacoop.cli import schema
from datacoop.cli.answers import Refused
from datacoop.disclosure.actions import settle
from datacoop.disclosure.readers import PUBLIC, Reader, reader_of_agreement
from datacoop.disclosure.reading import Reading, reading
from datacoop.feeds import hsds_files
from datacoop.feeds.exports import export
from datacoop.feeds.formatting import Context, Format
from datacoop.feeds.licensing import licence, terms
from datacoop.feeds.registry import formats_of
from datacoop.kinds.definition import Kind, all_kinds


@click.command(help=__doc__)
@click.argument("kind")
@click.option("--format", "form", required=True, help="csv, ndjson, geojson, jsonld, ics, hsds, parquet …")
@click.option("--as", "reader", default="public", show_default=True, metavar="public|client:ID")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; by default standard output."
)
def command(kind: str, form: str, reader: str, output: Path | None) -> None:
    schema.refuse_unmigrated()
    asked = _kind(kind)
    layout = _format(asked, form)
    settle(datetime.now(UTC))
    with reading() as r:
        who = _reader(r, reader)
        base = str(settings.DATACOOP_BASE_URL)
        context = Context(
            asked, base, licence(public=who is PUBLIC), terms(), open_only=who is PUBLIC, has_pages=who is PUBLIC
        )
        stream = _opened(output) if output else sys.stdout.buffer
        try:
            for chunk in export(r, who, layout, context):
                stream.write(chunk)
        finally:
            stream.flush()
            if output:
                stream.close()


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("wb")
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}.") from error


def _kind(asked: str) -> Kind:
    for kind in all_kinds().values():
        if asked in {kind.name, kind.plural} and kind.list_route:
            return kind
    listed = ", ".join(k.plural for k in all_kinds().values() if k.list_route)
    raise Refused(f"There is no list of “{asked}”. Use one of: {listed}.")


def _format(kind: Kind, name: str) -> Format:
    known = [*formats_of(kind), *([cast(Format, hsds_files)] if hsds_files.applies(kind) else [])]
    for layout in known:
        if name in {layout.NAME, layout.EXTENSION}:
            return layout
    raise Refused(f"{kind.plural} cannot be written as “{name}”. Use: {', '.join(f.NAME for f in known)}.")


def _reader(r: Reading, name: str) -> Reader:
    if name == "public":
        return PUBLIC
    if not name.startswith("client:"):
        raise Refused("Say --as public or --as client:ID.")
    who = reader_of_agreement(r, name.removeprefix("client:"))
    if who is None:
        raise Refused("There is no running agreement of this client.")
    return who
