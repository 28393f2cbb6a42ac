"""Sources as statements need them: who publishes what, and the holder's word that it is published."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

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


def attestation_of(source_id: int) -> dict[str, object]:
    """Return what was attested of a list, as plain values that `attest_as_before` takes back."""
    row = Source.objects.get(id=source_id)
    return {
        "published": row.published,
        "page": row.page,
        "page_on": row.page_on.isoformat() if row.page_on else None,
        "attested_by": row.attested_by,
        "attested_at": row.attested_at.isoformat() if row.attested_at else None,
    }


def attest_as_before(source_id: int, before: Mapping[str, object]) -> bool | None:
    """Let what was attested once hold again: the contribution that attested otherwise is undone.

    Return whether the list is no longer published by it; None where it attests the same.
    """
    now = attestation_of(source_id)
    if all(before[name] == now[name] for name in ("published", "page", "page_on")):
        return None
    row = Source(id=source_id, published=bool(before["published"]), page=str(before["page"]))
    page_on, attested_at = before["page_on"], before["attested_at"]
    row.page_on = date.fromisoformat(str(page_on)) if page_on else None
    row.attested_by = str(before["attested_by"])
    row.attested_at = datetime.fromisoformat(str(attested_at)) if attested_at else None
    row.save(force_update=True, update_fields=["published", "page", "page_on", "attested_by", "attested_at"])
    return bool(now["published"]) and not row.published


def attestations() -> dict[str, int]:
    """Return by what each is called the lists of which it is attested that their holder publishes them."""
    rows = Source.objects.filter(published=True).values_list("id", "uid", "attested_at")
    return {f"{uid.hex} {at.astimezone(UTC).isoformat() if at else ''}": number for number, uid, at in rows}


def end_attestation(source_id: int) -> None:
    """Let a list no longer count as published; its records must be compiled again."""
    Source.objects.filter(id=source_id).update(published=False)


def set_licence(source_id: int, licence: str) -> None:
    """Note under which licence the list is given."""
    Source.objects.filter(id=source_id).update(licence=licence)


def set_origin(source_id: int, origin: str) -> None:
    """Note that a list is what another cooperative tells everybody, and at which address."""
    Source.objects.filter(id=source_id).update(origin=origin)


def remove_source(source_id: int) -> None:
    """Forget a source that says nothing."""
    Source.objects.filter(id=source_id, accepted=0).delete()
