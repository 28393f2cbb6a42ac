"""What an audience would see of a subject if some decisions were taken: by the rules that would compile them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from datacoop.consent.actions import Wish
from datacoop.consent.rules import PUBLIC, Rulings, Tree, if_said
from datacoop.disclosure.compile.drafting import Drafting
from datacoop.disclosure.own.masking import DOTS
from datacoop.disclosure.own.subjects import Group, groups_of, known_audiences, spread, words_of
from datacoop.disclosure.rules import Document, Pointed, document
from datacoop.disclosure.widening import widens
from datacoop.kinds.definition import kind as kind_named
from datacoop.records.rules import Origin, State, StatementFacts

#: What the subject would say itself: record, property, value.
Saying = tuple[int, str, str]


@dataclass(frozen=True)
class Seen:
    """What an audience sees of one record, by property in the kind's order; None where it does not exist for it."""

    id: int
    uid: uuid.UUID
    kind: str
    body: Mapping[str, object] | None


class Preview:
    """The records of a subject under decisions not yet taken; nothing is written. One for one question."""

    def __init__(
        self,
        subject: uuid.UUID,
        *,
        now: datetime,
        wishes: Sequence[tuple[int, Wish]] = (),
        sayings: Sequence[Saying] = (),
        proven: bool = False,
    ) -> None:
        """Read the subject's records. `wishes` name survivors; one that shows anything ends a record's quarantine."""
        self._now, self._proven = now, proven
        self.groups = groups_of(subject)
        self._drafting = Drafting(now)
        self._numbers = self._made({wish.audience for _, wish in wishes})
        self._drafting.drafts([group.facts.id for group in self.groups])
        self._after = self._decided(wishes)
        released = {record for record, wish in wishes if wish.shows}
        self._facts = {g.facts.id: self._said(g, sayings, g.facts.id in released) for g in self.groups}
        self._roots = {member: g.facts.id for g in self.groups for member in g.members}
        self._known: dict[tuple[int, int], Document | None] = {}

    def _made(self, asked: Collection[str]) -> dict[str, int]:
        """Return the audiences by key; those under the public that nobody decided for yet get a number for now."""
        numbers = known_audiences()
        missing = sorted(key for key in asked if key not in numbers)
        last = max(numbers.values())
        numbers |= {key: last + place for place, key in enumerate(missing, start=1)}
        parents = {**self._drafting.tree.parents, **{numbers[key]: PUBLIC for key in missing}}
        self._drafting.tree = Tree(parents)
        return numbers

    def widens(self, wishes: Sequence[tuple[int, Wish]]) -> bool:
        """Return whether these wishes would let anybody see, now or later, what they do not see without them."""
        return any(
            widens(
                kind_named(g.facts.kind),
                before=g.rulings,
                after=self._after[g.facts.id],
                members=g.members,
                tree=self._drafting.tree,
                policy=self._drafting.policy,
                now=self._now,
            )
            for g in self.groups
            if any(record == g.facts.id for record, _ in wishes)
        )

    def seen_by(self, audience: str) -> list[Seen]:
        """Return what an audience (by key) would see of each record, masked unless it is proven who asks."""
        path = self._drafting.tree.path(self._numbers.get(audience, PUBLIC))
        return [self._seen(group, path) for group in self.groups]

    def _decided(self, wishes: Sequence[tuple[int, Wish]]) -> dict[int, Rulings]:
        words = words_of(spread(wishes, self.groups), self._numbers)
        return {
            g.facts.id: if_said(g.rulings, [w for w in words if w.record_id in g.members], now=self._now)
            for g in self.groups
        }

    def _said(self, group: Group, sayings: Sequence[Saying], released: bool) -> list[StatementFacts]:
        own = [s for s in sayings if s[0] == group.facts.id]
        names = {name for _, name, _ in own}
        kept = [s for s in group.facts.statements if not (s.origin == Origin.SUBJECT and s.property in names)]
        if released:
            kept = [s._replace(state=State.LIVE) if s.state == State.QUARANTINED else s for s in kept]
        said = [
            StatementFacts(-place, record, name, value, 0, Origin.SUBJECT, None, self._now, State.LIVE, "", None)
            for place, (record, name, value) in enumerate(own, start=1)
        ]
        return [*kept, *said]

    def _seen(self, group: Group, path: Sequence[int]) -> Seen:
        found = self._document(group.facts.id, path)
        body = (
            None
            if found is None
            else {k: v for k, v in found.body.items() if k not in {"id", "kind", "sources", "disputed"}}
        )
        if body is not None and not self._proven:
            body = dict.fromkeys(body, DOTS)
        return Seen(group.facts.id, group.facts.uid, group.facts.kind, body)

    def _document(self, record: int, path: Sequence[int]) -> Document | None:
        key = (record, path[-1])
        if key not in self._known:
            group = next(g for g in self.groups if g.facts.id == record)
            self._known[key] = document(
                group.facts._replace(statements=tuple(self._facts[record])),
                kind_named(group.facts.kind),
                self._after[record],
                path=path,
                now=self._now,
                policy=self._drafting.policy,
                resolve=self._resolve,
                by_default={},
            )
        return self._known[key]

    def _resolve(self, pointed: int, path: Sequence[int]) -> Pointed | None:
        root = self._roots.get(pointed)
        if root is None:
            return self._drafting.resolve(pointed, path)
        if self._document(root, path) is None:
            return None
        uid = next(g.facts.uid for g in self.groups if g.facts.id == root)
        return Pointed(str(uid), self._document(root, (PUBLIC,)) is not None)
