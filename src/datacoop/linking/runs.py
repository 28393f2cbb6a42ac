"""What a run over everything compared so far, in files: who stops it loses a slice, not an hour."""

from __future__ import annotations

import os
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np

from datacoop.linking.rules.encoding import Rows
from datacoop.linking.rules.features import Indices
from datacoop.linking.rules.judging import Judged
from datacoop.linking.rules.scoring import scorer
from datacoop.linking.rules.trained import file_of

#: The folder in the data folder.
NAME: Final = "linking-run"
#: Both sides of pairs, as places of rows, and what comparing them said.
Compared = tuple[Indices, Indices, Judged]
_FIELDS: Final = ("matrix", "weights", "verdicts", "numbers", "apart")


class Run:
    """The slices of a run by number: in a folder until it is finished, without one in memory."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._found: dict[int, Compared] = {}

    def has(self, number: int) -> bool:
        """Return whether a slice was compared."""
        return self._folder is not None and self._file(self._folder, number).exists()

    def put(self, number: int, found: Compared) -> None:
        """Keep what a slice came to."""
        if self._folder is None:
            self._found[number] = found
            return
        left, right, judged = found
        draft = self._folder / f"{number}.draft"
        with draft.open("wb") as stream:
            np.savez(stream, left=left, right=right, **{name: getattr(judged, name) for name in _FIELDS})
        os.replace(draft, self._file(self._folder, number))

    def take(self, number: int) -> Compared:
        """Return what a slice came to."""
        if self._folder is None:
            return self._found.pop(number)
        with np.load(self._file(self._folder, number), allow_pickle=False) as told:
            return told["left"], told["right"], Judged(**{name: told[name] for name in _FIELDS}, scorer=scorer())

    def finish(self) -> None:
        """Forget the run: the next one starts anew."""
        if self._folder is not None:
            shutil.rmtree(self._folder.parent, ignore_errors=True)

    def _file(self, folder: Path, number: int) -> Path:
        return folder / f"{number}.npz"


def take_up(folder: Path, rows: Rows) -> Run:
    """Return the run over just these rows by the same model that was interrupted, else a new one."""
    digest = sha256(rows.view(np.uint8).data)
    digest.update(file_of("organisation").read_bytes())
    of = digest.hexdigest()
    (folder / NAME).mkdir(mode=0o700, exist_ok=True)
    for other in (folder / NAME).iterdir():
        if other.name != of:
            shutil.rmtree(other)
    own = folder / NAME / of
    own.mkdir(mode=0o700, exist_ok=True)
    return Run(own)
