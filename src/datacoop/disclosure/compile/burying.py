"""Tombstones for what clients received and a revision takes away (law 4)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from datacoop.consent.queries import AgreementFacts, list_agreements
from datacoop.consent.rules import Tree
from datacoop.disclosure.compile.differing import Difference
from datacoop.disclosure.compile.drafting import LIVE
from datacoop.disclosure.compile.packing import key_of, lost_properties, record_of
from datacoop.disclosure.models import Tombstone, View
from datacoop.ledger.actions import append
from datacoop.lib.sql import placeholders, select
from datacoop.records.actions.tracing import append_about
from datacoop.records.tracing import About, tracers_of

#: The entry's kind.
ISSUED = "tombstone.issued"


def lost_words(properties: Sequence[str]) -> dict[str, object]:
    """Return what the ledger's digest of a tombstone is over, beside the record: the properties that are taken away."""
    return {"properties": sorted(properties)}


def bury(differences: Iterable[Difference], *, tree: Tree, now: datetime) -> None:
    """Make a tombstone for every agreement that received what these differences take away from it.

    Runs before the new views are written, in the same revision. What an agreement saw, and what it sees now, is the
    row nearest to it: a value withdrawn from the public but still shown to a client is no loss for that client.
    """
    changed = [each for each in differences if each.wanted and each.standing]
    received = _received(changed)
    if not received:
        return
    # Who keeps nothing has nothing to erase.
    agreements = {a.audience: a for a in list_agreements(set().union(*received.values())) if not a.live_only}
    for each in changed:
        for audience in sorted(received.get(each.record_id, set()) & agreements.keys()):
            lost, deletion = _lost(each, tree.path(audience))
            if lost:
                _issue(agreements[audience], each.record_id, lost, deletion=deletion, now=now)


def _received(changed: Sequence[Difference]) -> dict[int, set[int]]:
    """Return record → audiences of agreements that were ever sent a view of it."""
    keys = [key_of(tier, each.record_id) for each in changed for tier in each.standing]
    found: dict[int, set[int]] = {}
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        sql = f"SELECT DISTINCT key, audience_id FROM disclosure_delivery WHERE key IN ({placeholders(part)})"
        for key, audience in select(sql, part):
            found.setdefault(record_of(key), set()).add(audience)
    return found


def _lost(each: Difference, path: Sequence[int]) -> tuple[list[str], bool]:
    """Return the properties that the leaf of `path` no longer sees, and whether the whole record is gone for it."""
    saw = next((tier for tier in reversed(path) if tier in each.standing), None)
    if saw is None or each.standing[saw].state != LIVE or not {w.tier for w in each.wanted} & set(path):
        return [], False
    before = bytes(View.objects.values_list("body", flat=True).get(key=key_of(saw, each.record_id)))
    documents = each.drafted.documents
    document = next((documents[tier] for tier in reversed(path) if tier in documents), None)
    now = document.body if document and each.drafted.moved is None else None
    return lost_properties(before, now), now is None


def _issue(agreement: AgreementFacts, record_id: int, lost: Sequence[str], *, deletion: bool, now: datetime) -> None:
    made = Tombstone.objects.create(
        uid=uuid.uuid4(),
        audience_id=agreement.audience,
        record_id=record_id,
        properties=json.dumps(list(lost)),
        deletion=deletion,
        issued_at=now,
        deadline=now + timedelta(hours=agreement.hours_to_erase),
    )
    payload = {"agreement": agreement.uid, "tombstone": str(made.uid)}
    if tracers_of([record_id]):
        about = [About(record_id, lost_words(lost))]
        append_about(at=now, kind=ISSUED, about=about, payload=payload)
    else:
        # Who was erased has no key any more, and must not get another: nothing leads to them.
        append(at=now, kind=ISSUED, payload=payload)
