"""Single dates of a recurrence: one is cancelled, moved, full, taken out, or again as the rule says. Pure.

A date is named as an override names it: by the moment that the rule gives, in wall time, or by its day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from datacoop.lib.dates import DAY_LENGTH

Recurrence = dict[str, Any]


def with_said(recurrence: Mapping[str, Any], name: str, **said: str | None) -> Recurrence:
    """Return a recurrence in which something is said of one date; None says nothing of that any more."""
    overrides = {each["recurrence_id"]: dict(each) for each in recurrence.get("overrides", ())}
    found = {**overrides.get(name, {"recurrence_id": name}), **said}
    overrides[name] = {part: value for part, value in found.items() if value is not None}
    standing = [overrides[each] for each in sorted(overrides) if len(overrides[each]) > 1]
    return _filled({**recurrence, "overrides": standing})


def without(recurrence: Mapping[str, Any], name: str) -> Recurrence:
    """Return a recurrence that does not give a date, and says nothing of it."""
    overrides = [each for each in recurrence.get("overrides", ()) if each["recurrence_id"] != name]
    exdates = sorted({*recurrence.get("exdates", ()), name})
    return _filled({**recurrence, "overrides": overrides, "exdates": exdates})


def again(recurrence: Mapping[str, Any], name: str) -> Recurrence:
    """Return a recurrence that gives a date which was taken out."""
    exdates = [each for each in recurrence.get("exdates", ()) if each != name]
    return _filled({**recurrence, "exdates": exdates})


def moved(recurrence: Mapping[str, Any], *, start: str, to: str, zone: ZoneInfo) -> Recurrence:
    """Return a recurrence whose dates are named by the hour of another start: each date stays on its day.

    What had an hour of its own keeps it. Where instants become days or days instants, what was said of when single
    dates take place says nothing any more.
    """
    was, hour = _hour(start, zone), _hour(to, zone)

    def renamed(name: str) -> str:
        has_own_hour = bool(was and hour) and name[DAY_LENGTH:] != was
        return name if has_own_hour else name[:DAY_LENGTH] + hour

    found = dict(recurrence)
    for part in ("rdates", "exdates"):
        if part in found:
            found[part] = [renamed(each) for each in found[part]]
    overrides = []
    for each in recurrence.get("overrides", ()):
        alike = bool(was) == bool(hour)
        said = {part: value for part, value in each.items() if alike or part not in ("start", "end")}
        overrides.append({**said, "recurrence_id": renamed(each["recurrence_id"])})
    found["overrides"] = [each for each in overrides if len(each) > 1]
    return _filled(found)


def _hour(start: str, zone: ZoneInfo) -> str:
    """Return how the hour of a start stands in the names of its dates, nothing for days."""
    if len(start) == DAY_LENGTH:
        return ""
    moment = datetime.fromisoformat(start)
    wall = moment.astimezone(zone) if moment.tzinfo else moment
    return f"T{wall:%H:%M:%S}"


def _filled(recurrence: Mapping[str, Any]) -> Recurrence:
    return {name: value for name, value in recurrence.items() if value}
