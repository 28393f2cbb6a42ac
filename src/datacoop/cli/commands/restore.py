"""Put a backup in the place of this installation, and withdraw again what was withdrawn since.

Nothing is changed before everything was checked. Whatever stops it, run it again, or `restore --resume`: until it is
done, nothing is served.
"""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from datacoop.cli import schema
from datacoop.cli.answers import Refused, answer, json_option
from datacoop.cli.commands.backup import passphrase
from datacoop.consent.holding_back import let_go
from datacoop.consent.replaying import UnknownVerb
from datacoop.jobs.actions import drop_held, send_held
from datacoop.lib.locked_files import Unreadable
from datacoop.pipelines.keeping import finishing
from datacoop.pipelines.keeping.database import DatabaseUnfit
from datacoop.pipelines.keeping.finishing import Finished
from datacoop.pipelines.keeping.restoring import Asked, RestoreRefused, prepare
from datacoop.pipelines.keeping.unfinished import SWAPPING, InUse, leave
from datacoop.records.endings import UnknownEnding, let_live

_REFUSALS = (RestoreRefused, Unreadable, DatabaseUnfit, InUse, UnknownVerb, UnknownEnding)


@click.command(help=__doc__)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--withdrawals", "log", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="withdrawals.log, where neither the data folder nor its second place has it.")  # fmt: skip
@click.option("--without-withdrawals", is_flag=True, help="The log is lost: hide all personal values until --confirm.")
@click.option("--force", is_flag=True, help="Replace the installation that is here.")
@click.option("--resume", is_flag=True, help="Go on with a restore that was interrupted.")
@click.option("--confirm", is_flag=True, help="Show again what --without-withdrawals hides, as it was decided.")
@click.option("--send-mails", "mails", flag_value="send", help="Send the mails that a restore holds.")
@click.option("--drop-mails", "mails", flag_value="drop", help="Throw away the mails that a restore holds.")
@json_option
def command(
    file: Path | None,
    log: Path | None,
    without_withdrawals: bool,
    force: bool,
    resume: bool,
    confirm: bool,
    mails: str | None,
    as_json: bool,
) -> int | None:
    if sum([file is not None, resume, confirm, mails is not None]) != 1:
        raise click.UsageError("Give a FILE, or one of --resume, --confirm, --send-mails, --drop-mails.")
    if log is not None and without_withdrawals:
        raise click.UsageError("Give --withdrawals or --without-withdrawals.")
    try:
        if confirm:
            return _confirm(as_json)
        if mails is not None:
            return _settle_mails(as_json, are_sent=mails == "send")
        if file is None:
            return _go_on(as_json)
        prepare(Asked(file, passphrase(), log, without_withdrawals, force))
    except _REFUSALS as error:
        raise Refused(str(error)) from error
    except OSError as error:
        raise Refused(f"{error.filename or file} cannot be read or written ({error.strerror}).") from error
    return _in_another_process(as_json)


def _in_another_process(as_json: bool) -> int:
    """The keys were replaced: what follows reads them anew."""
    arguments = [sys.executable, "-m", "datacoop", "restore", "--resume", *(["--json"] if as_json else [])]
    leave()
    return subprocess.run(arguments, check=False).returncode  # noqa: S603 (our own program)


def _go_on(as_json: bool) -> int:
    state = finishing.go_on()
    if state is None:
        raise Refused("No restore was interrupted: there is nothing to go on with.")
    if state.state == SWAPPING:
        return _in_another_process(as_json)
    schema.migrate()
    _tell(finishing.finish(state, now=datetime.now(UTC)), as_json)
    return 0


def _confirm(as_json: bool) -> int:
    schema.refuse_unmigrated()
    count, alive = let_go(now=datetime.now(UTC)), let_live()
    words = f"{count} records are shown again as it was decided; {alive} mandates, clients and links hold again."
    answer({"records": count, "alive": alive}, words=words, as_json=as_json)
    return 0


def _settle_mails(as_json: bool, *, are_sent: bool) -> int:
    schema.refuse_unmigrated()
    count = send_held(datetime.now(UTC)) if are_sent else drop_held()
    words = f"{count} mails leave as soon as the server runs." if are_sent else f"{count} mails were thrown away."
    answer({"sent" if are_sent else "dropped": count}, words=words, as_json=as_json)
    return 0


def _tell(done: Finished, as_json: bool) -> None:
    count = sum(done.replayed.done.values())
    lines = [f"Restored. Withdrawn again: {count}."]
    if done.ended:
        lines.append(f"Ended again: {done.ended} mandates, clients, accounts, agreements, links, claims and the like.")
    if done.held_back or done.on_hold:
        lines.append(
            f"Personal values of {done.held_back} records are hidden from everybody, and {done.on_hold} mandates, "
            "clients, accounts, agreements and links open nothing, until you run `datacoop restore --confirm`."
        )
    if done.without_spare_codes:
        lines.append(
            f"The spare codes of {done.without_spare_codes} accounts ended, as some may have been used since: their "
            "owners make new ones on their account page."
        )
    if done.mails_held or done.sendings_stopped:
        lines.append(
            f"{done.mails_held} mails that waited when the backup was made are held, and {done.sendings_stopped} "
            "sendings of notices stopped, as they may have left since. Look at your mail server's log; then "
            "`datacoop restore --send-mails` or `--drop-mails`, and a steward lets sendings go on."
        )
    missing = done.replayed.of_missing_records
    if missing:
        by_verb = ", ".join(f"{count} {verb}" for verb, count in sorted(missing.items()))
        lines.append(
            f"{sum(missing.values())} withdrawals ({by_verb}) are about records made after the backup, which are not "
            "here: if you import their lists again, organisations among them are shown by the default until their "
            "people decide again. Ask them first (docs/operate/backup.md)."
        )
    if done.replayed.of_missing_audiences:
        lines.append(
            f"{done.replayed.of_missing_audiences} withdrawals are from clients signed after the backup, which are not "
            "here any more."
        )
    if done.lost_to > done.kept:
        lines.append(f"Of the ledger, entries {done.kept + 1} to {done.lost_to} are gone; a new entry says so.")
    content = {
        "withdrawn_again": done.replayed.done,
        "of_missing_records": missing,
        "of_missing_clients": done.replayed.of_missing_audiences,
        "ended_again": done.ended,
        "held_back": done.held_back,
        "on_hold": done.on_hold,
        "without_spare_codes": done.without_spare_codes,
        "mails_held": done.mails_held,
        "sendings_stopped": done.sendings_stopped,
        "ledger": {"kept": done.kept, "lost_to": done.lost_to},
    }
    answer(content, words="\n".join(lines), as_json=as_json)
