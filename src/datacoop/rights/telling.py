"""What this room keeps of somebody: notices, the dates of links, their own requests."""

from __future__ import annotations

from collections.abc import Iterator

from datacoop.records.tellers import Chapter, Concerned, Row
from datacoop.rights.models.links import Link
from datacoop.rights.models.notices import Notice
from datacoop.rights.queries.requests import requests_of


def tell(concerned: Concerned) -> Iterator[Chapter]:
    """Yield a chapter each. Of links their dates alone: neither they nor their codes are kept."""
    yield Chapter("notices", _notices(concerned))
    links = Link.objects.filter(subject_uid__in=set(concerned.records.values())).order_by("pk")
    yield Chapter(
        "links",
        [
            {
                "record": str(x.subject_uid),
                "channel": x.channel,
                "at": x.made_at,
                "until": x.expires_at,
                "ended": x.ended_at,
            }
            for x in links
        ],
    )
    yield Chapter(
        "requests",
        [
            {
                "record": str(r.subject_uid or ""),
                "right": r.kind,
                "state": r.state,
                "actor": r.asked_by,
                "at": r.asked_at,
                "due_at": r.due_at,
                "language": r.language,
                "value": r.words,
                "extended_at": r.extended_at,
                "because": r.refused_because,
                "later_because": r.later_because,
                "settled_by": r.settled_by,
                "settled_at": r.settled_at,
                "reply": r.reply,
            }
            for r in requests_of(concerned.ids)
        ],
    )


def _notices(concerned: Concerned) -> list[Row]:
    found = Notice.objects.filter(subject_id__in=concerned.ids).select_related("holder").order_by("pk")
    return [
        {
            "record": concerned.name(n.subject_id),
            "holder": n.holder.name,
            "state": n.state,
            "natural": n.natural,
            "at": n.created_at,
            "due_at": n.due_at,
            "changed_at": n.changed_at,
            "number": n.generation,
            "channel": n.channel,
            "language": n.language,
            "text_version": n.text_version,
            "text_sha256": n.text_sha256,
            "sent_at": n.sent_at,
            "delivered_at": n.delivered_at,
            "reminded_at": n.reminded_at,
            "answered_at": n.answered_at,
            "ended": n.ended_at,
        }
        for n in found
    ]
