"""Measure: requests a second, delays and CPU, beside the limits of the same run."""

import json
import os
import select
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from django.conf import settings

from datacoop.cli import schema, serving
from datacoop.cli.answers import Refused
from datacoop.lib.postgresql import Missing
from datacoop.pipelines.bench import alone as queries_alone
from datacoop.pipelines.bench import deciding as decisions
from datacoop.pipelines.bench import febrl, fodors_zagats, importing, linking, reading, registering
from datacoop.pipelines.bench import fixed as fixed_answers
from datacoop.pipelines.bench import indexed as indexing
from datacoop.pipelines.bench.installation import Installation, MeasureFailed
from datacoop.pipelines.bench.measuring import QUICK, Plan
from datacoop.pipelines.bench.pouring import pour as pour_in
from datacoop.pipelines.bench.report import Measure
from datacoop.pipelines.bench.storing import store as store_corpus


@click.group(help=__doc__)
def command() -> None:
    pass


def _list_of(known: Callable[[str], object]) -> Callable[[Any, Any, str], tuple[str, ...]]:
    def parse(_context: Any, _option: Any, text: str) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
        try:
            for each in found:
                known(each)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error
        return found

    return parse


def _size_of(_context: Any, _option: Any, text: str | None) -> int | None:
    try:
        return reading.size_of(text) if text else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _database(name: str) -> None:
    if name not in reading.DATABASES:
        raise ValueError(f"{name} is none of: {', '.join(reading.DATABASES)}.")


@command.command()
@click.option("--scale", "scales", default="10k,100k", show_default=True, callback=_list_of(reading.size_of))
@click.option("--db", "databases", default="sqlite", show_default=True, callback=_list_of(_database))
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the values there.")
@click.option("--quick", is_flag=True, help="A smoke of seconds: 1,000 organisations, one round; values mean little.")
def read(scales: tuple[str, ...], databases: tuple[str, ...], file: Path | None, quick: bool) -> None:
    """Reading over HTTP and in process, anonymous and as a client, on a made-up corpus."""
    try:
        measures, tables = reading.read(
            ("1k",) if quick else scales,
            databases,
            QUICK if quick else Plan(),
            cache=_cache(),
            postgresql_url=_postgresql_url(),
            say=lambda words: click.echo(words, err=True),
        )
    except (MeasureFailed, Missing) as error:
        raise Refused(str(error)) from error
    click.echo("\n\n".join(tables))
    for each in measures:
        if each.name.startswith("write.") or each.name.endswith((".over_10k", "organisations_per_s")):
            click.echo(_told(each))
    _write(file, measures)


@command.command("import")
@click.option("--scale", "scales", default="100k", show_default=True, callback=_list_of(reading.size_of))
@click.option("--db", "databases", default="sqlite", show_default=True, callback=_list_of(_database))
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the values there.")
def import_(scales: tuple[str, ...], databases: tuple[str, ...], file: Path | None) -> None:
    """Importing an invented list until its rows are found, on one core; at 1M decisions are taken meanwhile."""
    try:
        measures = importing.measure(
            scales, databases, cache=_cache(), postgresql_url=_postgresql_url(),
            say=lambda words: click.echo(words, err=True),
        )  # fmt: skip
    except (MeasureFailed, Missing) as error:
        raise Refused(str(error)) from error
    for each in measures:
        click.echo(_told(each))
    _write(file, measures)


@command.command()
@click.option("--scale", "scales", default="10k,100k", show_default=True, callback=_list_of(reading.size_of))
@click.option(
    "--corpus",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with records and their truth instead of invented worlds (docs/bench.md).",
)
@click.option("--index", "indexed", callback=_size_of, help="Link everything in an index of so many too: 1M.")
@click.option(
    "--lists",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of public lists with their truth, which are measured too (docs/bench.md).",
)
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the values there.")
def link(
    scales: tuple[str, ...], corpus: Path | None, indexed: int | None, lists: Path | None, file: Path | None
) -> None:
    """How well records are linked: pairs, merges without a person, traps, questions left to people; and, without
    labels, the persons of FEBRL."""

    def say(words: str) -> None:
        click.echo(words, err=True)

    wrong: list[str] = []
    try:
        measures = linking.measure(scales, corpus, say)
        if corpus is None:
            measures += febrl.measure(say)
        if lists is not None:
            measures += fodors_zagats.measure(lists, say)
            registered, wrong = registering.measure(lists, say)
            measures += registered
        if indexed:
            measures += indexing.measure(indexed, cores=len(os.sched_getaffinity(0)), cache=_cache(), say=say)
    except MeasureFailed as error:
        raise Refused(str(error)) from error
    click.echo(linking.table(measures))
    if wrong:
        click.echo("\nMerged without a person, and not one by the truth of the list:\n")
        click.echo("\n".join(f"* {line}" for line in wrong))
    _write(file, measures)


