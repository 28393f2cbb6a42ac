"""Say in plain words how this installation is set up, and what to do about problems."""

from dataclasses import asdict
from datetime import UTC, datetime

import click

from datacoop.cli import checkup
from datacoop.cli.answers import FINDINGS, answer, json_option
from datacoop.rights.rules.registry import tables


@click.command(help=__doc__)
@click.option(
    "--processing",
    is_flag=True,
    help="Print the record of processing instead: what is kept, what for, how long (LPD 12; GDPR 30).",
)
@json_option
def command(processing: bool, as_json: bool) -> int:
    return _processing(as_json) if processing else _setup(as_json)


def _processing(as_json: bool) -> int:
    kept = [table for table in tables().values() if table.is_personal]
    lines = [
        f"{each.name}\n    Holds: {each.holds}\n    Purpose: {each.purpose} Basis: {each.basis}.\n"
        f"    Kept: {each.kept}\n    Erasure: {each.erased}"
        for each in kept
    ]
    answer({"tables": [asdict(each) for each in kept]}, words="\n".join(lines), as_json=as_json)
    return 0


def _setup(as_json: bool) -> int:
    settings = checkup.list_settings()
    problems = checkup.list_problems(datetime.now(UTC))
    hints = checkup.list_hints()
    content = {
        "settings": [{"name": one.name, "value": one.value, "meaning": one.meaning} for one in settings],
        "problems": problems,
        "hints": hints,
    }
    lines = [f"{one.name} = {one.value}\n    {one.meaning}" for one in settings]
    lines += [f"PROBLEM  {problem}" for problem in problems] or ["No problems found."]
    lines += [f"HINT  {hint}" for hint in hints]
    answer(content, words="\n".join(lines), as_json=as_json)
    return FINDINGS if problems else 0
