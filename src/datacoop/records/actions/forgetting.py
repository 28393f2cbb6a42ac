"""Who made a revision, forgotten with whom is erased: what they did stays, that one and the same did it does not.

A link is found by what it did to whom it was for, an account by its number. Stewards and holders are named on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from datacoop.lib.sql import execute, placeholders, select
from datacoop.records.models import Revision

#: What is left of an actor: how they came.
LINK, ACCOUNT = "link", "account"
_AT_ONCE = 500


def forget_links_in_revisions(record_ids: Collection[int]) -> None:
    """Forget which link it was that changed something of these records; before their traces go, in the revision."""
    for part in _parts(record_ids):
        found = select(f"SELECT DISTINCT revision FROM records_trace WHERE record_id IN ({placeholders(part)})", part)
        numbers = [number for (number,) in found if number is not None]
        for some in _parts(numbers):
            Revision.objects.filter(number__in=some, actor__startswith=f"{LINK}:").update(actor=LINK)


def forget_accounts_in_revisions(numbers: Collection[int]) -> None:
    """Forget which account it was, whatever it changed: as a representative it changed what is not its own."""
    for part in _parts(numbers):
        names = [f"{ACCOUNT}:{number}" for number in part]
        execute(f"UPDATE records_revision SET actor = %s WHERE actor IN ({placeholders(names)})", [ACCOUNT, *names])


def forgotten_actor(actor: str, accounts: Collection[int]) -> str:
    """Return how the revision that erases calls who asked for it: by number only where that leads to somebody still."""
    how, _, number = actor.partition(":")
    is_gone = how == LINK or (how == ACCOUNT and number.isdigit() and int(number) in accounts)
    return how if is_gone else actor


def _parts(numbers: Collection[int]) -> Iterator[Sequence[int]]:
    every = sorted(numbers)
    for start in range(0, len(every), _AT_ONCE):
        yield every[start : start + _AT_ONCE]
