"""Habits of the code that no linter knows."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, ROOT, modules, rooms, tracked, tree

LONGEST_FILE = 500
LONGEST_FUNCTION = 60
AVOIDED = {"utils", "helpers", "common", "core", "base", "misc", "manager", "service", "handler", "exceptions"}
# Runs before the package is installed, so it has no other way to speak.
PROGRAMS = {PACKAGE / "portal" / "frontend" / "build.py"}
REGISTRIES = ("pypi", "npmjs", "yarnpkg", "pythonhosted", "crates", "jsdelivr", "unpkg")
HOSTS = re.compile(rf"\b(?:[a-z0-9-]+\.)*(?:{'|'.join(REGISTRIES)})\.(?:org|com|net|io)\b", re.IGNORECASE)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|home|root|Users)/\w")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_room_says_what_it_is_and_nothing_else() -> None:
    for room in rooms():
        body = tree(room / "__init__.py").body
        assert ast.get_docstring(tree(room / "__init__.py")), f"{_name(room)} has no docstring"
        assert len(body) == 1, f"{_name(room)}/__init__.py holds more than its docstring"


def test_every_module_says_what_it_is() -> None:
    silent = [_name(path) for path in modules() if tree(path).body and not ast.get_docstring(tree(path))]

    assert silent == []


def test_no_file_is_too_long() -> None:
    found = {
        _name(path): lines
        for path in [*modules(), *modules(ROOT / "tests")]
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }

    assert found == {}


def test_no_function_is_too_long() -> None:
    found = {
        f"{_name(path)}:{node.name}": lines
        for path in [*modules(), *modules(ROOT / "tests")]
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    }

    assert found == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    # Django looks for an engine's `base`.
    engine = ROOT / "src/datacoop/lib/queued_sqlite/base.py"
    found = [_name(path) for path in modules() if path != engine and AVOIDED & {path.stem, path.parent.name}]

    assert found == []


def test_nothing_prints() -> None:
    """The command line echoes, the server logs: a print would go round both."""
    found = [
        f"{_name(path)}:{node.lineno}"
        for path in modules()
        if path not in PROGRAMS
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]

    assert found == []


@pytest.mark.parametrize("pattern", [HOSTS, MACHINE_PATHS], ids=["registry hosts", "machine paths"])
def test_no_tracked_file_names_where_it_was_made(pattern: re.Pattern[str]) -> None:
    files = tracked()
    if not files:
        pytest.skip("not a git checkout")

    found = []
    for path in files:
        content = path.read_bytes()
        if b"\0" not in content and (match := pattern.search(content.decode("utf-8", "replace"))):
            found.append(f"{_name(path)}: {match.group()}")

    assert found == []


@pytest.mark.parametrize("word", ["registry." + "npmjs" + ".org", "files." + "pythonhosted" + ".org"])
def test_a_registry_host_would_be_found(word: str) -> None:
    assert HOSTS.search(f'"resolved": "https://{word}/x"')
