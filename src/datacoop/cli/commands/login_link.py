"""Print a one-time sign-in link for an account."""

from datetime import UTC, datetime, timedelta

import click

from datacoop.accounts import actions
from datacoop.cli import links, schema
from datacoop.cli.answers import Refused, answer, json_option


@click.command(help=__doc__)
@click.argument("email")
@click.option("--minutes", type=click.IntRange(1, 7 * 24 * 60), default=15, show_default=True)
@click.option("--steward", is_flag=True, help="Open a steward's account for this address if there is none.")
@json_option
def command(email: str, minutes: int, steward: bool, as_json: bool) -> None:
    schema.refuse_unmigrated()
    now = datetime.now(UTC)
    if steward:
        actions.open_account(email=email, name="", now=now, is_steward=True)
    token = actions.create_link(email=email, now=now, lifetime=timedelta(minutes=minutes))
    if token is None:
        raise Refused("There is no active account with this address.")
    url = links.sign_in(token)
    answer({"url": url, "minutes": minutes}, words=url, as_json=as_json)
