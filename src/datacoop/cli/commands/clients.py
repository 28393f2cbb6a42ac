"""Add, serve and suspend clients: programs that read under signed terms."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import click
from django.conf import settings

from datacoop.accounts import actions as accounts
from datacoop.cli import schema
from datacoop.cli.answers import Refused, answer, count, json_option
from datacoop.cli.options import overlap_option
from datacoop.cli.webhooks import webhooks
from datacoop.clients.actions import ContactError, add_contact, check_contact
from datacoop.clients.suspending import suspend_client
from datacoop.consent import actions as consent
from datacoop.consent.conditions import Conditions, ConditionsError
from datacoop.consent.queries import AgreementFacts, UnknownAudienceError, list_agreements

ACTOR = "steward:command"
_MOST = 1_000_000


@click.group(help=__doc__)
def command() -> None:
    schema.refuse_unmigrated()


command.add_command(webhooks)


@command.command()
@click.argument("name")
@click.option("--terms", required=True, help="public-bodies, non-profits, commercial, or terms of your own.")
@click.option("--live-only", is_flag=True, help="It shows what it asks for and keeps nothing: no exports, no feed.")
@click.option("--country", metavar="CC", help="Where it keeps what it is sent; else where this installation does.")
@click.option("--contact", "contacts", multiple=True, metavar="EMAIL", help="Whom to remind; give two.")
@click.option("--language", default="fr", help="In which language: fr, de, it, en.")
@json_option
def add(
    name: str,
    terms: str,
    live_only: bool,
    country: str | None,
    contacts: Sequence[str],
    language: str,
    as_json: bool,
) -> None:
    """Sign an agreement for client NAME and print its id and secret, once."""
    now = datetime.now(UTC)
    try:
        for each in contacts:
            check_contact(email=each, language=language)
        agreement = consent.add_agreement(
            name=name, terms=terms, actor=ACTOR, now=now, live_only=live_only, conditions=Conditions(_country(country))
        )
    except (UnknownAudienceError, ConditionsError, ContactError) as error:
        raise Refused(str(error)) from error
    for each in contacts:
        add_contact(agreement=agreement, email=each, language=language)
    client_id, client_secret = accounts.add_client(agreement=str(agreement), now=now)
    content = {"client_id": client_id, "client_secret": client_secret, "name": name, "terms": terms}
    words = f"client_id {client_id}\nclient_secret {client_secret}"
    answer(content, words=words, as_json=as_json)


@command.command(name="list")
@json_option
def list_(as_json: bool) -> None:
    """List the clients that signed: id, name, terms, country, and whether each runs, waits or is suspended."""
    rows = [
        {"client_id": each.uid, "name": each.name, "terms": each.terms, "country": each.country, "state": _state(each)}
        for each in list_agreements()
    ]
    answer(rows, words="\n".join("  ".join(row.values()) for row in rows) or "No client has signed.", as_json=as_json)


def _state(each: AgreementFacts) -> str:
    return "suspended" if each.suspended else "waits" if each.waiting else "runs"


def _country(given: str | None) -> str:
    return given.strip().upper() if given else str(settings.DATACOOP_COUNTRY)


@command.command()
@click.argument("client_id", metavar="ID")
@json_option
def token(client_id: str, as_json: bool) -> None:
    """Print an access token of client ID, valid for an hour."""
    try:
        if any(each.uid == client_id and each.suspended for each in list_agreements()):
            raise accounts.ClientRefused
        access_token, expires_at = accounts.issue_token_as_steward(client_id=client_id, now=datetime.now(UTC))
    except accounts.ClientRefused as error:
        raise Refused("There is no such client, or it is suspended.") from error
    content = {"access_token": access_token, "token_type": "Bearer", "expires_at": expires_at.isoformat()}
    answer(content, words=access_token, as_json=as_json)


@command.command()
@click.argument("client_id", metavar="ID")
@overlap_option("For so many days the old secret opens too; 0 ends it, and all tokens, at once: it leaked.")
@json_option
def secret(client_id: str, overlap: int, as_json: bool) -> None:
    """Give client ID a new secret and print it, once."""
    now = datetime.now(UTC)
    try:
        if overlap:
            made = accounts.rotate_secret(client_id=client_id, now=now, overlap=timedelta(days=overlap))
        else:
            made = accounts.replace_secret(client_id=client_id, now=now)
    except accounts.ClientRefused as error:
        raise Refused("There is no such client, or its secret was revoked.") from error
    until = (now + timedelta(days=overlap)).isoformat() if overlap else None
    content = {"client_id": client_id, "client_secret": made, "former_until": until}
    answer(content, words=f"client_id {client_id}\nclient_secret {made}", as_json=as_json)


@command.command()
@click.argument("client_id", metavar="ID")
@click.argument("per_minute", metavar="PER_MINUTE|usual")
@json_option
def quota(client_id: str, per_minute: str, as_json: bool) -> None:
    """Let client ID make so many requests a minute, 0 for no limit, or as many as `usual`."""
    if per_minute != "usual" and not (per_minute.isascii() and per_minute.isdigit() and int(per_minute) <= _MOST):
        raise Refused(f"PER_MINUTE is a whole number up to {_MOST}, or `usual`.")
    number = None if per_minute == "usual" else int(per_minute)
    try:
        consent.set_quota(agreement=client_id, per_minute=number, actor=ACTOR, now=datetime.now(UTC))
    except UnknownAudienceError as error:
        raise Refused("There is no such client, or it is suspended.") from error
    answer({"client_id": client_id, "per_minute": number}, words=f"From now on: {per_minute}.", as_json=as_json)


@command.command()
@click.argument("client_id", metavar="ID")
@json_option
def suspend(client_id: str, as_json: bool) -> None:
    """Suspend the agreement of client ID now, and end its tokens: it may acknowledge erasures, and nothing else."""
    try:
        ended = suspend_client(agreement=client_id, actor=ACTOR, now=datetime.now(UTC))
    except UnknownAudienceError as error:
        raise Refused("There is no such client, or it is suspended.") from error
    content = {"client_id": client_id, "tokens_ended": ended}
    answer(content, words=f"Suspended; {count(ended, 'token')} ended.", as_json=as_json)
