"""A backup unpacked beside the installation, and everything in it checked, before anything is touched."""

from __future__ import annotations

import json
import os
import shutil
import tarfile
from io import BufferedReader
from pathlib import Path

from datacoop.lib.locked_files import Unlocking, Unreadable
from datacoop.pipelines.keeping.backing_up import FORMAT, MANIFEST, Manifest, Member, member_of

_AT_ONCE = 1 << 20
_LONGEST_MANIFEST = 1 << 20


def unpack(file: Path, *, passphrase: str, folder: Path) -> Manifest:
    """Write the members of a backup into an empty `folder`, check each, and return the manifest.

    Raises: Unreadable for a wrong passphrase, and for a file that was changed, cut off or made by a newer version.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        with file.open("rb") as source:
            content = BufferedReader(Unlocking(source, passphrase), _AT_ONCE)
            with tarfile.open(fileobj=content, mode="r|") as tar:
                manifest = _manifest(tar)
                while (entry := tar.next()) is not None:
                    _extract(tar, entry, folder, manifest)
            # What follows the last member is checked too: the end of the file is part of it.
            while content.read(_AT_ONCE):
                pass
    except (tarfile.TarError, EOFError) as error:
        raise Unreadable("The backup cannot be unpacked: use another copy.") from error
    if missing := {n for n, member in manifest.members.items() if member_or_none(folder / n) != member}:
        raise Unreadable(f"The backup is not whole ({min(missing)}): use another copy.")
    return manifest


def member_or_none(path: Path) -> Member | None:
    """Return size and SHA-256 of a file, None where there is none."""
    return member_of(path) if path.is_file() else None


def _manifest(tar: tarfile.TarFile) -> Manifest:
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.name == MANIFEST else None
    if content is None or first is None or first.size > _LONGEST_MANIFEST:
        raise Unreadable("This is no backup of datacoop.")
    told = json.loads(content.read())
    if told.get("format") != FORMAT:
        raise Unreadable(
            f"The backup was made by datacoop {told.get('version')}: restore it with that version or newer."
        )
    members = {name: Member(**each) for name, each in told.pop("members").items()}
    return Manifest(**{**told, "migrations": tuple(told["migrations"]), "members": members})


def _extract(tar: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path, manifest: Manifest) -> None:
    """Write one member under its own name, which is one of those the manifest tells: no path leads elsewhere."""
    content = tar.extractfile(entry) if entry.isreg() and entry.name in manifest.members else None
    if content is None or "/" in entry.name or entry.name.startswith("."):
        raise Unreadable("The backup holds what its manifest does not tell.")
    with open(os.open(folder / entry.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        shutil.copyfileobj(content, target, _AT_ONCE)
        target.flush()
        os.fsync(target.fileno())
