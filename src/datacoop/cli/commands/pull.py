"""Pull lists from their addresses."""

from datetime import UTC, datetime

import click

from datacoop.cli import schema
from datacoop.cli.answers import FINDINGS, Refused, answer, json_option
from datacoop.cli.lists import one_list
from datacoop.pipelines.pulling import BUSY, CHANGED, FAILED, HELD, SAME, Pulled, pull

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
    listed = one_list(holder, source) if holder else None
    found = pull(source_id=listed.source_id if listed else None, due_by=datetime.now(UTC) if due else None)
    if listed and not found and not due:
        raise Refused("This list has no address, or is being pulled: see `datacoop holders set --address`.")
    nothing = "No list is due." if due else "No list has an address."
    words = "\n".join(map(_words, found)) or nothing
    answer([_content(each) for each in found], words=words, as_json=as_json)
    return FINDINGS if any(each.outcome in {FAILED, HELD, BUSY} for each in found) else 0


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
