"""Where trained models lie: those shipped, and before them those that this cooperative trained itself. Pure."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SHIPPED_FOLDER: Final = Path(__file__).parents[1] / "models"
_own: list[Path] = []


def use_own(folder: Path | None) -> None:
    """Prefer the models in `folder`, where there are any; None for the shipped ones alone."""
    _own[:] = [folder] if folder else []


def file_of(kind: str) -> Path:
    """Return the model of a kind."""
    return next(file for folder in (*_own, SHIPPED_FOLDER) if (file := folder / f"{kind}.json").exists())
