"""Enter the subject's word: an audience sees, or does not see, a property of their record."""

import uuid
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click

from datacoop.cli import schema
from datacoop.cli.answers import Refused, answer, json_option
from datacoop.consent.actions import DecisionError, Wish, decide
from datacoop.consent.queries import UnknownAudienceError
from datacoop.consent.speaking import concerns_person

ACTOR = "steward:command"
ZONE = ZoneInfo("Europe/Zurich")


@click.command(help=__doc__)
@click.argument("uid", metavar="UID")
@click.option("--property", "name", help="One property; without it the whole record.")
@click.option("--audience", required=True, help="public, cooperators, terms:T or agreement:ID, and all below it.")
@click.option("--show/--hide", "shows", default=None, help="Show, or hide.")
@click.option("--until", help="ISO 8601; Europe/Zurich where no offset is given.")
@click.option("--reason", required=True, help="How the subject said so; kept with the decision.")
@click.option("--person-said-so", "heard", is_flag=True, help="To show a person: --reason tells how they said so.")
@json_option
def command(
    uid: str, name: str | None, audience: str, shows: bool | None, until: str | None, reason: str, heard: bool,
    as_json: bool,
) -> None:  # fmt: skip
    schema.refuse_unmigrated()
    if shows is None:
        raise Refused("Say --show or --hide.")
    if not reason.strip():
        raise Refused("Say with --reason how the subject said so.")
    if shows and not heard and _is_of_person(uid):
        raise Refused("This shows a person. Say in --reason how they said so themselves, and add --person-said-so.")
    wish = Wish(audience=audience, shows=shows, property=name, until=_instant(until) if until else None)
    try:
        number = decide(uid=uuid.UUID(uid), wish=wish, actor=ACTOR, reason=reason, now=datetime.now(UTC))
    except (DecisionError, UnknownAudienceError) as error:
        raise Refused(str(error)) from error
    except ValueError as error:
        raise Refused(f"“{uid}” is not a record's id.") from error
    done = f"{'Shown to' if shows else 'Hidden from'} {audience}: in force since revision {number}."
    answer({"revision": number}, words=done, as_json=as_json)


def _is_of_person(uid: str) -> bool:
    try:
        return concerns_person(uuid.UUID(uid))
    except ValueError as error:
        raise Refused(f"“{uid}” is not a record's id.") from error


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"“{text}” is not a time: write it like 2027-01-31T18:00.") from error
    return found if found.tzinfo else found.replace(tzinfo=ZONE)
