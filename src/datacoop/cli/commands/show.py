"""Print a record as somebody gets it from the API: the public, a client, or its subject."""

import uuid
from datetime import UTC, datetime

import click
import orjson

from datacoop.cli import schema
from datacoop.cli.answers import Refused
from datacoop.disclosure.actions import settle
from datacoop.disclosure.describe import self_body
from datacoop.disclosure.readers import PUBLIC, Reader, reader_of_agreement
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found, Moved
from datacoop.kinds.definition import all_kinds

UNKNOWN = "There is no such record."


@click.command(help=__doc__)
@click.argument("uid", metavar="UID")
@click.option("--as", "reader", required=True, metavar="public|client:ID|self")
def command(uid: str, reader: str) -> None:
    schema.refuse_unmigrated()
    now = datetime.now(UTC)
    if reader == "self":
        body = self_body(uid=_uuid(uid), now=now)
        if body is None:
            raise Refused(UNKNOWN)
        click.echo(orjson.dumps(body).decode())
        return
    settle(now)
    click.echo(as_reader(uid, reader).decode())


def as_reader(uid: str, name: str) -> bytes:
    """Return the body of a record for `public` or `client:ID`, whatever its kind."""
    with reading() as r:
        who: Reader | None = PUBLIC
        if name.startswith("client:"):
            who = reader_of_agreement(r, name.removeprefix("client:"))
        elif name != "public":
            raise Refused("Say --as public, --as client:ID or --as self.")
        if who is None:
            raise Refused("There is no running agreement of this client.")
        for kind in all_kinds():
            found = get(r, who, kind, uid)
            if isinstance(found, Moved):
                found = get(r, who, kind, found.id)
            if isinstance(found, Found):
                return found.body
    raise Refused(UNKNOWN)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Refused(UNKNOWN) from error
