"""List organisations that look alike, compare all again, or say why two records are one or not."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

import click
from django.conf import settings

from datacoop.cli import schema
from datacoop.cli.answers import FINDINGS, Refused, answer, json_option
from datacoop.linking.actions import refresh_review
from datacoop.linking.apps import MODELS
from datacoop.linking.queries import UnknownRecordError, explain, list_review
from datacoop.linking.rules.comparing import Reason

SHOWN = 50
VERDICTS = {
    "same": "The same organisation: merged when imported, unless a rule below the score forbids it.",
    "look-alike": "They look alike: a person decides.",
    "different": "Different organisations.",
}
SAID = {
    "same-number": "the same registry number",
    "shared-number": "the same registry number, which many differently named records carry",
    "other-number": "two registry numbers of one register",
    "same-name": "the same name",
    "near-name": "near-equal names",
    "similar-name": "similar names",
    "other-name": "different names",
    "common-name": "a name that many others could bear",
    "other-part": "different parts of something larger (section, juniors, II…)",
    "same-email": "the same e-mail address",
    "same-domain": "the same web domain",
    "same-phone": "the same phone number",
    "acronym": "an acronym that fits the name",
    "same-door": "the same address",
    "other-street": "the same place, another street (moved?)",
    "other-email": "different e-mail addresses",
    "other-domain": "different web domains",
    "other-phone": "different phone numbers",
    "same-theme": "the same theme",
    "other-theme": "different themes",
    "contacts-agree": "what the contacts have in common, together",
    "contacts-differ": "that contacts differ, together",
    "one-list": "both stand in one list",
    "prior": "unlikely to begin with, and what is not said",
    "same-place": "the same place",
    "other-place": "different places",
    "same-list": "both stand in one list, which is never merged with itself",
    "other-existence": "one is public and the other is not",
    "merged-already": "one is merged with another record already",
    "ambiguous": "several fit that exclude each other",
    "unlike-another": "the other is united with a record unlike this one",
    "several": "another record was the better match",
}
HELD = {"same-email", "same-domain", "same-phone"}


@click.group(
    invoke_without_command=True,
    help=f"{__doc__}\n\nWithout options: the pairs that wait for a steward."
    "\n\nExit codes: 0 done, 1 pairs wait, 2 unknown record.",
)
@click.option("--all", "everything", is_flag=True, help="Compare everything again and refresh the review list.")
@click.option("--explain", "uids", nargs=2, type=click.UUID, metavar="UID UID", help="Say why, with weights.")
@json_option
@click.pass_context
def command(context: click.Context, everything: bool, uids: tuple[uuid.UUID, uuid.UUID] | None, as_json: bool) -> int:
    schema.refuse_unmigrated()
    if context.invoked_subcommand:
        return 0
    if everything and uids:
        raise click.UsageError("Either --all or --explain.")
    if uids:
        return _explain(*uids, as_json=as_json)
    if everything:
        return _refresh(as_json=as_json)
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


def _explain(first: uuid.UUID, second: uuid.UUID, *, as_json: bool) -> int:
    try:
        found = explain(first, second)
    except UnknownRecordError as error:
        raise Refused(str(error)) from error
    content = {"verdict": found.verdict, "weight": found.weight, "reasons": _listed(found.reasons)}
    lines = [VERDICTS[found.verdict], *map(_told, found.reasons), f"{found.weight:+6.1f}  together"]
    answer(content, words="\n".join(lines), as_json=as_json)
    return 0


def _refresh(*, as_json: bool) -> int:
    done = refresh_review(now=datetime.now(UTC))
    content = {"compared": done.compared, "open": done.open}
    answer(content, words=f"{done.compared} records compared; {done.open} pairs wait.", as_json=as_json)
    return FINDINGS if done.open else 0


def _review(*, as_json: bool) -> int:
    pairs = list_review(limit=SHOWN)
    content = [
        {
            "first": str(pair.first_uid),
            "second": str(pair.second_uid),
            "found_at": pair.found_at.isoformat(),
            "reasons": _listed(pair.reasons),
        }
        for pair in pairs
    ]
    lines = [
        f"{pair.first_uid} {pair.second_uid} {sum(r.weight for r in pair.reasons):+.1f}"
        f" {', '.join(r.code for r in pair.reasons)}"
        for pair in pairs
    ]
    answer(content, words="\n".join(lines) or "No pair waits for a steward.", as_json=as_json)
    return FINDINGS if pairs else 0


def _listed(reasons: Iterable[Reason]) -> list[dict[str, object]]:
    return [{"code": r.code, "detail": r.detail, "weight": r.weight} for r in reasons]


def _told(reason: Reason) -> str:
    words = SAID[reason.code]
    if reason.code in HELD and reason.detail != "1":
        words += f", which {reason.detail} differently named records hold"
    return f"{reason.weight:+6.1f}  {words}"
