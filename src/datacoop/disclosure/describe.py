"""What is said about one record, by whom, and who sees it: for its subject and for a steward with a logged reason.

Personal audiences are evaluated when asked, by the same rules the compiler uses, and never searched.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from datacoop.consent.queries import audience_keys, audience_tree, rulings_of, together
from datacoop.consent.rules import NOTHING_DECIDED, PUBLIC, Ruling
from datacoop.disclosure.compile.drafting import Drafting
from datacoop.disclosure.compile.policies import current_policy
from datacoop.disclosure.looking import enter_look
from datacoop.disclosure.rules import assembled, shown, with_own_words
from datacoop.kinds.definition import kind as kind_named
from datacoop.records.queries import find_record, load
from datacoop.records.rules import MARK_CODES, RecordFacts, State, StatementFacts, fuse


@dataclass(frozen=True)
class Value:
    """One value as its subject sees it. `seen_by` are keys of audiences (`public`, `terms:…`, `agreement:…`).

    `is_live`: neither kept back until somebody is told, nor restricted.
    """

    value: object
    said_by: str
    source: str | None
    since: datetime
    mark: str | None
    wins: bool
    seen_by: tuple[str, ...]
    is_live: bool


@dataclass(frozen=True)
class Described:
    """Everything about one record: values by property, and the decisions in force or to come."""

    uid: uuid.UUID
    kind: str
    merged_into: uuid.UUID | None
    restricted: bool
    values: dict[str, tuple[Value, ...]]
    decisions: tuple[Ruling, ...]
    audiences: dict[int, str]


_SPEAKERS = {10: "holder", 20: "authority", 30: "steward", 40: "subject"}


def described(*, uid: uuid.UUID, actor: str, reason: str, now: datetime) -> Described | None:
    """Return what is known of a record, None where there is none. The look itself is entered in the ledger."""
    record = find_record(uid)
    if record is None:
        return None
    enter_look(record_ids=[record.id], actor=actor, reason=reason, now=now)
    facts = load([record.id])
    return _described(facts[record.id], facts, now)


def self_body(*, uid: uuid.UUID, now: datetime) -> dict[str, object] | None:
    """Return the record as its subject sees it: every standing value, whoever else may see it."""
    record = find_record(uid)
    if record is None:
        return None
    facts = load([record.id])[record.id]
    drafting = Drafting(now)
    drafting.drafts([record.id])
    seen = [s for s in facts.statements if s.state != State.RESTRICTED]
    return dict(assembled(facts, kind_named(facts.kind), seen, path=(PUBLIC,), resolve=drafting.resolve).body)


def _described(facts: RecordFacts, every: dict[int, RecordFacts], now: datetime) -> Described:
    rulings = rulings_of([facts.id, *facts.members])
    decided = together(rulings, (facts.id, *facts.members)) if rulings else NOTHING_DECIDED
    tree, policy, kind, keys = audience_tree(), current_policy(), kind_named(facts.kind), audience_keys()
    audiences = sorted({PUBLIC, *decided.audiences()})
    winners = {s.id for found in fuse(facts.statements).values() for s in found}
    values: dict[str, list[Value]] = {}

    seen = {}
    for a in audiences:
        path = tree.path(a)
        by_rules = [s for s in facts.statements if shown(s, kind, decided, path=path, now=now, policy=policy)]
        seen[a] = {s.id for s in with_own_words(facts.statements, by_rules, restricted=decided.restricted)}

    def seen_by(statement: StatementFacts) -> tuple[str, ...]:
        return tuple(keys.get(a, "public") for a in audiences if statement.id in seen[a])

    for s in sorted(facts.statements, key=lambda s: (-s.origin, s.position, s.id)):
        values.setdefault(s.property, []).append(
            Value(
                s.value,
                _SPEAKERS[s.origin],
                f"{s.source.holder} – {s.source.name}" if s.source else None,
                s.since,
                MARK_CODES.get(s.mark),
                s.id in winners,
                seen_by(s),
                s.state == State.LIVE,
            )
        )
    survivor = every[facts.merged_into].uid if facts.merged_into is not None else None
    return Described(
        facts.uid,
        facts.kind,
        survivor,
        decided.restricted,
        {p.name: tuple(values[p.name]) for p in kind.properties if p.name in values},
        decided.decisions,
        keys,
    )
