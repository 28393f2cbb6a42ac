"""Pure rules of the gate: which statements an audience sees, and the document they make.

No Django, no database, no clock: everything comes in as plain values, so the naive oracle of the tests and the
compiler can be held against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from datacoop.consent.rules import NOBODY, Rulings, default_shows, verdict
from datacoop.disclosure.overrides import with_dates_shown
from datacoop.kinds.definition import Kind, Property
from datacoop.records.rules import (
    OWN_MARKS,
    PERSONAL_MARKS,
    Mark,
    Origin,
    RecordFacts,
    State,
    StatementFacts,
    fuse,
    is_published,
)


@dataclass(frozen=True)
class Policy:
    """The voted default, as far as the gate needs it."""

    days_to_object: int
    sensitive_themes: tuple[str, ...]

    def is_sensitive(self, theme: str) -> bool:
        """Return whether the theme, or one above it, is marked sensitive."""
        return any(theme == each or theme.startswith(each + "/") for each in self.sensitive_themes)


@dataclass(frozen=True)
class Pointed:
    """A reference as an audience sees it: the uid of the surviving record, and whether that record is public."""

    uid: str
    public: bool


#: Resolve the record pointed to for the audience at the end of a path; None where it is not disclosed to it.
Resolve = Callable[[int, Sequence[int]], Pointed | None]


#: (property, mark, state, whether published) → whether it is shown where nobody spoke.
ByDefault = dict[tuple[str, str, str, bool], bool]


class Document(NamedTuple):
    """What one audience sees of one record."""

    body: Mapping[str, object]
    hidden_in_lists: frozenset[str] = frozenset()
    """Properties that anonymous lists, exports and feeds leave out."""
    private: tuple[str, ...] = ()
    """Uids in the body that a client sees under an id of its own."""


def shown(
    statement: StatementFacts,
    kind: Kind,
    rulings: Rulings,
    *,
    path: Sequence[int],
    now: datetime,
    policy: Policy,
) -> bool:
    """Return whether the audience at the end of `path` sees the statement.

    Restriction and state come first, then the subject's word, then the voted default. A value marked personal needs
    the subject's word on that very property; a withheld one is never shown.
    """
    if rulings.restricted or statement.state != State.LIVE or statement.mark == Mark.WITHHELD:
        return False
    prop = kind.property(statement.property)
    if rulings.decisions:
        decided = _by_word(statement, prop, rulings.about(kind.name, prop.name), path, now)
        if decided is not None:
            return decided
    if statement.mark in PERSONAL_MARKS or statement.mark in OWN_MARKS:
        return False
    return _by_default(statement, prop, rulings, now, policy)


def _by_word(
    statement: StatementFacts, prop: Property, rulings: Rulings, path: Sequence[int], now: datetime
) -> bool | None:
    """Return what the subject's word says of a value, None where it says nothing."""
    if verdict(rulings, path=path, names=("",), now=now) is False:
        return False
    own = verdict(rulings, path=path, names=(prop.name,), now=now)
    decided = verdict(rulings, path=path, names=(prop.name, ""), now=now)
    if statement.mark in PERSONAL_MARKS or statement.mark == Mark.HELD:
        return own is True and decided is True
    if prop.follows and own is None and verdict(rulings, path=path, names=(prop.follows,), now=now) is False:
        return False
    return decided


def _by_default(statement: StatementFacts, prop: Property, rulings: Rulings, now: datetime, policy: Policy) -> bool:
    if prop.default == NOBODY:
        return False
    notices = rulings.notices or {}
    notice = notices.get((statement.record_id, statement.source.id)) if statement.source else None
    return default_shows(
        prop.default, published=is_published(statement), notice=notice, days=policy.days_to_object, now=now
    )


