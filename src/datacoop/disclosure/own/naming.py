"""How a person is called in their own record."""

from __future__ import annotations

from collections.abc import Iterable

from datacoop.disclosure.own.subjects import Group
from datacoop.records.rules import State, fuse


def person_name(groups: Iterable[Group]) -> str:
    """Return the name of the person among a subject's records, empty where none is known. Only for its subject."""
    for group in groups:
        if group.facts.kind != "person":
            continue
        said = [s for s in group.facts.statements if s.state != State.RESTRICTED]
        names = {prop: str(found[0].value) for prop, found in fuse(said).items() if found}
        return names.get("name") or f"{names.get('given_name', '')} {names.get('family_name', '')}".strip()
    return ""
