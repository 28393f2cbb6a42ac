"""Options that several commands take, said once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from datacoop.accounts.rules import LONGEST_OVERLAP, OVERLAP

_Command = TypeVar("_Command", bound=Callable[..., Any])

#: The language of workbooks that somebody takes along.
language_option = click.option(
    "--language", default="fr", show_default=True, help="Of words that we chose, such as themes."
)


def overlap_option(words: str) -> Callable[[_Command], _Command]:
    """For how many days what is followed by another holds too; `words` say what 0 means here."""
    days = click.IntRange(0, LONGEST_OVERLAP.days)
    return click.option("--overlap", type=days, default=OVERLAP.days, show_default=True, help=words)


def into_option(words: str) -> Callable[[_Command], _Command]:
    """The folder, made where it is missing, for what is taken along."""
    return click.option("--into", type=click.Path(file_okay=False, path_type=Path), required=True, help=words)
