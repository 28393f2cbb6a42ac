"""Say in plain words how this installation is set up, and what to do about problems."""

from datetime import UTC, datetime

import click

from datacoop.cli import checkup
from datacoop.cli.answers import FINDINGS, answer, json_option


@click.command(help=__doc__)
@json_option
def command(as_json: bool) -> int:
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
