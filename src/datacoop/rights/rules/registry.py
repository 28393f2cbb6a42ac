"""The register of all that is kept: by column what it is, how long, how access and erasure reach it. Pure.

It lies in `rights/registry/*.yml`, one file for a room or two. The record of processing (LPD 12; GDPR 30) is made
from it, and a test compares it with the tables that are there: a new column is registered or the test fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).parents[1] / "registry"
_KEYS = frozenset({"holds", "purpose", "basis", "kept", "erased", "chapter", "told", "apart", "varies"})
_NEEDED = frozenset({"holds", "purpose", "kept", "erased", "apart"})


class RegistryError(ValueError):
    """The register is malformed; the message says where and what to do."""


@dataclass(frozen=True)
class Table:
    """One table. `told`: column → field of the package's `chapter`; `apart`: column → why it tells nothing of anybody.

    `purpose`, `basis`, `kept` (how long) and `erased` (what an erasure does) are plain English sentences.
    """

    name: str
    holds: str
    purpose: str
    kept: str
    erased: str
    basis: str = "the subject's consent, or an overriding interest (LPD 31; GDPR 6(1)(a), (f))"
    chapter: str = ""
    told: Mapping[str, str] = field(default_factory=dict)
    apart: Mapping[str, str] = field(default_factory=dict)
    varies: bool = False
    """Its columns differ between the two databases: one of them has each."""

    @property
    def is_personal(self) -> bool:
        """Whether it holds anything about those concerned."""
        return bool(self.told)


@cache
def tables(folder: Path = FOLDER) -> Mapping[str, Table]:
    """Return every registered table by name. Raises: RegistryError."""
    found: dict[str, Table] = {}
    for path in sorted(folder.glob("*.yml")):
        for name, content in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if name in found:
                raise RegistryError(f"{path.name}: {name} is registered twice.")
            found[name] = _table(path, name, content)
    return found


def missing(name: str, columns: Mapping[str, str] | list[str]) -> list[str]:
    """Return what is to be done about a table's columns: one sentence for each that is not registered, or is gone."""
    table = tables().get(name)
    if table is None:
        return [
            f"The table {name} is new: describe it in rights/registry/*.yml (holds, purpose, kept, erased), tell its "
            "rows in the telling.py of its room (records.tellers.register) and destroy them in its eraser "
            "(records.erasers.register)."
        ]
    known = table.told.keys() | table.apart.keys()
    said = [
        f"The column {name}.{column} is new: if it holds an id of a subject or anything about one, add it to `told` "
        f"of {name} in rights/registry/*.yml with the field of the package that tells it (and tell it there: the "
        "telling.py of its room); else add it to `apart` with the reason why it tells nothing of anybody."
        for column in columns
        if column not in known
    ]
    if table.varies:
        return said
    return said + [
        f"The column {name}.{column} is registered and not there: take it out of rights/registry/*.yml."
        for column in sorted(known - set(columns))
    ]


def _table(path: Path, name: str, content: Mapping[str, object]) -> Table:
    unknown, lacking = content.keys() - _KEYS, _NEEDED - content.keys()
    if unknown or lacking:
        wrong = ", ".join(sorted(map(str, unknown | lacking)))
        raise RegistryError(f"{path.name}: {name}: wrong or missing: {wrong}.")
    table = Table(name=name, **content)  # type: ignore[arg-type]
    if table.told and not table.chapter:
        raise RegistryError(f"{path.name}: {name}: say which chapter of the package tells it.")
    twice = table.told.keys() & table.apart.keys()
    if twice:
        raise RegistryError(f"{path.name}: {name}: told and apart at once: {', '.join(sorted(twice))}.")
    return table
