"""Check the ledger, and recompute what is shown from what was said and decided; or check a receipt, offline."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from datacoop.cli import offline, schema
from datacoop.cli.answers import FINDINGS, REFUSED, Refused, answer, json_option
from datacoop.cli.verifying import Check, run
from datacoop.disclosure import verify as disclosure
from datacoop.ledger import checking
from datacoop.ledger import verifying as ledger
from datacoop.ledger.signing import NotSigned
from datacoop.lib.phrases import Phrase

_FILE = click.Path(dir_okay=False, path_type=Path)


def views() -> Iterator[str]:
    """Views against statements and grants, index against views."""
    return disclosure.differences(datetime.now(UTC))


CHECKS: dict[str, Check] = {"ledger": ledger.differences, "views": views}


@click.command(help=f"{__doc__}\n\nExit codes: 0 clean, 1 differences, each said, 2 could not check.")
@click.option("--only", type=click.Choice(sorted(CHECKS)), help="One check instead of all.")
@click.option("--since", type=_FILE, help="A checkpoint that you kept: does the ledger still begin as it says?")
@click.option("--receipt", type=_FILE, help="A receipt of a decision instead: needs no database.")
@click.option("--proof", type=_FILE, help="A proof of an entry instead: needs no database.")
@click.option("--keys", type=_FILE, help="The published keys (/.well-known/jwks.json); without it our own.")
@click.option(
    "--language",
    type=click.Choice(offline.LANGUAGES),
    default="en",
    help="Of what is told of a receipt or proof, and of what is said at the end.",
)
@json_option
def command(
    only: str | None,
    since: Path | None,
    receipt: Path | None,
    proof: Path | None,
    keys: Path | None,
    language: str,
    as_json: bool,
) -> int:
    if sum(each is not None for each in (receipt, proof, only or since)) > 1:
        raise Refused("Check a receipt, a proof or this installation: one at a time.")
    if receipt is not None:
        return offline.check_receipt(receipt, offline.keys_from(keys), as_json=as_json, language=language)
    if proof is not None:
        return offline.check_proof(proof, offline.keys_from(keys), as_json=as_json, language=language)
    schema.refuse_unmigrated()
    checks = {only: CHECKS[only]} if only else dict(CHECKS)
    if since is not None:
        checks["since"] = _since(since, offline.keys_from(keys), language)
    return _run(checks, as_json=as_json, language=language)


def _run(checks: Mapping[str, Check], *, as_json: bool, language: str) -> int:
    outcomes = [run(name, check, aloud=not as_json) for name, check in checks.items()]
    failed = any(outcome.failure for outcome in outcomes)
    count = sum(outcome.count for outcome in outcomes)
    pending = disclosure.pending_records(datetime.now(UTC)) if "views" in checks and not failed else 0
    words = f"{count} differences." if count or failed else f"Clean: {', '.join(checks)}."
    words += f" {pending} records are still being compiled." if pending else ""
    words += "" if failed else f"\n{_meaning(checks, count, language)}"
    content = {"checks": [outcome.as_json() for outcome in outcomes], "pending": pending}
    answer(content, words=words, as_json=as_json)
    if failed:
        return REFUSED
    return FINDINGS if count else 0


def _meaning(checks: Mapping[str, Check], count: int, language: str) -> str:
    """Return what an outcome means, and what to do where something differs."""
    if count:
        return "\n".join(offline.PHRASES.say(language, f"verify.differences_{each}") for each in ("means", "do"))
    named = ", ".join(offline.PHRASES.say(language, f"verify.{each}") for each in checks)
    return offline.PHRASES.say(language, "verify.clean_means", checks=named)


def _since(path: Path, keys: Mapping[str, Any], language: str) -> Check:
    """The check against a kept checkpoint: the signed text alone, or the answer of the API that holds it."""
    text = offline.read(path).strip()
    try:
        said = checking.statement_of(checking.signed_in(text), keys)
        return partial(ledger.since, int(said["size"]), str(said["root"]))
    except (checking.Malformed, KeyError, ValueError) as error:
        fault = error.fault if isinstance(error, NotSigned) else Phrase("checkpoint_malformed")
        raise Refused(f"{path}: {offline.reason(language, fault)}") from error
