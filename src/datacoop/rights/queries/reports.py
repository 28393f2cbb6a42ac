"""Reading reports that wait to be answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from datacoop.accounts.queries import list_representatives
from datacoop.accounts.rules import REPRESENTING
from datacoop.consent.speaking import subject_uids
from datacoop.rights.models.reports import Report
from datacoop.rights.rules.reports import ANSWER_WITHIN


@dataclass(frozen=True)
class ReportFacts:
    """One report that waits. `has_address`: somebody wants to know what becomes of it; who, nobody is told."""

    number: int
    kind: str
    record_uid: UUID | None
    text: str
    cells: Mapping[str, object]
    language: str
    created_at: datetime
    has_address: bool


def list_reports_about(record_uids: Collection[UUID]) -> list[ReportFacts]:
    """Return what waits about some records, oldest first."""
    rows = Report.objects.filter(state="waiting", record_uid__in=list(record_uids))
    return [_facts(row) for row in rows.order_by("created_at", "pk")]


def list_reports(*, now: datetime) -> list[ReportFacts]:
    """Return what waits for a steward, oldest first: what nobody represents, and what nobody answered in time."""
    rows = [_facts(row) for row in Report.objects.filter(state="waiting").order_by("created_at", "pk")]
    late = now - ANSWER_WITHIN
    return [each for each in rows if each.created_at <= late or not _is_represented(each.record_uid, now)]


def find_report(number: int) -> ReportFacts | None:
    """Return a report that waits."""
    row = Report.objects.filter(pk=number, state="waiting").first()
    return _facts(row) if row else None


def _is_represented(uid: UUID | None, now: datetime) -> bool:
    return uid is not None and any(
        list_representatives(subject_uid=subject, scope=scope, now=now)
        for subject in subject_uids(uid)
        for scope in REPRESENTING
    )


def _facts(row: Report) -> ReportFacts:
    return ReportFacts(
        row.pk, row.kind, row.record_uid, row.text, row.cells, row.language, row.created_at, bool(row.email)
    )
