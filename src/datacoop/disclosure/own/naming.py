"""How a person is called in their own record."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from datacoop.disclosure.own.subjects import Group, groups_of
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


def titles_of(subjects: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return how subjects are called: a person by its name, an organisation by its own. For whoever speaks for them."""
    found = {}
    for uid in subjects:
        groups = groups_of(uid)
        found[uid] = person_name(groups[:1]) or (_name(groups[0]) if groups else "")
    return found


def _name(group: Group) -> str:
    said = [s for s in group.facts.statements if s.property == "name" and s.state != State.RESTRICTED]
    return next((str(s.value) for each in fuse(said).values() for s in each), "")
