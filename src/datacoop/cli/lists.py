"""`datacoop holders …` for one list: describe it, undo its last contribution, answer for a pulled file that waits."""

import re
from datetime import UTC, datetime

import click

from datacoop.cli.answers import FINDINGS, Refused, answer, json_option
from datacoop.kinds.definition import all_kinds
from datacoop.pipelines.contribute import ContributionRefused
from datacoop.pipelines.pulling import NothingHeld, accept_held, reach, reject_held
from datacoop.pipelines.undoing import UndoRefused, undo_last
from datacoop.sources.actions import Named, discard_list, ensure_list
from datacoop.sources.describing import HOURS, DescriptionRefused, describe, described, described_with
from datacoop.sources.feeds import LIST as FEED
from datacoop.sources.feeds import FeedFacts, find_feed
from datacoop.sources.pulls import PullFacts, find_held
from datacoop.sources.queries import ListFacts, lists_of_holder

ACTOR = "steward:command"
SCHEDULES = {"hourly": 1, "6-hourly": 6, "daily": 24, "weekly": 168, "monthly": 720, "never": None}
assert {hours for hours in SCHEDULES.values() if hours} == set(HOURS)

of_holder = click.argument("holder")
of_source = click.option("--source", help="Which list of the holder; by default its only one.")


def one_list(holder: str, source: str | None) -> ListFacts:
    """Return the list that is meant. Raises: Refused."""
    found = [each for each in lists_of_holder(holder) if source in {None, each.name}]
    if not found:
        raise Refused(f"No list{f' “{source}”' if source else ''} of “{holder}” is known: see `datacoop holders list`.")
    if len(found) > 1:
        raise Refused(f"“{holder}” has several lists: name one with --source: {', '.join(f.name for f in found)}.")
    return found[0]


def state_of(listed: ListFacts) -> dict[str, object]:
    """Return where a list is pulled from and how that goes; `waiting`: a pulled file waits for a steward."""
    about = described(listed.source_id, now=datetime.now(UTC))
    feed = find_feed(listed.holder) if listed.name == FEED else None
    late = about.late_since
    return {
        **_pulled(feed.address if feed else about.description.address, feed or about.pull),
        "waiting": find_held(listed.source_id) is not None,
        "late_since": late.isoformat() if late else None,
    }


def state_of_feed(feed: FeedFacts) -> dict[str, object]:
    """Return the same of a feed that nothing came of yet: it has no list."""
    return {**_pulled(feed.address, feed), "waiting": False, "late_since": None}


def _pulled(address: str, pulled: PullFacts | FeedFacts) -> dict[str, object]:
    good = pulled.good_at
    return {
        "address": address or None,
        "last_good": good.isoformat() if good else None,
        "problem": pulled.problem or None,
    }


def trouble_in(state: dict[str, object]) -> str:
    """Return in words what is wrong with a list in such a state, empty where nothing is."""
    said = ["a pulled file waits: accept or reject it"] if state["waiting"] else []
    if state["problem"]:
        said.append(f"pulling fails ({state['problem']}), last good {str(state['last_good'] or 'never')[:16]}")
    if state["late_since"]:
        said.append(f"a delivery was due on {str(state['late_since'])[:10]}")
    return "".join(f"; {each}" for each in said)


@click.command("undo")
@of_holder
@of_source
@json_option
def undo(holder: str, source: str | None, as_json: bool) -> None:
    """Take the last contribution of a list back, from the statements alone: the one before it holds again."""
    listed = one_list(holder, source)
    try:
        done = undo_last(source_id=listed.source_id, actor=ACTOR, progress=_progress)
    except UndoRefused as refused:
        raise Refused(str(refused)) from refused
    content = {"holder": done.holder, "source": done.source, "undone": done.number, "counts": dict(done.counts)}
    changes = ", ".join(f"{done.counts[name]} {name}" for name in ("new", "changed", "vanished"))
    answer(content, words=f"Contribution {done.number} is undone: {changes}.", as_json=as_json)


