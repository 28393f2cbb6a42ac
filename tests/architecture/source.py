"""What the architecture tests look at: our Python files, the tracked files, the order of the rooms."""

import ast
import configparser
import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "datacoop"


def modules(folder: Path = PACKAGE) -> list[Path]:
    """Python files written by hand: neither migrations nor what npm fetched."""
    return sorted(
        path
        for path in folder.rglob("*.py")
        if not {"migrations", "node_modules", "__pycache__"} & set(path.relative_to(ROOT).parts)
    )


def rooms() -> list[Path]:
    return sorted(path.parent for path in PACKAGE.glob("*/__init__.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def tracked() -> list[Path]:
    """Files git tracks; empty outside a checkout (a source archive)."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return []
    listing = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


def heights() -> dict[str, int]:
    """Room → floor, 0 at the bottom, as .importlinter has it; strangers share a floor."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    floors = parser["importlinter:contract:rooms"]["layers"].split("\n")
    return {
        room.strip().strip("()"): height
        for height, floor in enumerate(reversed([floor for floor in floors if floor.strip()]))
        for room in floor.split("|")
    }
