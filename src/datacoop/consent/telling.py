"""What this room keeps of somebody: what they decided and how, restrictions, what they were told, search engines."""

from __future__ import annotations

from collections.abc import Iterator

from datacoop.consent.models import Decision, Dispute, Minority, NoticeState, Restriction, Unindexed, Withholding
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
    yield Chapter("withheld", _withheld(concerned))
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
    """What holds first; ended are those that a later one took the place of, and those whose last day is over."""
    found = Decision.objects.filter(record_id__in=concerned.ids).select_related("audience").order_by("pk")
    rows = [
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
            "ended": d.end_revision is not None or (d.valid_until is not None and d.valid_until <= concerned.now),
        }
        for d in found
    ]
    return sorted(rows, key=lambda row: bool(row["ended"]))


def _withheld(concerned: Concerned) -> list[Row]:
    found = list(Withholding.objects.filter(record_id__in=concerned.ids).order_by("pk"))
    lists = source_facts({each.source_id for each in found if each.source_id is not None})
    return [
        {
            "record": concerned.name(each.record_id),
            "list": lists[each.source_id].name if each.source_id in lists else "",
            "at": each.at,
            "ended": each.end_revision is not None,
        }
        for each in found
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
