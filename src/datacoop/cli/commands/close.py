"""End the cooperative: tell everybody of the day, then give lists back, erase, and publish the ledger's head."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from django.conf import settings

from datacoop.cli import schema
from datacoop.cli.answers import FINDINGS, Refused, answer, count, json_option
from datacoop.cli.leaving import ACTOR, folder_name, written
from datacoop.cli.options import into_option, language_option
from datacoop.ledger.checkpoints import CheckpointFacts
from datacoop.ledger.signing import public_keys
from datacoop.lib.files import write_over
from datacoop.pipelines import closing
from datacoop.pipelines.contribute import ContributionRefused
from datacoop.pipelines.leaving import Standing
from datacoop.rights.actions.closing import NotAnnounced, Told, announce, check_day, closing_day

HEAD = "ledger-head.json"


def confirmed(function: Callable[..., Any]) -> Callable[..., Any]:
    """The option `--confirm`, as parameter `confirm`."""
    words = "The name of this installation, the host of DATACOOP_BASE_URL: without it nothing is done, and it is said."
    return click.option("--confirm", default="", metavar="NAME", help=words)(function)


@click.group(help=f"{__doc__}\n\nThe whole way stands in docs/operate/closing.md.")
def command() -> None:
    schema.refuse_unmigrated()


@command.command("announce")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day, 30 days ahead at least.")
@confirmed
@json_option
def announce_(day: datetime, confirm: str, as_json: bool) -> None:
    """Tell every account and every client's contacts of the day, by mail: the worker must run. It can be put off."""
    on, now = day.date(), datetime.now(UTC)
    try:
        is_new = check_day(on, now=now)
        _check(confirm)
        told = announce(on=on, actor=ACTOR, now=now)
    except NotAnnounced as error:
        raise Refused(str(error)) from error
    content = {"on": on.isoformat(), "told": told.accounts + told.clients, **vars(told)}
    again = f"Everybody was told of {on} already: nobody is told again."
    answer(content, words=_told(told, on) if is_new else again, as_json=as_json)


def _told(told: Told, on: date) -> str:
    who = f"{count(told.accounts, 'account')} and the contacts of {count(told.clients, 'client')}"
    silent = f"\nNobody is known who could be told for: {', '.join(told.silent)}." if told.silent else ""
    return f"{who} are told that it ends on {on}.{silent}"


@command.command("finish")
@into_option("A folder for what goes back: one for each holder with a workbook for each list, and the ledger's head.")
@language_option
@click.option("--dry-run", is_flag=True, help="Say what is still there and change nothing.")
@confirmed
@json_option
def finish(into: Path, language: str, dry_run: bool, confirm: str, as_json: bool) -> int:
    """Give lists back, end all access, erase everything said of anybody, sign the ledger's end. Stopped, call it again.

    Exit 1 while clients still have to acknowledge what they erased: keep serving until then.
    """
    if not dry_run:
        _check(confirm)
        _check_day(datetime.now(UTC).date())
        made = _closed(into, language)
        _publish(into, made.head)
    left = closing.remaining()
    day = closing_day()
    content = {"on": day.isoformat() if day else None, "name": _name(), "done": not dry_run, **vars(left)}
    words = (
        f"Still there: {count(left.lists, 'list')}, {count(left.clients, 'client')} with access,"
        f" {count(left.records, 'record')}. Not confirmed: {count(left.owed, 'erasure')}."
    )
    if dry_run:
        words += f" The day: {day or 'not announced'}. To confirm: --confirm {_name()}"
    answer(content, words=words, as_json=as_json)
    return FINDINGS if left.owed else 0


def _check(confirm: str) -> None:
    if confirm != _name():
        raise Refused(f"This cannot be undone. If it is meant, say --confirm {_name()}. Nothing was changed.")


def _check_day(today: date) -> None:
    day = closing_day()
    if day is None:
        raise Refused("Nobody was told: `datacoop close announce` comes first. Nothing was changed.")
    if today < day:
        raise Refused(f"People have until {day} to take away what is theirs. Nothing was changed.")


def _name() -> str:
    return urlsplit(settings.DATACOOP_BASE_URL).hostname or "localhost"


def _closed(into: Path, language: str) -> closing.Closed:
    """Raises: Refused."""

    def write(each: Standing) -> None:
        written(each, into / folder_name(each.holder), language=language)

    try:
        return closing.close(write=write, actor=ACTOR)
    except ContributionRefused as refused:
        raise Refused(f"{refused} Call it again.") from refused


def _publish(into: Path, head: CheckpointFacts | None) -> None:
    """Write what everybody may keep: the last signed checkpoint, and the keys to check it and all before it with."""
    if head is None:
        return
    content = {"statement": head.statement(), "signed": head.signed, "keys": public_keys()}
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_over(into / HEAD, json.dumps(content, indent=2).encode() + b"\n")
