"""Who actually received something about a subject, what they must give up, and whether they say that they did."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from datacoop.consent.queries import AgreementFacts, audience_tree, list_agreements
from datacoop.disclosure.compile.packing import key_of, record_of
from datacoop.disclosure.models import Delivery, Tombstone
from datacoop.disclosure.own.subjects import groups_of
from datacoop.lib.sql import in_parts


@dataclass(frozen=True)
class Erasure:
    """What a client must erase: some properties, or all of the record. `acknowledged_at`: when it said it had.

    Where it says that it must keep it, `legal_basis` is its reason.
    """

    properties: tuple[str, ...]
    whole: bool
    asked_at: datetime
    deadline: datetime
    acknowledged_at: datetime | None
    legal_basis: str = ""

    def is_late(self, now: datetime) -> bool:
        """Return whether the time is over without a word."""
        return self.acknowledged_at is None and self.deadline < now


@dataclass(frozen=True)
class Receipt:
    """One client was sent one record (the survivor's number): so many versions, and how often, first and last when.

    How often and when last are counted once a minute: what it got again since is not in them yet.
    """

    client: str
    terms: str
    purposes: tuple[str, ...]
    record: int
    versions: int
    times: int
    first_at: datetime
    last_at: datetime
    erasures: tuple[Erasure, ...]


def received(subject: uuid.UUID) -> list[Receipt]:
    """Return who received what about a subject in every role, by client, then by record. Only for the subject."""
    roots = {member: group.facts.id for group in groups_of(subject) for member in group.members}
    tree = audience_tree()
    keys = [key_of(tier, member) for tier in sorted(tree.parents) for member in sorted(roots)]
    sent: dict[tuple[int, int], list[Delivery]] = {}
    for part in in_parts(keys):
        for row in Delivery.objects.filter(key__in=part):
            sent.setdefault((row.audience_id, roots[record_of(row.key)]), []).append(row)
    erasures = _erasures(roots)
    return [
        _receipt(each, record, rows, tuple(erasures.get((audience, record), ())))
        for each in list_agreements({audience for audience, _ in sent})
        for (audience, record), rows in sorted(sent.items())
        if audience == each.audience
    ]


def _receipt(signed: AgreementFacts, record: int, rows: Sequence[Delivery], erasures: tuple[Erasure, ...]) -> Receipt:
    return Receipt(
        client=signed.name,
        terms=signed.terms,
        purposes=signed.purposes,
        record=record,
        versions=len(rows),
        times=sum(1 + row.repeats for row in rows),
        first_at=min(row.first_at for row in rows),
        last_at=max(row.last_at or row.first_at for row in rows),
        erasures=erasures,
    )


def _erasures(roots: dict[int, int]) -> dict[tuple[int, int], list[Erasure]]:
    found: dict[tuple[int, int], list[Erasure]] = {}
    for part in in_parts(sorted(roots)):
        for row in Tombstone.objects.filter(record_id__in=part).order_by("issued_at", "pk"):
            names = tuple(str(name) for name in json.loads(row.properties))
            found.setdefault((row.audience_id, roots[row.record_id]), []).append(
                Erasure(names, row.deletion, row.issued_at, row.deadline, row.acknowledged_at, row.legal_basis)
            )
    return found
