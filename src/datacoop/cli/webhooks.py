"""`datacoop clients webhooks …`: where clients are told that their feed has something new, and what did not arrive."""

from datetime import UTC, datetime, timedelta

import click

from datacoop.cli.answers import Refused, answer, count, json_option
from datacoop.cli.options import overlap_option
from datacoop.disclosure.errors import Due
from datacoop.feeds import actions
from datacoop.feeds.actions import WebhookRefused
from datacoop.feeds.queries import MessageFacts, WebhookFacts, list_webhooks

ACTOR = "steward:command"
of_client = click.argument("client_id", metavar="ID")


@click.group(help=__doc__)
def webhooks() -> None:
    """No option is of all of them."""


@webhooks.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the addresses, whether they were reached, and which messages wait or were given up."""
    found = list_webhooks(now=datetime.now(UTC))
    content = [
        {
            "client_id": each.agreement,
            "address": each.address,
            "reached_at": each.reached_at.isoformat() if each.reached_at else None,
            "gone_at": each.gone_at.isoformat() if each.gone_at else None,
            "messages": [_message(message) for message in each.messages],
        }
        for each in found
    ]
    words = "\n".join(line for each in found for line in _lines(each))
    answer(content, words=words or "No client gave an address.", as_json=as_json)


@webhooks.command("set")
@of_client
@click.argument("address", metavar="URL")
@json_option
def set_(client_id: str, address: str, as_json: bool) -> None:
    """Tell client ID at URL from now on; the first time its secret is printed, once."""
    try:
        made = actions.give_address(agreement=client_id, address=address, actor=ACTOR, now=datetime.now(UTC))
    except WebhookRefused as refused:
        raise Refused(str(refused)) from refused
    except Due as due:
        raise Refused("Something is due just now. Try again in a moment.") from due
    words = f"webhook_secret {made}" if made else "The address is changed; the secret stays."
    answer({"client_id": client_id, "webhook_secret": made}, words=words, as_json=as_json)


@webhooks.command()
@of_client
@overlap_option("For so many days messages are signed with the old secret too; 0: somebody saw it.")
@json_option
def secret(client_id: str, overlap: int, as_json: bool) -> None:
    """Give client ID a new secret to check messages by, and print it, once."""
    now = datetime.now(UTC)
    try:
        made = actions.rotate_secret(agreement=client_id, actor=ACTOR, now=now, overlap=timedelta(days=overlap))
    except WebhookRefused as refused:
        raise Refused(str(refused)) from refused
    answer({"client_id": client_id, "webhook_secret": made}, words=f"webhook_secret {made}", as_json=as_json)


@webhooks.command()
@of_client
@click.argument("message", default="")
@json_option
def replay(client_id: str, message: str, as_json: bool) -> None:
    """Say again what was given up: MESSAGE, or all of client ID's in one."""
    try:
        again = actions.say_again(agreement=client_id, message=message, now=datetime.now(UTC))
    except WebhookRefused as refused:
        raise Refused(str(refused)) from refused
    words = "It is said again." if again else "One waits already, and says as much."
    answer({"client_id": client_id, "replayed": again}, words=words, as_json=as_json)


@webhooks.command()
@of_client
@json_option
def remove(client_id: str, as_json: bool) -> None:
    """Tell client ID nothing any more, and forget its address and secret."""
    try:
        actions.remove_address(agreement=client_id, actor=ACTOR, now=datetime.now(UTC))
    except WebhookRefused as refused:
        raise Refused(str(refused)) from refused
    answer({"client_id": client_id, "removed": True}, words="Removed.", as_json=as_json)


def _message(each: MessageFacts) -> dict[str, object]:
    return {
        "id": each.name,
        "made_at": each.made_at.isoformat(),
        "state": "given up" if each.is_dead else "waits",
        "attempts": each.attempts,
        "problem": each.problem or None,
        "status": each.status,
        "next_at": None if each.is_dead else each.due_at.isoformat(),
    }


def _lines(each: WebhookFacts) -> list[str]:
    reached = f"reached {each.reached_at:%Y-%m-%d %H:%M}" if each.reached_at else "never reached"
    state = "wants no more (410)" if each.gone_at else reached
    lines = [f"{each.agreement}  {each.address}  {state}"]
    for message in each.messages:
        said = "given up" if message.is_dead else f"waits until {message.due_at:%Y-%m-%d %H:%M}"
        why = f"{message.problem} {message.status or ''}".strip() or "not tried yet"
        lines.append(f"  {message.name}  {said}, {count(message.attempts, 'attempt')}, {why}")
    return lines
