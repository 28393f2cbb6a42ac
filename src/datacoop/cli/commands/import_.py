"""Take one contribution: a holder's list, from file to directory; or follow another cooperative's feed."""

import json
from datetime import datetime
from pathlib import Path

import click

from datacoop.cli import schema
from datacoop.cli.answers import FINDINGS, REFUSED, Refused, answer, json_option
from datacoop.cli.feeds import follow_feed
from datacoop.cli.lists import SCHEDULES
from datacoop.kinds.definition import all_kinds
from datacoop.pipelines.contribute import ContributionRefused, contribute
from datacoop.pipelines.intake import Intake, Report
from datacoop.sources.actions import UnclearListError

ACTOR = "steward:command"
MOST_SHOWN = 20


@click.command("import", help=__doc__)
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--feed", metavar="URL", help="Instead of files: another cooperative, followed from now on.")
@click.option("--every", type=click.Choice(list(SCHEDULES)), help="With --feed: how often it is pulled.")
@click.option("--holder", required=True, help="Who keeps the list; an unknown holder is registered.")
@click.option("--source", help="Which list of the holder; by default its one list of this kind.")
@click.option("--kind", default="organisation", show_default=True, help="What a row is: singular or plural.")
@click.option("--mapping", type=click.Path(exists=True, path_type=Path), help="JSON {column: property or null}.")
@click.option("--published", is_flag=True, help="The holder attests that it publishes this list.")
@click.option("--page", default="", help="With --published: where.")
@click.option("--page-date", type=click.DateTime(["%Y-%m-%d"]), help="With --published: seen there on that day.")
@click.option("--partial", is_flag=True, help="Only a part of the list: nothing vanishes.")
@click.option("--accept-removals", is_flag=True, help="Yes, that many rows are really gone.")
@click.option("--accept-unlike", is_flag=True, help="Yes, this is the right file, unlike the last one as it is.")
@click.option("--with-persons", is_flag=True, help="Store columns about natural persons; each must be told.")
@click.option("--country", metavar="CC", help="For phones and postcodes without one; else what the rows show.")
@click.option("--dry-run", is_flag=True, help="Report only; nothing remains.")
@click.option(
    "--report", "report_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as JSON."
)
@json_option
def command(report_file: Path | None, feed: str | None, every: str | None, as_json: bool, **options: object) -> int:
    schema.refuse_unmigrated()
    if (feed is None) != bool(options["files"]) or (every and not feed):
        raise click.UsageError("Name files, or with --feed another cooperative's address; --every goes with --feed.")
    if feed is not None:
        accepts = bool(options["accept_removals"])
        return follow_feed(feed, str(options["holder"]), every=every, accept_removals=accepts, as_json=as_json)
    if report_file is not None and not report_file.parent.is_dir():
        raise Refused(f"There is no folder {report_file.parent} for the report.")
    intake = _intake(options)
    try:
        report = contribute(intake, actor=ACTOR, progress=_progress)
    except UnclearListError as error:
        raise Refused(str(error)) from error
    except ContributionRefused as refused:
        _write(report_file, refused.report)
        if refused.report is not None and (as_json or refused.report.format):
            answer(refused.report.as_json(), words=_words(refused.report), as_json=as_json)
        click.echo(str(refused), err=True)
        return REFUSED
    _write(report_file, report)
    answer(report.as_json(), words=_words(report), as_json=as_json)
    return FINDINGS if report.counts["rejected"] else 0


def _intake(options: dict[str, object]) -> Intake:
    given = dict(options)
    kind = _kind(str(given.pop("kind")))
    mapping = given.pop("mapping")
    page_date = given.pop("page_date")
    return Intake(
        files=tuple(given.pop("files")),  # type: ignore[arg-type]
        kind=kind,
        mapping=_mapping(mapping) if isinstance(mapping, Path) else None,
        page_on=page_date.date() if isinstance(page_date, datetime) else None,
        **given,  # type: ignore[arg-type]
    )


def _kind(asked: str) -> str:
    for kind in all_kinds().values():
        if asked in {kind.name, kind.plural}:
            return kind.name
    raise Refused(f"There is no kind “{asked}”. Use one of: {', '.join(all_kinds())}.")


def _mapping(path: Path) -> dict[str, str | None]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (ValueError, OSError) as error:
        raise Refused(f"{path.name} is not JSON: {error}.") from error
    if not isinstance(found, dict) or not all(v is None or isinstance(v, str) for v in found.values()):
        raise Refused(f"{path.name} must be one JSON object {{column: property or null}}.")
    return found


def _progress(_stage: str, rows: int) -> None:
    if rows and rows % 5000 == 0:
        click.echo(f"{rows} rows staged", err=True)


def _write(path: Path | None, report: Report | None) -> None:
    if path is not None and report is not None:
        path.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=1), "utf-8")


def _words(report: Report) -> str:
    lines = [f"{', '.join(report.files)}: {report.format}, {report.encoding or 'no text encoding'},"
             f" header in row {report.header_row or '–'}"]  # fmt: skip
    if report.country:
        lines.append(report.country.sentence())
    for column in report.mapping:
        told = "(about persons)" if column.get("person") else "(for its holder alone)" if column.get("own") else ""
        target = column["property"] or told or "(not stored)"
        lines.append(f"  {column['column']} → {target}  {column['confidence']}")
    lines.append(", ".join(f"{name.replace('_', ' ')} {report.counts[name]}" for name in report.COUNTS))
    lines += [*report.notes, *(each.sentence() for each in report.corrected.values())]
    if report.hidden_because:
        lines.append("hidden because: " + ", ".join(f"{k} {n}" for k, n in sorted(report.hidden_because.items())))
    for p in report.problems[:MOST_SHOWN]:
        lines.append(f"  row {p.row}{f', column {p.column}' if p.column else ''}: {p.message} [{p.code}]")
    if len(report.problems) > MOST_SHOWN:
        lines.append(f"  … {len(report.problems) - MOST_SHOWN} more: write them all with --report FILE.json")
    return "\n".join(lines)
