"""`datacoop holders leave`: a holder takes its lists along, and they are told no more."""

import re
from pathlib import Path

import click

from datacoop.cli.answers import Refused, answer, count, json_option
from datacoop.cli.options import into_option, language_option
from datacoop.lib.files import write_over
from datacoop.lib.text import clean
from datacoop.lib.workbooks import book
from datacoop.pipelines.contribute import ContributionRefused
from datacoop.pipelines.leaving import NothingToLeave, Standing, leave, look
from datacoop.sources.owning import HolderFacts, find_holder_named

ACTOR = "steward:command"
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]|^\.+')


@click.command("leave")
@click.argument("holder")
@into_option(
    "A folder for what the holder takes along: a workbook for each list, written before anything is taken back."
)
@language_option
@click.option("--dry-run", is_flag=True, help="Write the workbooks and say what would happen; change nothing.")
@json_option
def leave_command(holder: str, into: Path, language: str, dry_run: bool, as_json: bool) -> None:
    """End what HOLDER signed and take back all its lists: whoever received them is told to erase them.

    What those named said themselves stays. Stopped half-way, it goes on by itself, or when it is called again.
    """
    found = find_holder_named(holder)
    if found is None:
        raise Refused(f"No holder is called “{holder}”: see `datacoop holders list`.")
    standing = look(found)
    files = [str(written(each, into, language=language)) for each in standing]
    content = {
        "holder": found.name,
        "lists": [{"source": e.own.name, "rows": e.rows, "corrected": e.corrected} for e in standing],
        "files": files,
        "left": not dry_run,
    }
    if not dry_run:
        try:
            leave(holder=found.uid, actor=ACTOR)
        except NothingToLeave as nothing:
            raise Refused(str(nothing)) from nothing
        except ContributionRefused as refused:
            raise Refused(f"{refused} It goes on by itself within a quarter of an hour.") from refused
    said = [f"{e.own.name}: {count(e.rows, 'row')}, {e.corrected} corrected by those they are about" for e in standing]
    end = "Nothing was changed." if dry_run else f"“{found.name}” has left: its lists are taken back."
    answer(content, words="\n".join([*said, *files, end]), as_json=as_json)


def folder_name(holder: HolderFacts) -> str:
    """Return what a holder's folder is called, beside those of others."""
    return f"{_UNFIT.sub('', clean(holder.name))[:80] or 'holder'}.{holder.uid.hex[:8]}"


def written(each: Standing, into: Path, *, language: str) -> Path:
    """Write the workbook of a list, for its owner's eyes, and return its path once it is durable.

    The same content is not written twice. Raises: Refused where another file of this name is in the way.
    """
    content = book([each.sheet(language=language)])
    path = into / f"{_UNFIT.sub('', clean(each.own.name))[:80] or 'list'}.{each.own.key}.xlsx"
    try:
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            write_over(path, content)
        elif path.read_bytes() != content:
            raise Refused(f"{path} is something else, and is not written over. Nothing was changed.")
    except OSError as error:
        raise Refused(f"{path} cannot be written ({error.strerror}). Nothing was changed.") from error
    return path
