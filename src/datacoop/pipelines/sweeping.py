"""Clear away what imports left that were killed and never begun again: nobody sees it, but nobody needs it either."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from datacoop.pipelines.intake import Report
from datacoop.pipelines.stage import Stage
from datacoop.sources.actions import SupersededError, drop_contribution
from datacoop.sources.places import Gazetteer
from datacoop.sources.queries import list_under_way

#: No import takes longer.
PATIENCE = timedelta(days=1)


def sweep_interrupted(*, now: datetime, gazetteer: Gazetteer) -> int:
    """Remove contributions that began long ago and never ended, and return how many."""
    found = list_under_way(before=now - PATIENCE)
    for opened, kind in found:
        report = Report([], "", "", kind)
        # Taken over meanwhile: whoever did clears it away.
        with suppress(SupersededError):
            Stage(opened, kind, now=now, report=report, gazetteer=gazetteer, publishes=False).abandon()
        drop_contribution(opened)
    return len(found)
