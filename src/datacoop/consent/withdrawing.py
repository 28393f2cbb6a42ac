"""What a decision takes away, told to `withdrawals.log` before it counts (law 8, decision 0024).

Narrowing is known here, where somebody says no, and not where views are compiled: there a list that no longer names
somebody, a decision that ends in time and a merge look alike, and none of them is a word that a backup must not undo.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from datacoop.consent.models import Decision
from datacoop.records.actions.revising import Draft
from datacoop.records.queries import uids_of
from datacoop.records.withdrawals import HIDDEN, OBJECTED, RESTRICTED, UNINDEXED, WITHHELD, Withdrawal

Hidden = tuple[int, str, str]
"""Record, property (empty: all of it), key of the audience."""
_AT_ONCE = 500


def note_hidden(draft: Draft, made: Iterable[Decision], *, keys: dict[int, str]) -> None:
    """Tell of the decisions that hide something; `keys` of audiences by number."""
    hiding = [each for each in made if not each.shows]
    uids = _uids({each.record_id for each in hiding})
    draft.withdraw(
        *(
            Withdrawal(HIDDEN, uids[each.record_id], (each.property, keys[each.audience_id]), until=each.valid_until)
            for each in hiding
        )
    )


def note_taken_back(draft: Draft, shown: Collection[Hidden]) -> None:
    """Tell of words that showed something and are taken back: what the default says then is not asked."""
    uids = _uids({record_id for record_id, _, _ in shown})
    draft.withdraw(*(Withdrawal(HIDDEN, uids[record_id], (name, key)) for record_id, name, key in shown))


def note_restricted(draft: Draft, record_ids: Collection[int]) -> None:
    """Tell that nothing of some records is disclosed any more."""
    draft.withdraw(*(Withdrawal(RESTRICTED, uid) for uid in _uids(record_ids).values()))


def note_withheld(draft: Draft, withheld: Collection[tuple[int, int | None]]) -> None:
    """Tell that nothing is shown of what is said of some subjects later: by one list, or by any."""
    uids = _uids({record_id for record_id, _ in withheld})
    draft.withdraw(
        *(Withdrawal(WITHHELD, uids[record], () if source is None else (str(source),)) for record, source in withheld)
    )


def note_objected(draft: Draft, record_id: int, source_id: int) -> None:
    """Tell that the default of one list no longer widens."""
    draft.withdraw(*(Withdrawal(OBJECTED, uid, (str(source_id),)) for uid in _uids({record_id}).values()))


def note_unindexed(draft: Draft, record_ids: Collection[int]) -> None:
    """Tell that search engines are kept away."""
    draft.withdraw(*(Withdrawal(UNINDEXED, uid) for uid in _uids(record_ids).values()))


def _uids(record_ids: Collection[int]) -> dict[int, UUID]:
    found: dict[int, UUID] = {}
    every = sorted(record_ids)
    for start in range(0, len(every), _AT_ONCE):
        found.update(uids_of(every[start : start + _AT_ONCE]))
    return found
