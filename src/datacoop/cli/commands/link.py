"""List organisations that look alike, compare all again, or say why two records are one or not."""

import os
import sys
import uuid
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial

import click
from django.conf import settings

from datacoop.cli import schema
from datacoop.cli.answers import FINDINGS, Refused, answer, json_option
from datacoop.linking.apps import MODELS
from datacoop.linking.explaining import Explanation, explain
from datacoop.linking.queries import UnknownRecordError, list_doubted, list_review
from datacoop.linking.refreshing import Engine, refresh_review
from datacoop.linking.rules.comparing import Reason
from datacoop.linking.unlabelled.cluster import Cluster
from datacoop.linking.unlabelled.estimating import InProcess, MissingEngineError
from datacoop.linking.wording import LANGUAGES, PHRASES, reason_in_words, signed

SHOWN = 50


@click.group(
    invoke_without_command=True,
    help=f"{__doc__}\n\nWithout options: the pairs that wait for a steward."
    "\n\nExit codes: 0 done, 1 pairs wait, 2 unknown record.",
)
@click.option("--all", "everything", is_flag=True, help="Compare everything again and refresh the review list.")
@click.option("--cores", type=click.IntRange(1), help="With --all: as many as there are, if not told.")
@click.option(
    "--engine",
    type=click.Choice(["splink", "spark"]),
    help="Compare everything again, pairs found at once: in this process, or on a cluster (--master).",
)
@click.option("--master", metavar="URL", help="The Spark master: spark://host:7077, local[2]…")
@click.option(
    "--explain", "uids", nargs=2, type=click.UUID, metavar="UID UID", help="Say why, or why not, with weights."
)
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of --explain.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    everything: bool,
    cores: int | None,
    engine: str | None,
    master: str | None,
    uids: tuple[uuid.UUID, uuid.UUID] | None,
    language: str,
    as_json: bool,
) -> int:
    schema.refuse_unmigrated()
    if context.invoked_subcommand:
        return 0
    if (everything or engine) and uids:
        raise click.UsageError("Either --all or --explain.")
    if (engine == "spark") != bool(master):
        raise click.UsageError("--engine spark and --master URL go together.")
    if uids:
        return _explain(*uids, language=language, as_json=as_json)
    if engine:
        return _refresh_at_once(master, as_json=as_json)
    if everything:
        own = Engine(cores or len(os.sched_getaffinity(0)), settings.DATACOOP_DATA_DIR)
        return _refresh(own, as_json=as_json)
    return _review(as_json=as_json)


@command.command()
@json_option
def train(as_json: bool) -> int:
    """Learn from the pairs that people judged here, besides invented ones. Restart servers and workers after it."""
    from datacoop.linking.retraining import TooFewJudgements, retrain  # noqa: PLC0415 -- slow to load

    try:
        report = retrain(settings.DATACOOP_DATA_DIR / MODELS)
    except TooFewJudgements as few:
        raise Refused(str(few)) from few
    words = "\n".join(f"{name}: {value}" for name, value in report.items())
    answer(report, words=words, as_json=as_json)
    return 0


def _explain(first: uuid.UUID, second: uuid.UUID, *, language: str, as_json: bool) -> int:
    try:
        found = explain(first, second, now=datetime.now(UTC))
    except UnknownRecordError as error:
        raise Refused(str(error)) from error
    content = {
        "verdict": found.verdict,
        "weight": found.weight,
        "needed": found.needed,
        "reasons": _listed(found.reasons),
        "merged": found.are_one,
        "why_not_merged": [key.partition(".")[2] for key in found.why_apart],
        "judgements": [{"verdict": s.verdict, "actor": s.actor, "at": s.at.isoformat()} for s in found.said],
    }
    answer(content, words="\n".join(_told(found, language)), as_json=as_json)
    return 0


def _told(found: Explanation, language: str) -> Iterator[str]:
    say = partial(PHRASES.say, language)
    yield say(f"verdicts.{found.verdict}")
    for reason in found.reasons:
        yield f"{signed(reason.weight, language):>6}  {reason_in_words(reason, language)}"
    yield f"{signed(found.weight, language):>6}  {say('together')}"
    if found.are_one:
        yield say("one_since")
    elif found.why_apart or found.said:
        yield say("not_merged")
    # What people said outranks every weight.
    for each in found.said:
        # A date as machines write it reads the same in every language.
        day = each.at.date().isoformat()
        yield f"  – {say('said_by', what=say(f'said.{each.verdict}'), actor=each.actor, day=day)}"
    needed = "" if found.needed is None else signed(found.needed, language)
    values = {"weight": signed(found.weight, language), "needed": needed}
    for key in found.why_apart:
        yield f"  – {PHRASES.say(language, key, **values)}"


def _refresh_at_once(master: str | None, *, as_json: bool) -> int:
    try:
        with Cluster(master) if master else nullcontext(InProcess()) as computing:
            return _refresh(Engine(computing=computing), as_json=as_json)
    except MissingEngineError as missing:
        raise Refused(str(missing)) from missing


def _refresh(engine: Engine, *, as_json: bool) -> int:
    with click.progressbar(
        length=0, label="Comparing", show_pos=True, file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:

        def progress(compared: int, of: int) -> None:
            bar.length = of
            bar.update(compared - bar.pos)

        done = refresh_review(now=datetime.now(UTC), engine=engine, progress=progress)
    content = {"compared": done.compared, "open": done.open, "merged": done.merged, "split": done.split}
    words = f"{done.compared} records compared, {done.merged} merged, {done.split} taken apart; {done.open} pairs wait."
    answer(content, words=words, as_json=as_json)
    return FINDINGS if done.open else 0


def _review(*, as_json: bool) -> int:
    pairs = [*list_doubted(limit=SHOWN), *list_review(limit=SHOWN)][:SHOWN]
    content = [
        {
            "first": str(pair.first_uid),
            "second": str(pair.second_uid),
            "found_at": pair.found_at.isoformat(),
            "weight": round(pair.weight, 2),
            "reasons": list(pair.codes),
        }
        for pair in pairs
    ]
    lines = [f"{pair.first_uid} {pair.second_uid} {pair.weight:+.1f} {', '.join(pair.codes)}" for pair in pairs]
    answer(content, words="\n".join(lines) or "No pair waits for a steward.", as_json=as_json)
    return FINDINGS if pairs else 0


def _listed(reasons: Iterable[Reason]) -> list[dict[str, object]]:
    return [{"code": r.code, "detail": r.detail, "weight": r.weight} for r in reasons]
