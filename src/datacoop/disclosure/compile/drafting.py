"""What the views of some records should be now: documents by record and audience. Reads, never writes."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from datacoop.consent.queries import audience_tree, rulings_of, together
from datacoop.consent.rules import NOTHING_DECIDED, PUBLIC, Rulings, Tree, next_change
from datacoop.disclosure.compile.policies import current_policy
from datacoop.disclosure.models import View
from datacoop.disclosure.rules import ByDefault, Document, Pointed, document
from datacoop.kinds.definition import Kind, all_kinds
from datacoop.records.queries import load, merges_of, root_of, uids_of
from datacoop.records.rules import RecordFacts

#: States of a view. `NEVER`: hides the row above from an audience that was never shown the record; nobody is told.
LIVE, DELETED, MOVED, NEVER = "l", "d", "m", "n"


class Drafted(NamedTuple):
    """The documents a record should have, by audience; None: it does not exist for that audience.

    Only audiences for which something may differ from the audience above are listed. `moved` names the survivor of
    a merged record: its documents say for whom the old id redirects.
    """

    facts: RecordFacts
    kind: Kind
    documents: Mapping[int, Document | None]
    moved: uuid.UUID | None
    next_change: datetime | None


@cache
def depth_of(kind: str) -> int:
    """Return how deep a kind refers: records are compiled after those they point to."""
    return _depth(kind, frozenset())


def _depth(kind: str, seen: frozenset[str]) -> int:
    below = {p.refers for p in all_kinds()[kind].properties if p.refers} - seen - {kind}
    return max((1 + _depth(each, seen | {kind}) for each in below if each), default=0)


class Drafting:
    """Drafts of a batch of records in one revision. Existence of records pointed to is read from their views."""

    def __init__(self, now: datetime) -> None:
        """Read the tree of audiences and the policy once."""
        self.now = now
        self.tree: Tree = audience_tree()
        self.policy = current_policy()
        self._by_default: dict[str, ByDefault] = {}
        self._existence: dict[int, dict[int, str]] = {}
        self._uids: dict[int, uuid.UUID] = {}
        self._roots: dict[int, int] = {}

    def drafts(self, ids: Collection[int]) -> list[Drafted]:
        """Return a draft for every record in the merge groups of `ids`."""
        facts = load(ids)
        rulings = rulings_of(list(facts))
        self._look_up(s.refers for f in facts.values() for s in f.statements if s.refers is not None)
        return [self._drafted(each, rulings) for each in facts.values()]

    def _drafted(self, facts: RecordFacts, rulings: Mapping[int, Rulings]) -> Drafted:
        kind = all_kinds()[facts.kind]
        decided = together(rulings, (facts.id, *facts.members)) if rulings else NOTHING_DECIDED
        audiences = self._audiences(facts, decided)
        documents = {
            audience: document(
                facts,
                kind,
                decided,
                path=self.tree.path(audience),
                now=self.now,
                policy=self.policy,
                resolve=self.resolve,
                by_default=self._by_default.setdefault(kind.name, {}),
            )
            for audience in audiences
        }
        moved = None
        if facts.merged_into is not None:
            moved = uids_of([facts.merged_into])[facts.merged_into]
        due = (
            next_change(decided, days=self.policy.days_to_object, now=self.now)
            if decided.decisions or decided.notices
            else None
        )
        return Drafted(facts, kind, documents, moved, due)

    def _audiences(self, facts: RecordFacts, decided: Rulings) -> list[int]:
        """List the audiences whose view may differ from the one above: decided for, or seeing more references."""
        found = {PUBLIC, *decided.audiences()}
        for statement in facts.statements:
            if statement.refers is not None:
                found.update(self._existence.get(self._roots.get(statement.refers, statement.refers), ()))
        return sorted(found)

    def _look_up(self, pointed: Iterable[int]) -> None:
        """Learn of records pointed to: their survivors, their uids and for whom they exist."""
        ids = set(pointed) - set(self._roots)
        if not ids:
            return
        merges = merges_of(ids)
        self._roots.update({i: root_of(i, merges) for i in ids})
        self.refresh({self._roots[i] for i in ids})

    def refresh_known(self, ids: Collection[int]) -> None:
        """Read again those of the records that were looked up already: their views were written."""
        known = self._existence.keys() & set(ids)
        if known:
            self.refresh(known)

    def refresh(self, ids: Collection[int]) -> None:
        """Read again for whom these records exist, after their views were written."""
        ids = list(ids)
        self._uids.update(uids_of(ids))
        self._existence.update({i: {} for i in ids})
        for start in range(0, len(ids), 500):
            rows = View.objects.filter(record_id__in=ids[start : start + 500])
            for record_id, tier, state in rows.values_list("record_id", "tier", "state"):
                self._existence[record_id][tier] = state

    def resolve(self, pointed: int, path: Sequence[int]) -> Pointed | None:
        """Return the record pointed to as the audience sees it, None where it does not exist for it."""
        root = self._roots.get(pointed, pointed)
        states = self._existence.get(root, {})
        for tier in reversed(path):
            if tier in states:
                if states[tier] != LIVE:
                    return None
                return Pointed(str(self._uids[root]), states.get(PUBLIC) == LIVE)
        return None
