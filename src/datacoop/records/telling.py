"""What this room keeps of somebody beside what is said of them: merges, the way to their entries in the ledger."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from datacoop.ledger.queries import entries
from datacoop.records.models import Merge, Revision, Suppression, Trace
from datacoop.records.tellers import Chapter, Concerned, Row


def tell(concerned: Concerned) -> Iterator[Chapter]:
    """Yield merges, ledger entries with who acted and why, and digests that keep somebody erased from coming back."""
    yield Chapter("merges", _merges(concerned))
    yield Chapter("entries", _entries(concerned))
    held = Suppression.objects.filter(record_id__in=concerned.ids).order_by("pk")
    yield Chapter("return_marks", [{"record": concerned.name(s.record_id), "at": s.at} for s in held])


def _merges(concerned: Concerned) -> list[Row]:
    found = Merge.objects.filter(Q(loser_id__in=concerned.ids) | Q(survivor_id__in=concerned.ids)).order_by("pk")
    return [
        {
            "record": concerned.name(m.loser_id),
            "into": concerned.name(m.survivor_id),
            "actor": m.actor,
            "reason": m.reason,
            "ended": m.end_revision is not None,
        }
        for m in found
    ]


def _entries(concerned: Concerned) -> list[Row]:
    traces = list(Trace.objects.filter(record_id__in=concerned.ids).order_by("entry", "record_id"))
    known = entries({t.entry for t in traces})
    revisions = Revision.objects.in_bulk({t.revision for t in traces if t.revision is not None})
    rows: list[Row] = []
    for trace in traces:
        entry = known.get(trace.entry)
        revision = revisions.get(trace.revision) if trace.revision is not None else None
        rows.append(
            {
                "record": concerned.name(trace.record_id),
                "entry": trace.entry,
                "at": entry.at if entry else None,
                "what": entry.kind if entry else "",
                "actor": revision.actor if revision else str(entry.payload.get("actor", "")) if entry else "",
                "why": revision.why if revision else "",
                "reason": trace.note,
            }
        )
    return rows
