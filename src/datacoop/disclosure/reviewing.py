"""Two records side by side, for whoever judges whether they are one: no value that is not theirs to see.

What the public sees is shown, and to a steward, whose look is logged with its reason, what a list says of an
organisation as such. A value that is marked personal, withheld, kept back or restricted is none of these: of it only
is told whether both say the same (law 6).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from datacoop.disclosure.describe import Described, Value, described
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.text import fold

REASON = "review"
Agreement = Literal["same", "partly", "differs", ""]


@dataclass(frozen=True)
class Shown:
    """A value, the lists or speakers it rests on, and whether it wins over its rivals."""

    value: object
    said_by: tuple[str, ...]
    wins: bool


@dataclass(frozen=True)
class Row:
    """A property of both: the values shown of each, whether either has others, and whether those that win agree.

    `agreement` is empty where one of them says nothing.
    """

    property: str
    first: tuple[Shown, ...]
    second: tuple[Shown, ...]
    first_withheld: bool
    second_withheld: bool
    agreement: Agreement


@dataclass(frozen=True)
class SideBySide:
    """Two records of one kind. `public` says of each whether the public is shown anything of it."""

    first: UUID
    second: UUID
    kind: str
    public: tuple[bool, bool]
    rows: tuple[Row, ...]


def side_by_side(*, first: UUID, second: UUID, actor: str, now: datetime) -> SideBySide | None:
    """Return two records property by property, for a steward; None where there is one at most.

    Both looks are entered in the ledger with their reason, as every look of a steward.
    """
    one = described(uid=first, actor=actor, reason=REASON, now=now)
    two = described(uid=second, actor=actor, reason=REASON, now=now)
    if one is None or two is None or one.kind != two.kind:
        return None
    names = [p.name for p in kind_named(one.kind).properties if p.name in one.values or p.name in two.values]
    return SideBySide(
        first,
        second,
        one.kind,
        (_is_public(one), _is_public(two)),
        tuple(_row(name, one, two) for name in names),
    )


def may_be_shown(value: Value, *, restricted: bool) -> bool:
    """Return whether a steward who compares two records sees a value, beyond whether it is the same in both."""
    return "public" in value.seen_by or (value.mark is None and value.is_live and not restricted)


def _is_public(record: Described) -> bool:
    return any("public" in value.seen_by for values in record.values.values() for value in values)


def _row(name: str, one: Described, two: Described) -> Row:
    first, second = one.values.get(name, ()), two.values.get(name, ())
    shown, other = _shown(first, one), _shown(second, two)
    withheld = _withholds(first, one), _withholds(second, two)
    return Row(name, shown, other, *withheld, _agreement(first, second, is_withheld=any(withheld)))


def _shown(values: Iterable[Value], record: Described) -> tuple[Shown, ...]:
    """The values that may be shown, each once with all that say it, those that win first."""
    found: dict[str, list[Value]] = {}
    for value in values:
        if may_be_shown(value, restricted=record.restricted):
            found.setdefault(_folded(value.value), []).append(value)
    shown = [
        Shown(said[0].value, tuple(dict.fromkeys(v.source or v.said_by for v in said)), any(v.wins for v in said))
        for said in found.values()
    ]
    return tuple(sorted(shown, key=lambda each: not each.wins))


def _withholds(values: Iterable[Value], record: Described) -> bool:
    return any(not may_be_shown(value, restricted=record.restricted) for value in values)


def _agreement(first: Collection[Value], second: Collection[Value], *, is_withheld: bool) -> Agreement:
    """Of what is not shown, no more is told than whether something is the same."""
    if not first or not second:
        return ""
    one, two = ({_folded(v.value) for v in side if v.wins} for side in (first, second))
    if one == two or (is_withheld and one & two):
        return "same"
    return "partly" if one & two else "differs"


def _folded(value: object) -> str:
    """A value as it is compared: upper and lower case and the order of its parts count nothing."""
    if isinstance(value, Mapping):
        parts = sorted((str(name), _folded(part)) for name, part in value.items() if part not in (None, ""))
        return " ".join(f"{name}={part}" for name, part in parts)
    return fold(str(value))
