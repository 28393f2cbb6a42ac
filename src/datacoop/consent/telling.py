"""What this room keeps of somebody: what they decided and how, restrictions, what they were told, search engines."""

from __future__ import annotations

from collections.abc import Iterator

from datacoop.consent.models import Decision, Dispute, Minority, NoticeState, Restriction, Unindexed
from datacoop.records.queries import source_facts
from datacoop.records.tellers import Chapter, Concerned, Row


def tell(concerned: Concerned) -> Iterator[Chapter]:
    """Yield a chapter each."""
    yield Chapter("decisions", _decisions(concerned))
    restricted = Restriction.objects.filter(record_id__in=concerned.ids).order_by("pk")
    yield Chapter(
        "restrictions",
        [
            {"record": concerned.name(r.record_id), "ground": r.ground, "at": r.at, "ended": r.end_revision is not None}
            for r in restricted
        ],
    )
    yield Chapter("told", _told(concerned))
    unlisted = Unindexed.objects.filter(record_id__in=concerned.ids).order_by("pk")
    yield Chapter(
        "search_engines",
        [{"record": concerned.name(u.record_id), "at": u.at, "ended": u.end_revision is not None} for u in unlisted],
    )
    disputed = Dispute.objects.filter(record_id__in=concerned.ids).order_by("pk")
    yield Chapter(
        "disputed",
        [
            {
                "record": concerned.name(d.record_id),
                "property": d.property,
                "reason": d.reason,
                "actor": d.actor,
                "at": d.at,
                "ended": d.end_revision is not None,
            }
            for d in disputed
        ],
    )
    minors = Minority.objects.filter(record_id__in=concerned.ids).order_by("pk")
    yield Chapter("minority", [{"record": concerned.name(m.record_id), "until": m.until, "at": m.at} for m in minors])


def _decisions(concerned: Concerned) -> list[Row]:
    found = Decision.objects.filter(record_id__in=concerned.ids).select_related("audience").order_by("pk")
    return [
        {
            "record": concerned.name(d.record_id),
            "property": d.property,
            "audience": d.audience.key,
            "shows": d.shows,
            "purpose": d.purpose,
            "since": d.valid_from,
            "until": d.valid_until,
            "actor": d.actor,
            "reason": d.reason,
            "method": d.method,
            "capacity": d.capacity,
            "language": d.language,
            "text_version": d.notice_version,
            "text_sha256": d.notice_sha256,
            "ended": d.end_revision is not None,
        }
        for d in found
    ]


def _told(concerned: Concerned) -> list[Row]:
    states = list(NoticeState.objects.filter(record_id__in=concerned.ids).order_by("pk"))
    lists = source_facts({s.source_id for s in states})
    return [
        {
            "record": concerned.name(s.record_id),
            "holder": lists[s.source_id].holder if s.source_id in lists else "",
            "list": lists[s.source_id].name if s.source_id in lists else "",
            "delivered_at": s.delivered_at,
            "objected_at": s.objected_at,
        }
        for s in states
    ]
