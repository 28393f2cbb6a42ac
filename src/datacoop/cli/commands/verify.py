"""Check the ledger's chain, and recompute what is shown from what was said and decided."""

from collections.abc import Iterator
from datetime import UTC, datetime

import click

from datacoop.cli import schema
from datacoop.cli.answers import FINDINGS, REFUSED, answer, json_option
from datacoop.cli.verifying import Check, run
from datacoop.disclosure import verify as disclosure
from datacoop.ledger import queries as ledger


def views() -> Iterator[str]:
    """Views against statements and grants, index against views."""
    return disclosure.differences(datetime.now(UTC))


CHECKS: dict[str, Check] = {"ledger": ledger.differences, "views": views}


@click.command(help=f"{__doc__}\n\nExit codes: 0 clean, 1 differences, each said, 2 could not check.")
@click.option("--only", type=click.Choice(sorted(CHECKS)), help="One check instead of all.")
@json_option
def command(only: str | None, as_json: bool) -> int:
    schema.refuse_unmigrated()
    names = [only] if only else list(CHECKS)
    outcomes = [run(name, CHECKS[name], aloud=not as_json) for name in names]
    failed = any(outcome.failure for outcome in outcomes)
    count = sum(outcome.count for outcome in outcomes)
    pending = disclosure.pending_records(datetime.now(UTC)) if "views" in names and not failed else 0
    words = f"{count} differences." if count or failed else f"Clean: {', '.join(names)}."
    words += f" {pending} records are still being compiled." if pending else ""
    content = {"checks": [outcome.as_json() for outcome in outcomes], "pending": pending}
    answer(content, words=words, as_json=as_json)
    if failed:
        return REFUSED
    return FINDINGS if count else 0
