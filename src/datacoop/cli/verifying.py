"""Runs the checks of `datacoop verify` and counts what they find; a check is a stream of sentences."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field

import click
from django.db import DatabaseError

from datacoop.ledger.signing import KeyUnusable

Check = Callable[[], Iterable[str]]
KEPT = 10_000


@dataclass
class Outcome:
    """What a check found; `failure` is the kind of error that kept it from finishing, empty if none did."""

    check: str
    count: int = 0
    differences: list[str] = field(default_factory=list)
    failure: str = ""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def run(name: str, check: Check, *, aloud: bool) -> Outcome:
    """Run a check to its end: each difference is said at once, or kept (the first ten thousand) for JSON."""
    outcome = Outcome(name)
    try:
        for difference in check():
            outcome.count += 1
            if aloud:
                click.echo(difference)
            elif outcome.count <= KEPT:
                outcome.differences.append(difference)
    except DatabaseError as error:
        outcome.failure = type(error).__name__
        click.echo(f"datacoop: {name} could not be checked ({outcome.failure}).", err=True)
    except KeyUnusable as error:
        outcome.failure = type(error).__name__
        click.echo(f"datacoop: {name} could not be checked. {error}", err=True)
    return outcome
