"""What this room keeps of somebody: what is compared of their records, what people judged. The other side is not told:
it may be somebody whom nobody sees.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson
from django.db.models import Q

from datacoop.linking.models import Judgement, LookAlike, ProfileRow
from datacoop.records.queries import source_facts
from datacoop.records.tellers import Chapter, Concerned


def tell(concerned: Concerned) -> Iterator[Chapter]:
    """Yield profiles, and pairs with what was judged of them."""
    profiles = list(ProfileRow.objects.filter(record_id__in=concerned.ids).order_by("pk"))
    lists = source_facts({p.source_id for p in profiles})
    yield Chapter(
        "compared",
        [
            {
                "record": concerned.name(p.record_id),
                "list": lists[p.source_id].name if p.source_id in lists else "",
                "ended": p.end_contribution is not None,
                "value": orjson.loads(p.packed),
            }
            for p in profiles
        ],
    )
    ours = Q(first__in=concerned.ids) | Q(second__in=concerned.ids)
    alike = [
        {
            "record": concerned.name(a.first) or concerned.name(a.second),
            "at": a.found_at,
            "state": a.state,
            "weight": f"{a.weight:.2f}",
            "reasons": [*a.reasons["codes"], *filter(None, [a.reasons["veto"]])],
        }
        for a in LookAlike.objects.filter(ours).order_by("pk")
    ]
    judged = [
        {
            "record": concerned.name(j.first) or concerned.name(j.second),
            "at": j.at,
            "state": j.verdict,
            "actor": j.actor,
            "ended": j.reversed_at,
        }
        for j in Judgement.objects.filter(ours).order_by("pk")
    ]
    yield Chapter("alike", [*alike, *judged])
