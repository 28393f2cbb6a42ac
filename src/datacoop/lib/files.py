"""Files that are complete as soon as they are there."""

import os
import secrets
from pathlib import Path


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
