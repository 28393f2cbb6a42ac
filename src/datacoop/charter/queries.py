"""Reading the charter's documents: `documents/<name>.<version>.yml`, shipped with the package.

A version, once published, is never edited: a change is a new file with the next number. Nothing here knows
what a document means; rooms above read the fields they need.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

DOCUMENTS = Path(__file__).parent / "documents"

_FILE = re.compile(r"(?P<name>[a-z][a-z0-9]*(?:-[a-z0-9]+)*)\.(?P<version>[1-9][0-9]*)\.yml")


class CharterError(Exception):
    """A document is missing or cannot be read; the message says which file and why."""


@dataclass(frozen=True)
class Document:
    """One version of one document; `text` is the parsed YAML mapping, `sha256` that of the file's bytes."""

    name: str
    version: int
    text: Mapping[str, object]
    sha256: str


def current(name: str, folder: Path = DOCUMENTS) -> Document:
    """The newest version of a document. Raises: CharterError."""
    return version(name, list_versions(name, folder)[-1], folder)


@cache
def version(name: str, number: int, folder: Path = DOCUMENTS) -> Document:
    """One version, kept in memory once read: published files do not change. Raises: CharterError."""
    path = folder / f"{name}.{number}.yml"
    if _FILE.fullmatch(path.name) is None:
        raise CharterError(f"{path.name} is not a document's file name; it looks like default-policy.1.yml.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CharterError(f"The charter has no {path.name}.") from error
    return Document(name, number, _parsed(path.name, content), hashlib.sha256(content).hexdigest())


@cache
def list_versions(name: str, folder: Path = DOCUMENTS) -> tuple[int, ...]:
    """The numbers of a document's versions, ascending and without gaps. Raises: CharterError."""
    found = (_FILE.fullmatch(path.name) for path in folder.glob(f"{name}.*.yml"))
    numbers = sorted(int(match["version"]) for match in found if match and match["name"] == name)
    if not numbers:
        raise CharterError(f"The charter has no document called {name!r}.")
    if numbers != list(range(1, len(numbers) + 1)):
        raise CharterError(f"Versions of {name!r} run from 1 without gaps; found {numbers}.")
    return tuple(numbers)


def list_names(folder: Path = DOCUMENTS) -> tuple[str, ...]:
    """The names of all documents, sorted."""
    found = (_FILE.fullmatch(path.name) for path in folder.glob("*.yml"))
    return tuple(sorted({match["name"] for match in found if match}))


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses a key written twice instead of silently keeping the last."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[object, object]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            mark = node.value[index][0].start_mark
            raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands here twice", mark)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _parsed(file_name: str, content: bytes) -> Mapping[str, object]:
    try:
        text = yaml.load(content.decode("utf-8"), Loader=_Loader)  # noqa: S506 (a safe loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CharterError(f"{file_name} is not valid YAML: {_where(error)}") from error
    if not isinstance(text, dict) or not all(isinstance(key, str) for key in text):
        raise CharterError(f"{file_name} must be a mapping of names to values.")
    return text


def _where(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem}."
    return f"{error}."
