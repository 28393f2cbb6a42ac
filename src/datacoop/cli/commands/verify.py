"""Check the ledger's chain, and recompute what is shown from what was said and decided."""

from collections.abc import Iterable
from importlib import import_module

import click

from datacoop.cli import schema
from datacoop.cli.answers import FINDINGS, REFUSED, answer, json_option
from datacoop.cli.verifying import Check, run
from datacoop.ledger import queries as ledger


def views() -> Iterable[str]:
    """Views against statements and grants, index against views."""
    found: Iterable[str] = import_module("datacoop.disclosure.verify").differences()
    return found


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
    words = f"{count} differences." if count or failed else f"Clean: {', '.join(names)}."
    answer([outcome.as_json() for outcome in outcomes], words=words, as_json=as_json)
    if failed:
        return REFUSED
    return FINDINGS if count else 0
