"""Files that are complete as soon as they are there."""

import os
import re
import secrets
from pathlib import Path

_DRAFT = re.compile(r"\..+\.[0-9a-f]{8}")


def write_once(path: Path, content: str) -> None:
    """Put a complete file in place, for its owner alone, unless another process was first: linking never overwrites.

    `content` is ASCII; a line's end follows it. Raises: OSError.
    """
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(content + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def write_over(path: Path, content: bytes) -> None:
    """Put a complete file in the place of another, for its owner alone, and wait for the disk. Raises: OSError."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def remove_drafts(folder: Path) -> None:
    """Remove what `write_over` left in a folder when its process was killed. Only for whoever is alone there."""
    for draft in folder.iterdir():
        if _DRAFT.fullmatch(draft.name):
            draft.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
