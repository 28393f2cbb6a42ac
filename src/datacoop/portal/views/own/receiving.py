"""Who actually received what is said of somebody, when, what for, and whether they say that they gave it up."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from datacoop.disclosure.own.receiving import Erasure, Receipt, received
from datacoop.kinds.definition import Kind
from datacoop.kinds.definition import kind as kind_named
from datacoop.portal.own import Visitor, proven_only
from datacoop.portal.pages import page
from datacoop.portal.readers import purpose_said
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.own.showing import records_of
from datacoop.portal.views.own.wording import heading


@require_safe
@proven_only
def receipts(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show every client and record. It is said what clients said, never that something is gone everywhere."""
    now = datetime.now(UTC)
    records = {each.id: each for each in records_of(visitor, now)}
    rows = []
    for each in received(visitor.subject):
        record = records.get(each.record)
        kind = kind_named(record.kind) if record else None
        rows.append({**_row(each, kind, now), "heading": heading(record, language()) if record else ""})
    return page(request, "own/received", {"visitor": visitor, "here_is": "received", "rows": rows})


def _row(each: Receipt, kind: Kind | None, now: datetime) -> dict[str, object]:
    return {
        "receipt": each,
        "purposes": [purpose_said(purpose, language()) for purpose in each.purposes],
        "erasures": [_erasure(erasure, kind, now) for erasure in each.erasures],
    }


def _erasure(each: Erasure, kind: Kind | None, now: datetime) -> dict[str, object]:
    labels = {prop.name: prop.labels[language()] for prop in kind.properties} if kind else {}
    return {
        "state": _state(each, now),
        "when": each.acknowledged_at or each.deadline,
        "because": each.legal_basis,
        "labels": [] if each.whole else [labels.get(name, name) for name in each.properties],
    }


def _state(each: Erasure, now: datetime) -> str:
    if each.acknowledged_at:
        return "answer.retains" if each.legal_basis else "answer.gave_up"
    return "answer.is_late" if each.is_late(now) else "answer.has_until"
