"""Pull lists from their addresses, and follow other cooperatives' feeds."""

from datetime import UTC, datetime

import click

from datacoop.cli import schema
from datacoop.cli.answers import FINDINGS, Refused, answer, json_option
from datacoop.cli.feeds import followed, in_words, told
from datacoop.cli.lists import one_list
from datacoop.pipelines.pulling import BUSY, CHANGED, FAILED, HELD, SAME, Pulled, pull
from datacoop.sources.feeds import find_feed

WORDS = {CHANGED: "taken in", SAME: "unchanged", HELD: "waits for a steward", FAILED: "failed", BUSY: "later"}


@click.command(
    help=f"{__doc__}\n\nWithout options: all that have an address. Describe a list with `datacoop holders set`."
    "\n\nExit codes: 0 done, 1 a pull failed, waits for another import or for a steward, 2 refused."
)
@click.option("--due", is_flag=True, help="Only those whose time has come.")
@click.option("--holder", help="Only the list of this holder.")
@click.option("--source", help="With --holder: which of its lists.")
@json_option
def command(due: bool, holder: str | None, source: str | None, as_json: bool) -> int:
    schema.refuse_unmigrated()
    if source and not holder:
        raise click.UsageError("--source goes with --holder.")
    feeds = followed(holder, due=due) if not source else []
    listed = one_list(holder, source) if holder and not feeds and not find_feed(holder) else None
    due_by = datetime.now(UTC) if due else None
    found = pull(source_id=listed.source_id if listed else None, due_by=due_by) if listed or not holder else []
    if listed and not found and not due:
        raise Refused("This list has no address, or is being pulled: see `datacoop holders set --address`.")
    nothing = "No list is due." if due else "No list has an address."
    words = "\n".join([*map(_words, found), *map(in_words, feeds)]) or nothing
    answer([*map(_content, found), *map(told, feeds)], words=words, as_json=as_json)
    outcomes = {each.outcome for each in found} | {each.outcome for each in feeds}
    return FINDINGS if outcomes & {FAILED, HELD, BUSY} else 0


def _content(pulled: Pulled) -> dict[str, object]:
    return {
        "holder": pulled.holder,
        "source": pulled.name,
        "outcome": pulled.outcome,
        "code": pulled.code or None,
        "detail": pulled.detail or None,
        "message": pulled.message or None,
        "doubts": [each.as_json() for each in pulled.doubts],
    }


def _words(pulled: Pulled) -> str:
    told = f"{pulled.holder} – {pulled.name}: {WORDS[pulled.outcome]}"
    return f"{told}: {pulled.message}" if pulled.message else f"{told}."
