"""`datacoop holders invite` and `dismiss`: who may act for a holder."""

from datetime import UTC, datetime, timedelta

import click
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from datacoop.accounts.actions import create_link
from datacoop.accounts.queries import find_account
from datacoop.cli import links
from datacoop.cli.answers import Refused, answer, json_option
from datacoop.pipelines.guarding import LONGEST_NAME
from datacoop.pipelines.inviting import AccountClosed, AddressTooLong, check_address, dismiss, invite
from datacoop.sources.actions import register_holder
from datacoop.sources.owning import find_holder_named

ACTOR = "steward:command"


@click.command("invite")
@click.argument("holder")
@click.argument("email")
@click.option("--minutes", type=click.IntRange(1, 7 * 24 * 60), default=24 * 60, show_default=True)
@json_option
def invite_to_holder(holder: str, email: str, minutes: int, as_json: bool) -> None:
    """Let EMAIL act for HOLDER on its own pages, and print a one-time sign-in link. Sends nothing.

    An unknown HOLDER is registered. Repeating it prints a new link.
    """
    try:
        validate_email(email)
        check_address(email)
    except ValidationError as error:
        raise Refused(f"“{email}” is no e-mail address.") from error
    except AddressTooLong as error:
        raise Refused(str(error)) from error
    if not 0 < len(holder.strip()) <= LONGEST_NAME:
        raise Refused(f"A holder's name has 1 to {LONGEST_NAME} characters.")
    now = datetime.now(UTC)
    uid = register_holder(name=holder.strip(), now=now)
    try:
        is_new = invite(holder=uid, email=email, actor=ACTOR, now=now)
    except AccountClosed as closed:
        raise Refused(str(closed)) from closed
    url = links.sign_in(create_link(email=email, now=now, lifetime=timedelta(minutes=minutes)) or "")
    content = {"holder": holder.strip(), "email": email, "invited": is_new, "url": url, "minutes": minutes}
    answer(content, words=url, as_json=as_json)


@click.command("dismiss")
@click.argument("holder")
@click.argument("email")
@json_option
def dismiss_from_holder(holder: str, email: str, as_json: bool) -> None:
    """End at once what EMAIL may do for HOLDER."""
    found, account = find_holder_named(holder), find_account(email)
    now = datetime.now(UTC)
    if not (found and account and dismiss(holder=found.uid, account_id=account.pk, actor=ACTOR, now=now)):
        raise Refused("Nobody of this address acts for this holder.")
    answer({"holder": holder, "email": email, "dismissed": True}, words="Done.", as_json=as_json)
