"""See who keeps which lists."""

import click

from datacoop.cli import lists, schema
from datacoop.cli.answers import answer, count, json_option
from datacoop.cli.inviting import dismiss_from_holder, invite_to_holder
from datacoop.cli.keys import key_of_holder
from datacoop.cli.leaving import leave_command
from datacoop.sources.feeds import LIST, FeedFacts, feeds_without_lists
from datacoop.sources.queries import ListFacts, list_lists

NOTHING = "nothing yet"


@click.group(help=__doc__)
def command() -> None:
    schema.refuse_unmigrated()


command.add_command(invite_to_holder)
command.add_command(dismiss_from_holder)
command.add_command(leave_command)
command.add_command(key_of_holder)


for each in (lists.set_facts, lists.undo, lists.accept, lists.reject):
    command.add_command(each)


@command.command("list")
@json_option
def list_holders(as_json: bool) -> None:
    """Print every list with its last accepted contribution, and every feed that nothing came of yet."""
    told = [*map(_list, list_lists()), *map(_feed, feeds_without_lists())]
    words = "\n".join(line for _, line in told)
    nothing = "No holder yet: `datacoop import FILE --holder NAME`."
    answer([content for content, _ in told], words=words or nothing, as_json=as_json)


def _list(each: ListFacts) -> tuple[dict[str, object], str]:
    state = lists.state_of(each)
    content = {
        "holder": each.holder,
        "source": each.name,
        "kind": each.kind,
        "country": each.country,
        "last": each.last_at.isoformat() if each.last_at else None,
        "counts": each.last_counts,
        **state,
    }
    rows = count(each.last_counts.get("accepted", 0), "row")
    taken = f"{rows}, {each.last_at:%Y-%m-%d %H:%M}" if each.last_at else NOTHING
    return content, f"{each.holder} – {each.name} ({each.kind}): {taken}{lists.trouble_in(state)}"


def _feed(each: FeedFacts) -> tuple[dict[str, object], str]:
    """A feed that nothing came of yet has no list, and no kind: it stands under its address."""
    state = lists.state_of_feed(each)
    content = {
        "holder": each.holder_name, "source": LIST, "kind": None, "country": None, "last": None, "counts": {}, **state
    }  # fmt: skip
    return content, f"{each.holder_name} – {each.address} ({LIST}): {NOTHING}{lists.trouble_in(state)}"
