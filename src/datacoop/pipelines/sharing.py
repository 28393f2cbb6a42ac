"""Contacts that serve several organisations, or a person beside one, are shown to nobody: decided at acceptance."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from datacoop.linking.queries import differently_named
from datacoop.records.actions.revising import Draft
from datacoop.records.actions.stating import mark_personal, mark_staged
from datacoop.records.rules import Mark
from datacoop.sources.queries import (
    NOTHING_TAKEN_BACK,
    CommonContacts,
    Opened,
    TakenBack,
    contacts_in_common,
    contacts_still_in_common,
)

#: Statements marked in one transaction.
AT_ONCE = 100


class Sharing:
    """What the contacts of one open contribution have in common with others."""

    def __init__(self, opened: Opened) -> None:
        """Begin with nothing."""
        self._own = opened.source_id, opened.number
        self._to_mark: dict[str, list[int]] = {}
        #: Shared contacts, and the records of the contribution that have them.
        self.shared: dict[bytes, frozenset[int]] = {}

    def mark(self, merges: Mapping[int, int], back: TakenBack = NOTHING_TAKEN_BACK) -> None:
        """Mark staged statements now; standing ones follow with the acceptance. `merges` are those staged."""
        for batch in contacts_in_common(*self._own, merges, back):
            for mark, staged, standing in self._decided(batch):
                later = self._to_mark.setdefault(mark, [])
                later += standing
                for start in range(0, len(staged), AT_ONCE):
                    later += mark_staged(statement_ids=staged[start : start + AT_ONCE], mark=mark)

    def accept(self, draft: Draft) -> None:
        """Mark the standing statements, in the revision that accepts the contribution."""
        for mark, statements in self._to_mark.items():
            mark_personal(draft, statement_ids=statements, mark=mark)

    def decide_again(self, draft: Draft, contacts: Collection[bytes]) -> None:
        """Mark what these contacts have in common as things stand in the revision, after marks were taken back."""
        for mark, _, standing in self._decided(contacts_still_in_common(contacts)):
            mark_personal(draft, statement_ids=standing, mark=mark)

    def _decided(self, batch: CommonContacts) -> list[tuple[str, Sequence[int], Sequence[int]]]:
        """Return marks with the staged and the standing statements that get them."""
        found = [(mark, each.staged, each.standing) for mark, each in batch.personal.items()]
        apart = differently_named([c.subjects for c in batch.shared], own=self._own)
        shared = [c for c, is_apart in zip(batch.shared, apart, strict=True) if is_apart]
        self.shared.update({c.digest: c.staged for c in shared})
        staged = [statement for c in shared for statement in c.unmarked.staged]
        return [*found, (Mark.SHARED, staged, [statement for c in shared for statement in c.unmarked.standing])]
