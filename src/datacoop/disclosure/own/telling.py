"""What is said about a subject, by whom, and who sees it and why: for the subject itself, by the compiler's rules."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from datacoop.consent.hearing import VERSIONS, shipped_terms
from datacoop.consent.queries import audience_tree
from datacoop.consent.rules import PUBLIC, Ruling, Tree, binding
from datacoop.disclosure.compile.policies import current_policy
from datacoop.disclosure.own.masking import DOTS
from datacoop.disclosure.own.subjects import Group, groups_of, known_audiences
from datacoop.disclosure.rules import Policy, shown
from datacoop.kinds.definition import Kind
from datacoop.kinds.definition import kind as kind_named
from datacoop.records.queries import load
from datacoop.records.rules import MARK_CODES, State, StatementFacts, fuse

SPEAKERS = {10: "holder", 20: "authority", 30: "steward", 40: "subject"}
#: Why somebody sees a property or does not: the subject's word, the voted default, a value whose subject was not yet
#: told of it, a restriction of everything.
WORD, DEFAULT, WAITING, RESTRICTED = "word", "default", "waiting", "restricted"


@dataclass(frozen=True)
class OwnValue:
    """One value said of a record. `is_winning`: whoever sees several, sees this one."""

    property: str
    value: object
    is_masked: bool
    said_by: str
    holder: str
    source_id: int | None
    since: datetime
    mark: str | None
    is_winning: bool


@dataclass(frozen=True)
class Sight:
    """Whether an audience (by key) sees a property, and why; the moments are those of the word that says so."""

    audience: str
    shows: bool
    why: str
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class OwnRecord:
    """One record about the subject. `title` names it for whoever asked: an organisation, a person; empty unless proven.

    `is_veiled`: not even what kind of record it is, or who keeps the list, is to be told.
    """

    id: int
    uid: uuid.UUID
    kind: str
    title: str
    values: tuple[OwnValue, ...]
    sights: Mapping[str, tuple[Sight, ...]]
    is_restricted: bool
    standing: tuple[tuple[str, str, bool], ...]
    """(Audience, property or empty for the whole, shown) of every word that holds or will."""
    is_veiled: bool = False

    def sees(self, audience: str) -> frozenset[str]:
        """Return the properties an audience sees."""
        return frozenset(
            name for name, found in self.sights.items() for s in found if s.audience == audience and s.shows
        )


def shown_audiences(groups: Iterable[Group] = ()) -> list[str]:
    """Return the audiences a subject decides for: classes of readers, and clients decided for already."""
    keys = {number: key for key, number in known_audiences().items()}
    decided = {
        keys[a] for group in groups for a in group.rulings.audiences() if keys.get(a, "").startswith("agreement:")
    }
    return ["public", "cooperators", *(f"terms:{name}" for name in shipped_terms()), *sorted(decided)]


def own_records(
    subject: uuid.UUID, *, now: datetime, sources: Collection[int] | None = None, proven: bool = False
) -> list[OwnRecord]:
    """Return every record about a subject in every role.

    With `sources` only what those lists say, and only the records they speak of: a notice concerns no more. Unless
    it is `proven` who asks, nothing of any value is told, also where everybody sees it.
    """
    groups = groups_of(subject)
    telling = _Telling(groups, sources=sources, proven=proven, now=now)
    return [found for group in groups if (found := telling.told(group)) is not None]


class _Telling:
    def __init__(
        self, groups: Sequence[Group], *, sources: Collection[int] | None, proven: bool, now: datetime
    ) -> None:
        self._sources, self._proven, self._now = sources, proven, now
        self._tree: Tree = audience_tree()
        self._policy: Policy = current_policy()
        self._numbers = known_audiences()
        self._audiences = shown_audiences(groups)
        self._own = {member for group in groups for member in group.members}
        self._pointed = load({s.refers for g in groups for s in g.facts.statements if s.refers} - self._own)

    def told(self, group: Group) -> OwnRecord | None:
        facts, kind = group.facts, kind_named(group.facts.kind)
        said = [s for s in facts.statements if self._concerns(s)]
        if self._sources is not None and not said:
            return None
        winners = {s.id for found in fuse(said).values() for s in found}
        values = tuple(self._value(s, kind, s.id in winners) for s in self._ordered(said, kind))
        present = dict.fromkeys(s.property for s in values)
        keys = {number: key for key, number in self._numbers.items()}
        return OwnRecord(
            facts.id,
            facts.uid,
            facts.kind,
            self._title(values, kind) if self._proven else "",
            values,
            {name: tuple(self._sight(name, a, group, kind) for a in self._audiences) for name in present},
            group.rulings.restricted,
            tuple(
                (keys[d.audience], d.property, d.shows)
                for d in group.rulings.decisions
                if (d.until is None or d.until > self._now) and not keys[d.audience].startswith(VERSIONS)
            ),
        )

    def _concerns(self, said: StatementFacts) -> bool:
        return self._sources is None or (said.source is not None and said.source.id in self._sources)

    def _ordered(self, said: Iterable[StatementFacts], kind: Kind) -> list[StatementFacts]:
        places = {prop.name: place for place, prop in enumerate(kind.properties)}
        return sorted(said, key=lambda s: (places[s.property], -s.origin, s.position, s.id))

    def _value(self, said: StatementFacts, kind: Kind, wins: bool) -> OwnValue:
        prop = kind.property(said.property)
        value = self._name_of(said.refers, said) if prop.type == "reference" else said.value
        if not self._proven and value != "":
            value = DOTS
        holder = said.source.holder if said.source else ""
        return OwnValue(
            said.property, value, not self._proven, SPEAKERS[said.origin], holder,
            said.source.id if said.source else None, said.since, MARK_CODES.get(said.mark), wins,
        )  # fmt: skip

    def _name_of(self, number: int | None, said: StatementFacts) -> str:
        """Return what the record pointed to is called: as whoever points to it says, else as everybody may know."""
        facts = self._pointed.get(number) if number is not None else None
        if facts is None:
            return ""
        named = [s for s in facts.statements if s.property in {"name", "title"} and s.state != State.RESTRICTED]
        holder = said.source.holder if said.source else None
        same = [s for s in named if s.source and s.source.holder == holder] or named
        return next((str(s.value) for found in fuse(same).values() for s in found), "")

    def _title(self, values: Sequence[OwnValue], kind: Kind) -> str:
        slot = kind.slots.get("name")
        names = {v.property: str(v.value) for v in reversed(values) if v.is_winning}
        wanted = (slot.name if slot else "", "organisation", "title", "name")
        return next((names[name] for name in wanted if names.get(name)), "")

    def _sight(self, name: str, audience: str, group: Group, kind: Kind) -> Sight:
        path = self._tree.path(self._numbers.get(audience, PUBLIC))
        said = [s for s in group.facts.statements if s.property == name]
        shows = any(shown(s, kind, group.rulings, path=path, now=self._now, policy=self._policy) for s in said)
        if group.rulings.restricted:
            return Sight(audience, False, RESTRICTED)
        word = self._word(name, path, group)
        if word is not None and word.shows == shows:
            return Sight(audience, shows, WORD, word.since, word.until)
        waits = not shows and all(s.state == State.QUARANTINED for s in said)
        return Sight(audience, shows, WAITING if waits else DEFAULT)

    def _word(self, name: str, path: Sequence[int], group: Group) -> Ruling | None:
        said = group.rulings.about(group.facts.kind, name)
        whole = binding(said, path=path, names=("",), now=self._now)
        if whole is not None and not whole.shows:
            return whole
        return binding(said, path=path, names=(name, ""), now=self._now)
