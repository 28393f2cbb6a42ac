"""See who keeps which lists."""

import click

from datacoop.cli import lists, schema
from datacoop.cli.answers import answer, json_option
from datacoop.cli.inviting import dismiss_from_holder, invite_to_holder
from datacoop.cli.keys import key_of_holder
from datacoop.cli.leaving import leave_command
from datacoop.sources.queries import list_lists


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
    """Print every list with its last accepted contribution."""
    found = list_lists()
    content = [
        {
            "holder": each.holder,
            "source": each.name,
            "kind": each.kind,
            "country": each.country,
            "last": each.last_at.isoformat() if each.last_at else None,
            "counts": each.last_counts,
            **lists.state_of(each),
        }
        for each in found
    ]
    words = "\n".join(
        f"{f.holder} – {f.name} ({f.kind}): "
        + (f"{f.last_counts.get('accepted', 0)} rows, {f.last_at:%Y-%m-%d %H:%M}" if f.last_at else "nothing yet")
        + lists.trouble_of(f)
        for f in found
    )
    answer(content, words=words or "No holder yet: `datacoop import FILE --holder NAME`.", as_json=as_json)
