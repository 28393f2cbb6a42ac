"""Add, serve and suspend clients: programs that read under signed terms."""

from datetime import UTC, datetime

import click

from datacoop.accounts import actions as accounts
from datacoop.cli import schema
from datacoop.cli.answers import Refused, answer, json_option
from datacoop.consent import actions as consent
from datacoop.consent.queries import UnknownAudienceError

ACTOR = "steward:command"


@click.group(help=__doc__)
def command() -> None:
    schema.refuse_unmigrated()


@command.command()
@click.argument("name")
@click.option("--terms", required=True, help="public-bodies, non-profits, commercial, or terms of your own.")
@json_option
def add(name: str, terms: str, as_json: bool) -> None:
    """Sign an agreement for client NAME and print its id and secret, once."""
    now = datetime.now(UTC)
    try:
        agreement = consent.add_agreement(name=name, terms=terms, actor=ACTOR, now=now)
    except UnknownAudienceError as error:
        raise Refused(str(error)) from error
    client_id, client_secret = accounts.add_client(agreement=str(agreement), now=now)
    content = {"client_id": client_id, "client_secret": client_secret, "name": name, "terms": terms}
    words = f"client_id {client_id}\nclient_secret {client_secret}"
    answer(content, words=words, as_json=as_json)


@command.command()
@click.argument("client_id", metavar="ID")
@json_option
def token(client_id: str, as_json: bool) -> None:
    """Print an access token of client ID, valid for an hour."""
    try:
        access_token, expires_at = accounts.issue_token_as_steward(client_id=client_id, now=datetime.now(UTC))
    except accounts.ClientRefused as error:
        raise Refused("There is no such client, or it is suspended.") from error
    content = {"access_token": access_token, "token_type": "Bearer", "expires_at": expires_at.isoformat()}
    answer(content, words=access_token, as_json=as_json)


@command.command()
@click.argument("client_id", metavar="ID")
@json_option
def suspend(client_id: str, as_json: bool) -> None:
    """End the agreement, the secret and all tokens of client ID now."""
    now = datetime.now(UTC)
    try:
        # The tokens first: they are the door.
        ended = accounts.suspend_client(client_id=client_id, now=now)
    except accounts.ClientRefused as error:
        raise Refused("There is no such client.") from error
    try:
        consent.suspend_agreement(agreement=client_id, actor=ACTOR, now=now)
    except UnknownAudienceError as error:
        raise Refused(str(error)) from error
    content = {"client_id": client_id, "tokens_ended": ended}
    answer(content, words=f"Suspended; {ended} tokens ended.", as_json=as_json)