def document(
    facts: RecordFacts,
    kind: Kind,
    rulings: Rulings,
    *,
    path: Sequence[int],
    now: datetime,
    policy: Policy,
    resolve: Resolve,
    by_default: ByDefault,
) -> Document | None:
    """Return what the audience at the end of `path` sees of a record, None where it does not exist for it.

    Whoever does not see the record pointed to does not see that somebody pointed there either: neither its rank among
    rivals nor its source. `by_default` remembers answers of one policy, kind and moment.
    """
    undecided = not (rulings.decisions or rulings.restricted or rulings.notices)
    seen, own = [], {facts.id, *facts.members}
    for s in facts.statements:
        if s.refers in own:
            # Part of what it was united with since.
            continue
        if undecided:
            # Nothing but these counts where nobody spoke.
            like = s.property, s.mark, s.state, s.source is None or s.source.published
            is_shown = by_default.get(like)
            if is_shown is None:
                is_shown = by_default[like] = shown(s, kind, rulings, path=path, now=now, policy=policy)
        else:
            is_shown = shown(s, kind, rulings, path=path, now=now, policy=policy)
        if is_shown and (s.refers is None or resolve(s.refers, path) is not None):
            seen.append(s)
    if seen and any(s.mark in OWN_MARKS for s in facts.statements):
        seen = with_own_words(facts.statements, seen, restricted=rulings.restricted)
    # To belong to another makes nobody exist who is its own subject: that is said beside what lists say, not by them.
    if not seen or (kind.subject == "self" and all(s.refers is not None for s in seen)):
        return None
    found = assembled(facts, kind, seen, path=path, resolve=resolve)
    if "recurrence" in kind.slots:

        def is_hidden(name: str) -> bool:
            return verdict(rulings.about(kind.name, name), path=path, names=(name, ""), now=now) is False

        found = found._replace(body=with_dates_shown(found.body, kind, is_hidden))
    return _with_disputes(found, rulings.disputed) if rulings.disputed else found


def _with_disputes(found: Document, disputed: frozenset[str]) -> Document:
    """Say which of the properties in the document are disputed; of those that are not in it, nothing."""
    named = [name for name in found.body if name in disputed]
    if not named:
        return found
    # An anonymous list that leaves a property out does not tell that it is disputed.
    private = {"disputed"} if found.hidden_in_lists & set(named) else set()
    return found._replace(body={**found.body, "disputed": named}, hidden_in_lists=found.hidden_in_lists | private)


def with_own_words(
    said: Sequence[StatementFacts], seen: Sequence[StatementFacts], *, restricted: bool
) -> list[StatementFacts]:
    """Return what is seen with what the subject itself says of the same properties: its word wins (law 5).

    Whoever sees nothing of a property sees nothing more: correcting it shows nobody that it exists. A value that
    refers to another record is left to the rules alone.
    """
    present, properties = {s.id for s in seen}, {s.property for s in seen}
    return [
        s
        for s in said
        if s.id in present
        or (
            s.mark in OWN_MARKS
            and s.property in properties
            and s.state == State.LIVE
            and s.refers is None
            and not restricted
        )
    ]


def assembled(
    facts: RecordFacts, kind: Kind, seen: Sequence[StatementFacts], *, path: Sequence[int], resolve: Resolve
) -> Document:
    """Return the document made of the statements seen, in the order of the kind's properties."""
    winners = fuse(seen)
    body: dict[str, object] = {"id": str(facts.uid), "kind": kind.name}
    hidden: set[str] = set()
    private: list[str] = []
    for prop in kind.properties:
        if prop.name not in winners:
            continue
        values = _values(winners[prop.name], prop, path, resolve, private)
        if not values:
            continue
        body[prop.name] = values if prop.many else values[0]
        if not prop.open:
            hidden.add(prop.name)
    body["sources"] = _sources(seen)
    return Document(body, frozenset(hidden), tuple(private))


def _values(
    said: Sequence[StatementFacts], prop: Property, path: Sequence[int], resolve: Resolve, private: list[str]
) -> list[object]:
    if prop.type != "reference":
        return [s.value for s in said]
    values: list[object] = []
    for statement in said:
        pointed = resolve(statement.refers, path) if statement.refers is not None else None
        if pointed is None:
            continue
        values.append(pointed.uid)
        if not pointed.public:
            private.append(pointed.uid)
    return values


def _sources(seen: Sequence[StatementFacts]) -> list[dict[str, object]]:
    """Name the holders of published lists only; what the subject said itself counts as confirmed."""
    confirmed = any(s.source is None and s.origin == Origin.SUBJECT for s in seen)
    named: dict[tuple[str, str], dict[str, object]] = {}
    for s in seen:
        if s.source and s.source.published and (s.source.holder, s.source.page) not in named:
            entry: dict[str, object] = {"holder": s.source.holder, "confirmed": confirmed}
            if s.source.page:
                entry["page"] = s.source.page
            if s.source.origin:
                entry["origin"] = s.source.origin
            named[s.source.holder, s.source.page] = entry
    return [named[key] for key in sorted(named)]
