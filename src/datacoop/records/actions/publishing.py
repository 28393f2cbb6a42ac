"""Sources as statements need them: who publishes what, and the holder's word that it is published."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from datacoop.records.models import Source


@dataclass(frozen=True)
class Attestation:
    """The holder's word that a list is published, where, and on what day it was seen there."""

    page: str
    page_on: date | None
    by: str
    at: datetime


def add_source(*, holder_uid: uuid.UUID, holder: str, name: str, kind: str, authority: bool = False) -> int:
    """Register one list of a holder and return its number."""
    made = Source.objects.create(
        uid=uuid.uuid4(), holder_uid=holder_uid, holder=holder, name=name, kind=kind, authority=authority
    )
    return made.id


def attest(source_id: int, attestation: Attestation) -> None:
    """Record that the holder publishes this list. It holds for what the list says from its next contribution on."""
    Source.objects.filter(id=source_id).update(
        published=True,
        page=attestation.page,
        page_on=attestation.page_on,
        attested_by=attestation.by,
        attested_at=attestation.at,
    )


def remove_source(source_id: int) -> None:
    """Forget a source that says nothing."""
    Source.objects.filter(id=source_id, accepted=0).delete()
