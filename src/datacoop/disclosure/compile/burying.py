"""Tombstones for what clients received and a revision takes away (law 4)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from datacoop.consent.queries import AgreementFacts, list_agreements
from datacoop.consent.rules import PUBLIC
from datacoop.disclosure.compile.differing import Difference, Wanted
from datacoop.disclosure.compile.packing import key_of, lost_properties
from datacoop.disclosure.models import Delivery, Tombstone, View
from datacoop.ledger.actions import append


def bury(differences: Iterable[Difference], *, now: datetime) -> None:
    """Make a tombstone for every agreement that received what these differences take away.

    Runs before the new views are written, in the same revision.
    """
    taken = [(each, want) for each in differences for want in each.wanted if want.tier in each.standing]
    taken = [(each, want) for each, want in taken if want.tier != PUBLIC]
    if not taken:
        return
    agreements = {a.audience: a for a in list_agreements()}
    for each, want in taken:
        key = key_of(want.tier, each.record_id)
        received = set(Delivery.objects.filter(key=key).values_list("audience_id", flat=True))
        if not received:
            continue
        lost = _lost(each, want, key)
        for audience in sorted(received & set(agreements)):
            if lost:
                _issue(agreements[audience], each.record_id, lost, deletion=want.state != "l", now=now)


def _lost(each: Difference, want: Wanted, key: int) -> list[str]:
    before = View.objects.filter(key=key, state="l").values_list("body", flat=True).first()
    if before is None:
        return []
    document = each.drafted.documents.get(want.tier)
    return lost_properties(bytes(before), document.body if document and want.state == "l" else None)


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
    append(at=now, kind="tombstone.issued", payload={"agreement": agreement.uid, "tombstone": str(made.uid)})
