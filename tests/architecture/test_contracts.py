"""Each contract of .importlinter is seen to break on a planted violation: a rule nobody can break protects nothing.

A small house is built beside the real one: a folder per room, the modules the contracts speak of, all empty.
"""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / ".importlinter"


def _sections() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(CONTRACTS, encoding="utf-8")
    return parser


def _rooms() -> list[str]:
    layers = _sections()["importlinter:contract:rooms"]["layers"].replace("|", "\n").split()
    return [room for room in layers if not room.startswith("(")]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for room in _rooms():
        for module in ("__init__", "rules", "models", "queries", "actions"):
            path = tmp_path / "datacoop" / room / f"{module}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    (tmp_path / "datacoop" / "__init__.py").touch()
    shutil.copytree(ROOT / "linting", tmp_path / "linting", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CONTRACTS, tmp_path / ".importlinter")
    return tmp_path


def _lint(house: Path) -> subprocess.CompletedProcess[str]:
    # `-P -s` and a path of its own: the house under test, never the installed package.
    program = (
        f"import sys; sys.path.insert(0, {str(house)!r}); from importlinter.cli import lint_imports_command as c; c()"
    )
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"], cwd=house, capture_output=True, text=True, check=False
    )


def _plant(house: Path, module: str, line: str) -> None:
    path = house / "datacoop" / f"{module.replace('.', '/')}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def test_keeps_all_contracts_in_an_empty_house(house: Path) -> None:
    answer = _lint(house)

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "6 kept, 0 broken" in answer.stdout


VIOLATIONS = {
    "a room imports upwards": ("rooms", "records.actions", "import datacoop.disclosure.queries"),
    "strangers know each other": ("rooms", "ledger.actions", "import datacoop.jobs.queries"),
    "a folder without a place": ("rooms", "attic.__init__", ""),
    "rules read tables": ("inside", "consent.rules", "import datacoop.consent.models"),
    "queries change the world": ("inside", "consent.queries", "import datacoop.consent.actions"),
    "kinds know Django": ("pure", "kinds.definition", "import django.db"),
    "rules know Django": ("pure", "records.rules", "import django.utils.timezone"),
    "a page reads stored records": ("one-gate", "portal.actions", "import datacoop.records.queries"),
    "two modules need each other": (
        "acyclic",
        "sources.mapping",
        "import datacoop.sources.checks",
    ),
    "a room uses another's table": ("tables", "portal.actions", "import datacoop.sources.models"),
}


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_breaks_on_a_planted_violation(house: Path, violation: str) -> None:
    contract, module, line = VIOLATIONS[violation]
    _plant(house, module, line)
    _plant(house, "sources.checks", "import datacoop.sources.mapping" if contract == "acyclic" else "")

    answer = _lint(house)

    assert answer.returncode != 0
    assert f"{_sections()[f'importlinter:contract:{contract}']['name']} BROKEN" in answer.stdout, answer.stdout


def test_no_violation_is_left_untried() -> None:
    named = {name.rpartition(":")[2] for name in _sections().sections() if "contract:" in name}

    assert {contract for contract, _, _ in VIOLATIONS.values()} == named
