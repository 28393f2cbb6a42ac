"""Who keeps which list, and what came of each delivery."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from datacoop.kinds.definition import all_kinds
from datacoop.portal.pages import page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.steward.guarding import steward_only
from datacoop.sources.queries import list_contributions, list_lists

_MOST_DELIVERIES = 10
_SHOWN = ("read", "accepted", "rejected", "new", "changed", "vanished")


@require_safe
@steward_only
def lists(request: HttpRequest) -> HttpResponse:
    """Every list with its latest deliveries: counts and states, no values."""
    found = [
        {
            "facts": each,
            "kind": all_kinds()[each.kind].plural_labels[language()],
            "deliveries": [
                (number, f"steward.states.{state}", received, [counts.get(name, 0) for name in _SHOWN])
                for number, state, received, counts in list_contributions(each.source_id, limit=_MOST_DELIVERIES)
            ],
        }
        for each in list_lists()
    ]
    return page(request, "steward/lists", {"lists": found, "shown": [f"steward.counts.{n}" for n in _SHOWN]})
