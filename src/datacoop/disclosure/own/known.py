"""What lists say of a person that no message carries: for comparing with what somebody types, and shown to nobody."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from datacoop.disclosure.own.subjects import groups_of
from datacoop.kinds.definition import kind as kind_named
from datacoop.records.queries import load
from datacoop.records.rules import RecordFacts, State, StatementFacts, is_natural


@dataclass(frozen=True)
class Known:
    """How a person is named, the names of the associations it is named in, its telephones; who keeps those lists."""

    names: tuple[str, ...]
    associations: tuple[str, ...]
    phones: tuple[str, ...]
    holders: tuple[str, ...]


def known_of(subject: uuid.UUID, *, sources: Collection[int] | None) -> Known:
    """Return what these lists (None: all, and the subject) say. Never show, log or queue it."""
    groups = groups_of(subject)
    said = [s for group in groups for s in group.facts.statements if _counts(s, sources)]
    own = [s for group in groups[:1] for s in group.facts.statements if _counts(s, sources)]
    pointed = load({s.refers for s in said if s.refers})
    associations = [facts for facts in pointed.values() if not is_natural(kind_named(facts.kind))]
    return Known(
        _names(own, said),
        tuple(str(s.value) for facts in associations for s in _called(facts)),
        tuple(str(s.value) for s in own if s.property == "phones"),
        tuple({s.source.holder for s in said if s.source is not None}),
    )


def _counts(said: StatementFacts, sources: Collection[int] | None) -> bool:
    if said.state == State.RESTRICTED:
        return False
    return sources is None or (said.source is not None and said.source.id in sources)


def _names(own: list[StatementFacts], said: list[StatementFacts]) -> tuple[str, ...]:
    """Whole names; of a name in two parts both together."""
    parts: dict[int | None, dict[str, str]] = {}
    for each in own:
        if each.property in {"given_name", "family_name"}:
            parts.setdefault(each.source.id if each.source else None, {})[each.property] = str(each.value)
    whole = [str(s.value) for s in own if s.property == "name"]
    whole += [str(s.value) for s in said if s.property == "display_name"]
    return (*whole, *(" ".join(found.values()) for found in parts.values()))


def _called(facts: RecordFacts) -> list[StatementFacts]:
    named = {"name", "alternate_names"}
    return [s for s in facts.statements if s.property in named and s.state != State.RESTRICTED]
