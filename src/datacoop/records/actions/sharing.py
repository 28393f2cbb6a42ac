"""Contacts that serve two organisations count as personal (the default policy's third rule), decided at acceptance."""

from __future__ import annotations

from collections.abc import Mapping

from datacoop.records.actions.staging import Staging, stage_mark
from datacoop.records.queries import contact_uses, merges_of, root_of
from datacoop.records.rules import Mark


def stage_shared(staging: Staging, merges: Mapping[int, int]) -> list[int]:
    """Mark the staged contacts that two different records will carry, and return the standing statements to mark.

    `merges` are the merges staged with the contribution: records that become one share nothing. The statements
    returned belong to other lists; they are marked in the revision that accepts.
    """
    standing: list[int] = []
    for uses in contact_uses(staging.source.id, staging.number):
        merged = {**merges_of({u.record_id for found in uses.values() for u in found}), **merges}
        shared = [digest for digest, found in uses.items() if len({root_of(u.record_id, merged) for u in found}) > 1]
        stage_mark(staging, digests=shared, mark=Mark.SHARED)
        standing += [u.statement_id for digest in shared for u in uses[digest] if not u.staged and not u.mark]
    return standing
