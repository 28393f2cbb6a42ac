"""How commands answer: words for people, JSON on request, refusals as one sentence. Knows no room."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

FINDINGS = 1
REFUSED = 2

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Refused(Exception):
    """The command cannot or may not do it: one sentence for a person, exit code 2."""


def count(number: int, what: str) -> str:
    """Return a number with its noun: 1 row, 2 rows."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def json_option(function: _Command) -> _Command:
    """The option `--json`, as parameter `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")(function)


def answer(content: object, *, words: str, as_json: bool) -> None:
    """Print one answer: `content` as JSON if asked for, else `words`."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2) if as_json else words)
