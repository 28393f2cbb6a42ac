"""One encrypted file with everything an installation is: database, keys, the log of withdrawals.

`withdrawals.log` is copied first: what is withdrawn while the database is copied stands after that place in the log,
and is withdrawn again by a restore, whether the copy holds it or not.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import tarfile
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.db import connection

from datacoop.ledger.signing import KEY_FILE, RETIRED_FILE
from datacoop.lib.files import sync_folder, write_over
from datacoop.lib.locked_files import Locking
from datacoop.pipelines.keeping import database
from datacoop.records import withdrawals
from datacoop.records.endings import HELD

FORMAT = 1
MANIFEST, DATABASE = "manifest.json", "database"
SECRET = "secret.key"  # noqa: S105 (the name of its file)
#: Files of the data folder that are kept where they are there. Lists that wait, and files tried out, are not.
KEPT = (KEY_FILE, RETIRED_FILE, HELD)
_LOCALITIES = "localities*.json"
LAST = "backup.json"
SHORTEST_PASSPHRASE = 12
_COPY = ".backup-copy-"


class BackupRefused(RuntimeError):
    """No backup can be made; the message says why."""


@dataclass(frozen=True)
class Member:
    """One file in a backup: bytes, and their SHA-256 in hex."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    format: int
    version: str
    engine: str
    at: str
    migrations: tuple[str, ...]
    tip: int
    tip_hash: str
    members: dict[str, Member] = field(default_factory=dict)


def back_up(target: Path, *, passphrase: str, now: datetime) -> Manifest:
    """Write a backup and return what it says of itself; `target` is there only once it is whole, for its owner alone.

    Raises: BackupRefused; database.DatabaseUnfit; OSError.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise BackupRefused(f"The passphrase is too short: use {SHORTEST_PASSPHRASE} characters or more.")
    withdrawals.begin()
    # Also where nothing was withdrawn yet: a restore elsewhere asks the second copy.
    withdrawals.copy_now()
    files = {withdrawals.NAME: _whole_lines(withdrawals.path().read_bytes()), SECRET: settings.SECRET_KEY.encode()}
    folder = Path(settings.DATACOOP_DATA_DIR)
    kept = [*(folder / name for name in KEPT), *folder.glob(_LOCALITIES)]
    files |= {path.name: path.read_bytes() for path in kept if path.is_file()}
    sweep(folder)
    copy = folder / f"{_COPY}{secrets.token_hex(4)}"
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        copied = database.copy_to(copy)
        members = {name: Member(len(content), hashlib.sha256(content).hexdigest()) for name, content in files.items()}
        members[DATABASE] = member_of(copy)
        manifest = Manifest(
            FORMAT, version("datacoop"), connection.vendor, now.isoformat(), copied.migrations, copied.tip,
            copied.tip_hash, members,
        )  # fmt: skip
        _write(draft, passphrase, manifest, files, copy)
        os.replace(draft, target)
        sync_folder(target.parent)
    finally:
        copy.unlink(missing_ok=True)
        draft.unlink(missing_ok=True)
    made = {"at": manifest.at, "file": str(target.absolute()), "size": target.stat().st_size, "tip": manifest.tip}
    write_over(folder / LAST, json.dumps(made).encode())
    return manifest


def sweep(folder: Path) -> None:
    """Remove copies of the database that a killed backup left."""
    for left in folder.glob(f"{_COPY}*"):
        left.unlink(missing_ok=True)


def member_of(path: Path) -> Member:
    """Return size and SHA-256 of a file, whatever its size."""
    with path.open("rb") as file:
        return Member(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def last_backup() -> dict[str, object] | None:
    """Return when the last backup was made (`at`, ISO 8601) and where it was put (`file`); None before the first."""
    try:
        found = json.loads((Path(settings.DATACOOP_DATA_DIR) / LAST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _whole_lines(content: bytes) -> bytes:
    """Return the log up to its last whole line: another process may be writing one."""
    return content[: content.rfind(b"\n") + 1]


def _write(draft: Path, passphrase: str, manifest: Manifest, files: dict[str, bytes], copy: Path) -> None:
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        locked = Locking(file, passphrase)
        with tarfile.open(fileobj=locked, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            _add(tar, MANIFEST, json.dumps(asdict(manifest), indent=1).encode())
            for name, content in files.items():
                _add(tar, name, content)
            with copy.open("rb") as source:
                tar.addfile(_entry(DATABASE, copy.stat().st_size), source)
        locked.finish()
        file.flush()
        os.fsync(file.fileno())


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    tar.addfile(_entry(name, len(content)), BytesIO(content))


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry
