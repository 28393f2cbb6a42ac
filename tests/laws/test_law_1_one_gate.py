"""Law 1: nothing but `disclosure` reads record values for output."""

import ast
import configparser
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "src" / "datacoop"
READERS_OF_RECORDS = {"records", "consent", "disclosure", "sources", "linking"}
#: Where stored values and views lie; only their own rooms open them.
TABLES = {"records_statement", "records_envelope", "disclosure_view", "disclosure_entry", "disclosure_facet",
          "disclosure_occurrence"}  # fmt: skip
TABLES |= {"disclosure_words", "disclosure_words_public", "disclosure_words_wider"}


def _modules() -> Iterator[tuple[str, ast.Module, str]]:
    for path in sorted(HOUSE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        yield path.relative_to(HOUSE).as_posix(), ast.parse(text), text


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("door", ["records.queries", "records.models", "records.envelopes"])
def test_only_five_rooms_name_the_records(door: str) -> None:
    named = {
        name
        for name, tree, text in _modules()
        if any(f"{each}.".startswith(f"datacoop.{door}.") for each in _imports(tree)) or f'"datacoop.{door}' in text
    }
    strangers = {name for name in named if name.partition("/")[0] not in READERS_OF_RECORDS}
    # Keyed digests are no values: `envelopes.digest` may be had by those who write lists in.
    if door == "records.envelopes":
        strangers = {n for n in strangers if not n.startswith("pipelines/")}

    assert strangers == set()


def test_no_other_room_asks_the_tables_of_values_directly() -> None:
    found = {
        (name, table)
        for name, _, text in _modules()
        if name.partition("/")[0] not in {"records", "disclosure", "consent"} and "/migrations/" not in name
        for table in TABLES
        if table in text
    }
    allowed = {(name, table) for name, table in found if name.partition("/")[0] in READERS_OF_RECORDS}

    assert found - allowed == set()


def test_pages_and_formats_ask_nobody_below_the_gate() -> None:
    """Rooms that answer may import of `records` pure rules, and actions that write; never what reads."""
    reading = {"queries", "models", "envelopes"}
    for name, tree, _ in _modules():
        if name.partition("/")[0] in {"portal", "api", "feeds", "directory"}:
            below = {each.split(".")[2] for each in _imports(tree) if each.startswith("datacoop.records.")}
            assert not below & reading, name


def test_the_contract_names_the_same_rooms() -> None:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    contract = parser["importlinter:contract:one-gate"]

    assert contract["protected_modules"].split() == ["datacoop.records.queries"]
    assert set(contract["allowed_importers"].split()) == {f"datacoop.{room}" for room in READERS_OF_RECORDS}