def _told(each: Measure) -> str:
    aim = "" if each.target is None else f" (aim {each.target:g}: {'holds' if each.holds else 'missed'})"
    return f"{each.name} {each.value:.4g} {each.unit}{aim}"


def _write(file: Path | None, measures: list[Measure]) -> None:
    if file is not None:
        file.write_text(json.dumps([each.as_json() for each in measures], indent=1) + "\n", encoding="utf-8")


def _cache() -> Path:
    """Where corpora are kept between runs."""
    given = os.environ.get("DATACOOP_BENCH_DIR", "").strip()
    return Path(given).absolute() if given else settings.DATACOOP_DATA_DIR / "bench"


def _postgresql_url() -> str | None:
    url = os.environ.get("DATACOOP_DATABASE_URL", "").strip()
    return url if url.startswith(("postgres://", "postgresql://")) else None


# What follows runs in processes of its own, inside an installation made for measuring.


@command.command(hidden=True)
@click.argument("count", type=int)
def store(count: int) -> None:
    """Store the corpus in this installation, which must be empty."""
    schema.refuse_unmigrated()
    shown = {"step": "", "rows": 0}

    def progress(step: str, rows: int) -> None:
        if step != shown["step"] or rows >= int(str(shown["rows"])) + 50_000:
            shown.update(step=step, rows=rows)
            click.echo(f"{step} {rows}", err=True)

    questions, agreements = store_corpus(count, progress=progress)
    Installation(settings.DATACOOP_DATA_DIR, count).note(questions, agreements)


@command.command(hidden=True)
@click.option("--port", type=int, required=True)
@click.option("--workers", type=int, required=True)
def fixed(port: int, workers: int) -> None:
    """Serve fixed answers through the production server."""
    place = serving.Place("127.0.0.1", port)
    serving.serve(place, workers=workers, with_jobs=False, application=fixed_answers.APPLICATION)


@command.command(hidden=True)
@click.option("--seconds", type=float, required=True)
def alone(seconds: float) -> None:
    """Measure the queries alone."""
    installation = Installation(settings.DATACOOP_DATA_DIR, 0)
    click.echo(json.dumps(queries_alone.medians(installation.questions(), seconds)))


@command.command(hidden=True)
@click.option("--pairs", type=int, required=True)
@click.option("--seconds", type=float, required=True)
@click.option("--every", type=float, help="Seconds between two decisions; ends with the standard input.")
def deciding(pairs: int, seconds: float, every: float | None) -> None:
    """Measure changes of consent."""
    taken = decisions.durations(
        pairs, seconds, every=every or 0.0, is_over=_input_ended if every is not None else lambda: False
    )
    click.echo(json.dumps(taken))


def _input_ended() -> bool:
    ready, _, _ = select.select([sys.stdin], [], [], 0)
    return bool(ready) and not sys.stdin.read(1)


@command.command(hidden=True)
@click.argument("count", type=int)
def fill(count: int) -> None:
    """Fill this installation's index with invented organisations."""
    schema.refuse_unmigrated()
    indexing.fill(count)


@command.command(hidden=True)
def add() -> None:
    """Link some more rows against this installation's index and say how long it took."""
    click.echo(indexing.as_json(indexing.add()))


@command.command(hidden=True)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--holder", required=True)
@click.option("--without-linking", is_flag=True)
def pour(file: Path, holder: str, without_linking: bool) -> None:
    """Import a list on one core and say how long it took."""
    schema.refuse_unmigrated()
    click.echo(json.dumps(asdict(pour_in(file, holder, linked=not without_linking))))
