"""A restore up to the moment its files are in place: unpack, check, choose the log, swap.

Until the swap nothing of the installation changes. From then on `unfinished` tells that nothing may be served, and
whoever goes on needs neither backup nor passphrase: what is missing lies in the folder `restoring`.
"""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from datacoop.ledger.checkpoints import latest_checkpoint
from datacoop.ledger.queries import entries, get_tip
from datacoop.lib.files import sync_folder, write_over
from datacoop.pipelines.keeping import database, unfinished
from datacoop.pipelines.keeping.backing_up import DATABASE, SECRET, Manifest, sweep
from datacoop.pipelines.keeping.opening import unpack
from datacoop.pipelines.keeping.unfinished import REPLAYING, SWAPPING, Unfinished
from datacoop.records import withdrawals
from datacoop.records.endings import HELD

STAGED, _UNPACKED = "restoring", "unpacking"


class RestoreRefused(RuntimeError):
    """Nothing was changed; the message says why, and what to do."""


@dataclass(frozen=True)
class Asked:
    """How somebody wants to restore: a log from elsewhere, none at all, over what is there."""

    file: Path
    passphrase: str
    log: Path | None = None
    without_withdrawals: bool = False
    force: bool = False


def prepare(asked: Asked) -> Manifest:
    """Put a backup into place, so that `finishing.finish` can go on in a process that reads its keys.

    Raises: RestoreRefused, Unreadable, DatabaseUnfit and InUse before anything is changed; OSError.
    """
    unfinished.be_alone()
    under_way = unfinished.find()
    if not (asked.force or under_way or _is_empty()):
        raise RestoreRefused("There is an installation here. To replace all of it, give --force.")
    folder = Path(settings.DATACOOP_DATA_DIR)
    sweep(folder)
    unpacked = folder / _UNPACKED
    try:
        manifest = unpack(asked.file, passphrase=asked.passphrase, folder=unpacked)
        _refuse_unfit(manifest, unpacked)
        before = (unpacked / withdrawals.NAME).read_bytes()
        log = _log_to_replay(before, asked)
        write_over(unpacked / withdrawals.NAME, log)
        if not (unpacked / HELD).exists():
            # What is held here belongs to the database that goes.
            write_over(unpacked / HELD, b"{}")
        # What an interrupted run left aside goes only now that something better is there.
        shutil.rmtree(folder / STAGED, ignore_errors=True)
        os.replace(unpacked, folder / STAGED)
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
    state = Unfinished(
        secrets.token_hex(8), SWAPPING, manifest.at, manifest.tip, len(before), len(log), asked.without_withdrawals
    )
    if under_way is None:
        state = _with_what_is_lost(state, manifest)
    else:
        # What was there before the first attempt is told by it alone.
        lost = (under_way.lost_to, under_way.checkpoint_size, under_way.checkpoint_root)
        state = replace(state, lost_to=lost[0], checkpoint_size=lost[1], checkpoint_root=lost[2])
    unfinished.note(state)
    swap(state)
    return manifest


def swap(state: Unfinished) -> Unfinished:
    """Move every staged file into place, whatever an interrupted run moved already."""
    folder = Path(settings.DATACOOP_DATA_DIR)
    staged = folder / STAGED
    database.put_back(staged / DATABASE)
    if (staged / withdrawals.NAME).exists():
        _set_aside_other_log((staged / withdrawals.NAME).read_bytes())
    for each in sorted(staged.iterdir()) if staged.is_dir() else ():
        if each.name == SECRET and os.environ.get("DATACOOP_SECRET_KEY", "").strip():
            continue  # this installation keeps it elsewhere
        os.replace(each, folder / each.name)
    sync_folder(folder)
    shutil.rmtree(staged, ignore_errors=True)
    moved = replace(state, state=REPLAYING)
    unfinished.note(moved)
    return moved


def _is_empty() -> bool:
    """Whether nothing was ever done here: no table, or a ledger without an entry."""
    try:
        if "ledger_head" not in connection.introspection.table_names():
            return not connection.introspection.table_names()
        return get_tip().number == 0
    except DatabaseError:
        return False


def _refuse_unfit(manifest: Manifest, staged: Path) -> None:
    if manifest.engine != connection.vendor:
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        raise RestoreRefused(
            f"The backup is of a {names.get(manifest.engine, manifest.engine)} database; "
            f"DATACOOP_DATABASE_URL leads to {names[connection.vendor]}."
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := sorted(set(manifest.migrations) - known):
        raise RestoreRefused(f"The backup is of a newer version (datacoop {manifest.version}, {newer[0]}): upgrade.")
    given = os.environ.get("DATACOOP_SECRET_KEY", "").strip()
    if given and given.encode() != (staged / SECRET).read_bytes():
        raise RestoreRefused("DATACOOP_SECRET_KEY is not the key of the backup: unset it, or give that key.")
    try:
        database.check(staged / DATABASE)
    except database.DatabaseUnfit as error:
        raise RestoreRefused(str(error)) from error


def _log_to_replay(before: bytes, asked: Asked) -> bytes:
    """Return the longest log that goes on from the backup's. Raises: RestoreRefused where there is none to trust."""
    if asked.without_withdrawals:
        return before
    places = [asked.log] if asked.log else [withdrawals.path(), withdrawals.copy_path()]
    found = [each.read_bytes() for each in places if each is not None and each.is_file()]
    going_on = sorted((each for each in found if withdrawals.goes_on(each, before)), key=len)
    if not going_on:
        what = "is of another installation, or was cut" if found else "is missing"
        raise RestoreRefused(
            f"withdrawals.log {what}: nobody could say what was withdrawn after the backup. Put the log into the data "
            "folder, set DATACOOP_WITHDRAWALS_COPY, or give --withdrawals FILE. If it is lost for good, "
            "--without-withdrawals hides all personal values until you confirm."
        )
    if any(not withdrawals.goes_on(going_on[-1], each) for each in going_on):
        raise RestoreRefused(
            "withdrawals.log and its second copy both go on from the backup, but not alike: give the right one with "
            "--withdrawals FILE."
        )
    whole = going_on[-1][: going_on[-1].rfind(b"\n") + 1]
    try:
        list(withdrawals.lines(whole))
    except (ValueError, KeyError) as error:
        raise RestoreRefused("withdrawals.log is damaged: give its second copy with --withdrawals FILE.") from error
    return whole


def _with_what_is_lost(state: Unfinished, manifest: Manifest) -> Unfinished:
    """Note where the ledger stood that is replaced, if it is the one that the backup's chain begins."""
    try:
        tip, last = get_tip(), latest_checkpoint()
        same = entries([manifest.tip]).get(manifest.tip)
    except DatabaseError:
        return state
    if tip.number < manifest.tip or (manifest.tip and (same is None or same.hash != manifest.tip_hash)):
        return state
    if last is None:
        return replace(state, lost_to=tip.number)
    return replace(state, lost_to=tip.number, checkpoint_size=last.size, checkpoint_root=last.root)


def _set_aside_other_log(log: bytes) -> None:
    own = withdrawals.path()
    if own.is_file() and not withdrawals.goes_on(log, own.read_bytes()):
        own.rename(own.with_name(f"{own.name}.{datetime.now(UTC):%Y%m%dT%H%M%S%f}"))
