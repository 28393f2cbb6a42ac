"""Whether decisions would show anybody more than they see without them: asked of the rules, not of the values. Pure.

Every value that could ever be said of a record is tried against the rules before and after: each property, with and
without a personal mark, from a published list and from each list that a notice told of, now and at every later moment
at which the passing of time changes anything. So the answer depends on no value, neither hidden nor yet to come.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from datacoop.consent.rules import PUBLIC, Rulings, Tree, moments
from datacoop.disclosure.rules import Policy, shown
from datacoop.kinds.definition import Kind
from datacoop.records.rules import Mark, Origin, SourceFacts, State, StatementFacts

_UNKNOWN = -1


def widens(
    kind: Kind,
    *,
    before: Rulings,
    after: Rulings,
    members: Collection[int],
    tree: Tree,
    policy: Policy,
    now: datetime,
) -> bool:
    """Return whether some audience would, at some moment from `now` on, see under `after` what it does not `before`.

    `members` are the records that are one. Only audiences decided for, and the public, can differ from those above.
    """
    if before.restricted and not after.restricted:
        return True
    days = policy.days_to_object
    whens = sorted(moments(before, days=days, now=now) | moments(after, days=days, now=now))
    paths = [tree.path(a) for a in sorted({PUBLIC, *before.audiences(), *after.audiences()})]
    for probe in _probes(kind, before, members, now):
        for path in paths:
            for when in whens:
                would = shown(probe, kind, after, path=path, now=when, policy=policy)
                if would and not shown(probe, kind, before, path=path, now=when, policy=policy):
                    return True
    return False


def _probes(kind: Kind, rulings: Rulings, members: Collection[int], now: datetime) -> Iterator[StatementFacts]:
    told = sorted(rulings.notices or {})
    sources = [(min(members), SourceFacts(_UNKNOWN, "", "", False, published, "")) for published in (True, False)]
    sources += [(record, SourceFacts(source, "", "", False, False, "")) for record, source in told]
    for record, source in sources:
        for prop in kind.properties:
            for mark in (Mark.NONE, Mark.PERSONAL):
                yield StatementFacts(
                    0, record, prop.name, None, 0, Origin.HOLDER, source, now, State.LIVE, mark, None
                )  # fmt: skip