@click.command("set")
@of_holder
@of_source
@click.option("--kind", default="organisation", show_default=True, help="For a list that is not known yet.")
@click.option("--publisher", help="Who publishes the list.")
@click.option("--contact", help="Whom to ask about it.")
@click.option("--licence", help="Under which licence it is given.")
@click.option("--every-days", type=int, help="How often a delivery is expected; 0: no idea.")
@click.option("--rows", metavar="N|FROM-TO|N±P%", help="Rows expected: 400-450, or 420±5%; - for any number.")
@click.option("--address", help="Where the list is pulled from; - for nowhere.")
@click.option("--pull", "schedule", type=click.Choice(list(SCHEDULES)), help="How often it is pulled.")
@json_option
def set_facts(
    holder: str, source: str | None, kind: str, rows: str | None, schedule: str | None, as_json: bool, **facts: object
) -> None:
    """Note what is known of a list; an unknown one is registered. Options that are not given stay as they are."""
    now = datetime.now(UTC)
    if kind not in all_kinds():
        raise Refused(f"There is no kind “{kind}”. Use one of: {', '.join(all_kinds())}.")
    expected = _range(rows) if rows is not None else None
    found = lists_of_holder(holder)
    named = Named(holder.strip(), kind, source)
    is_known = any(source in {None, each.name} for each in found)
    listed = one_list(holder, source) if is_known else ensure_list(named=named, now=now)
    before = described(listed.source_id, now=now).description
    changes = {name: "" if value == "-" else value for name, value in facts.items()}
    wished = described_with(before, changes)
    if facts.get("every_days") == 0:
        wished = described_with(wished, {}, clear=("every_days",))
    if expected is not None:
        wished = described_with(
            wished, dict(zip(("rows_from", "rows_to"), expected, strict=True)), clear=("rows_from", "rows_to")
        )
    if schedule is not None:
        wished = described_with(wished, {"pull_hours": SCHEDULES[schedule]}, clear=("pull_hours",))
    try:
        describe(listed.source_id, wished, now=now, reach=reach())
    except DescriptionRefused as refused:
        if not is_known:
            discard_list(listed.source_id)
        raise Refused(str(refused)) from refused
    content = {"holder": listed.holder, "source": listed.name, **vars(described(listed.source_id, now=now).description)}
    answer(content, words=f"Noted: {listed.holder} – {listed.name}.", as_json=as_json)


@click.command("accept")
@of_holder
@of_source
def accept(holder: str, source: str | None) -> int:
    """Take in the pulled file that waits: it is the right one, and what is gone is gone."""
    try:
        report = accept_held(source_id=one_list(holder, source).source_id, actor=ACTOR)
    except (NothingHeld, ContributionRefused) as refused:
        raise Refused(str(refused)) from refused
    click.echo(
        ", ".join(f"{name} {report.counts[name]}" for name in ("read", "accepted", "new", "changed", "vanished"))
    )
    return FINDINGS if report.counts["rejected"] else 0


@click.command("reject")
@of_holder
@of_source
def reject(holder: str, source: str | None) -> None:
    """Remove the pulled file that waits: it is the wrong one."""
    try:
        reject_held(source_id=one_list(holder, source).source_id, now=datetime.now(UTC))
    except NothingHeld as refused:
        raise Refused(str(refused)) from refused
    click.echo("Removed. The same file is not asked about again.")


def _range(text: str) -> tuple[int | None, int | None]:
    """Return from and to: `400-450`, `420±5%`, `420`, `400-`, `-450`, `-`.

    >>> _range("420±5%"), _range("400-"), _range("12")
    ((399, 441), (400, None), (12, 12))
    """
    plain = text.replace(" ", "").replace("–", "-").replace("+-", "±")
    if found := re.fullmatch(r"(\d*)-(\d*)", plain):
        low, high = found.groups()
        return int(low) if low else None, int(high) if high else None
    if found := re.fullmatch(r"(\d+)(?:±(\d+)(%?))?", plain):
        number, by = int(found[1]), int(found[2] or 0)
        room = number * by // 100 if found[3] else by
        return max(0, number - room), number + room
    raise Refused(f"“{text}” is no number of rows: write 420, 400-450 or 420±5%.")


def _progress(stage: str, records: int) -> None:
    if stage == "restated" and records % 5000 == 0:
        click.echo(f"{records} records staged", err=True)
