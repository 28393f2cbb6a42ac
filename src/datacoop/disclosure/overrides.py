"""What a recurrence may say of single dates: no more than the record shows of all of them. Pure.

A recurrence is one value; its overrides hold what other properties hold elsewhere. Whoever hides the place of an
activity hides it on each date.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from datacoop.kinds.definition import Kind
from datacoop.lib.recurring import OVERRIDDEN

#: Parts of an override that stand for a slot; others bear the name of their property.
_SLOTS = {"start": "start", "end": "end", "title": "name"}


def with_dates_shown(body: Mapping[str, object], kind: Kind, is_hidden: Callable[[str], bool]) -> Mapping[str, object]:
    """Return a document whose recurrence says nothing of properties that `is_hidden` names; as it is without one.

    Without a start there are no dates to speak of: then the whole recurrence goes, for it would tell them.
    """
    name = kind.slots["recurrence"].name
    if name not in body:
        return body
    found = dict(body)
    if kind.slots["start"].name not in found:
        del found[name]
        return found
    recurrence = cast("Mapping[str, Any]", found[name])
    if "overrides" not in recurrence:
        return found
    hidden = {part for part in OVERRIDDEN if is_hidden(_property(part, kind))}
    if hidden:
        found[name] = _narrowed(recurrence, hidden)
        if not found[name]:
            del found[name]
    return found


def _property(part: str, kind: Kind) -> str:
    return kind.slots[_SLOTS[part]].name if _SLOTS.get(part) in kind.slots else part


def _narrowed(recurrence: Mapping[str, Any], hidden: set[str]) -> dict[str, Any]:
    kept = [{key: value for key, value in each.items() if key not in hidden} for each in recurrence["overrides"]]
    told = [each for each in kept if len(each) > 1]
    whole = {name: value for name, value in recurrence.items() if name != "overrides"}
    return {**whole, "overrides": told} if told else whole
