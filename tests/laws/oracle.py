"""What each audience sees, told a second time: naive, slow, from the text of the laws, without the house's rules.

It shares with the house only the kinds' definitions. `redacted` makes the copy of a world in which everything a
reader never saw is gone or different: law 2 says that the reader cannot tell the two apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from datacoop.kinds.definition import kind as kind_named
from tests.laws import worlds
from tests.laws.worlds import CLIENTS, LISTS, World

ORIGIN = {"list:0": 10, "list:1": 10, "list:2": 20, "steward": 30, "subject": 40}
DAYS_TO_OBJECT = 30
Key = tuple[int, int]


@dataclass
class Statement:
    key: Key
    record: str
    speaker: str
    since: datetime
    said: worlds.Value
    quarantined: bool
    ended: bool = False


@dataclass
class Decision:
    record: str
    audience: str
    property: str | None
    shows: bool
    until: datetime | None
    step: int = 0


def path_of(reader: str) -> list[str]:
    """Return the audiences of a reader, the nearest first."""
    return ["public"] if reader == "public" else [f"agreement:{reader}", f"terms:{CLIENTS[reader]}", "public"]


@dataclass
class Model:
    """All that was said and decided so far."""

    records: list[str] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    merges: dict[str, str] = field(default_factory=dict)
    restricted: set[str] = field(default_factory=set)
    notices: dict[tuple[str, str], tuple[datetime | None, bool]] = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)
    withheld: dict[tuple[str, str | None], int] = field(default_factory=dict)
    """At which step a subject chose that nothing be shown, now or later: of what one list names, or of everything."""
    spoken: dict[str, int] = field(default_factory=dict)
    """At which step something was last said to everybody, for good, of all of a record."""
    steps: int = 0

    def apply(self, op: worlds.Op, now: datetime) -> None:  # noqa: C901 (one short case for each operation)
        self.steps += 1
        match op:
            case worlds.Create(record, about):
                self.records.append(record)
                self.about |= {record: about} if about else {}
            case worlds.Withhold(record, speaker):
                self.withheld.setdefault((record, speaker), self.steps)
            case worlds.ShowLater(record, speaker):
                gone = [each for each in self.withheld if each[0] == record and speaker in {None, each[1]}]
                self.withheld = {each: step for each, step in self.withheld.items() if each not in gone}
            case worlds.Say(record, speaker, values, quarantined, ends):
                self._end(record, speaker, {v.property for v in values} | set(ends))
                self.statements += [Statement(v.key, record, speaker, now, v, quarantined) for v in values]
            case worlds.Retract(record, speaker, properties):
                self._end(record, speaker, set(properties))
            case worlds.Release(record):
                for s in self.statements:
                    s.quarantined = s.quarantined and s.record != record
            case worlds.Decide(record, audience, shows, name, hours):
                same = [d for d in self.decisions if (d.record, d.audience, d.property) == (record, audience, name)]
                if hours is None:
                    self.decisions = [d for d in self.decisions if d not in same]
                until = now + timedelta(hours=hours) if hours is not None else None
                self.decisions.append(Decision(record, audience, name, shows, until, self.steps))
                if (audience, name, hours) == ("public", None, None):
                    self.spoken[record] = self.steps
            case worlds.Restrict(record):
                self.restricted.add(record)
            case worlds.Lift(record):
                self.restricted.discard(record)
            case worlds.Merge(loser, survivor):
                self.merges[loser] = survivor
            case worlds.Split(loser):
                del self.merges[loser]
            case worlds.Notice(record, speaker, objected):
                delivered, before = self.notices.get((record, speaker), (None, False))
                self.notices[record, speaker] = (delivered, True) if objected else (delivered or now, before)

    def _end(self, record: str, speaker: str, names: set[str]) -> None:
        for s in self.statements:
            if s.record == record and s.speaker == speaker and s.said.property in names:
                s.ended = True

    def root(self, record: str) -> str:
        return self.root(self.merges[record]) if record in self.merges else record

    def group(self, record: str) -> list[str]:
        return [each for each in self.records if self.root(each) == self.root(record)]

    def word(self, record: str, reader: str, names: list[str | None], now: datetime) -> bool | None:
        """The subject's word: nearest audience first, then the stronger name, then the newer; all members agree."""
        answers = [self._word_of(member, reader, names, now) for member in self.group(record)]
        spoken = [each for each in answers if each is not None]
        return all(spoken) if spoken else None

    def _word_of(self, member: str, reader: str, names: list[str | None], now: datetime) -> bool | None:
        words = [d for d in reversed(self._words(member)) if not d.until or now < d.until]
        for audience in path_of(reader):
            for name in names:
                for d in words:
                    if (d.audience, d.property) == (audience, name):
                        return d.shows
        return None

    def _words(self, member: str) -> list[Decision]:
        """What was decided of a record; what its subject withholds counts as said of it then, whenever it came."""
        own = [d for d in self.decisions if d.record == member]
        since = self._withheld_since(member)
        if not since:
            return own
        kept = [d for d in own if not d.shows or d.step > since]
        is_spoken = self.spoken.get(member, 0) >= since
        return kept if is_spoken else [Decision(member, "public", None, False, None, since), *kept]

    def _withheld_since(self, member: str) -> int:
        """At which step its subject last chose that nothing of it be shown, 0: never, or of lists that do not."""
        subject = self.about.get(member)
        if not subject:
            return 0
        whose = set(self.group(subject))
        naming = {s.speaker for s in self.statements if s.record == member and not s.ended}
        steps = (step for (each, by), step in self.withheld.items() if each in whose and (not by or by in naming))
        return max(steps, default=0)

    def sees(self, s: Statement, reader: str, now: datetime) -> bool:
        """Whether a reader sees a statement, in the record its record is now part of."""
        kind = kind_named(worlds.kind_of(s.record))
        name = s.said.property
        if s.ended or s.quarantined or s.said.mark == "w" or self.restricted & set(self.group(s.record)):
            return False
        if self.word(s.record, reader, [None], now) is False:
            return False
        if name == "part_of" and not self.belongs(s, reader, now):
            return False
        if (
            worlds.is_reference(s.record, name)
            and name != "part_of"
            and self.document(str(s.said.value), reader, now) is None
        ):
            return False
        own = self.word(s.record, reader, [name], now)
        word = self.word(s.record, reader, [name, None], now)
        if s.said.mark in {"p", "s", "h"}:
            return own is True and word is True
        follows = kind.property(name).follows
        if follows and own is None and self.word(s.record, reader, [follows], now) is False:
            return False
        if s.said.mark == "o":
            return word is True
        return self._default(s, now) if word is None else word

    def belongs(self, s: Statement, reader: str, now: datetime) -> bool:
        """Whether a reader knows of the whole that something is part of; to be part of another makes nobody exist."""
        whole = self.group(str(s.said.value))
        if s.record in whole:
            return False
        said = [each for each in self.statements if each.record in whole and each.said.property != "part_of"]
        return any(self.shows(each, reader, now) for each in said)

    def shows(self, s: Statement, reader: str, now: datetime) -> bool:
        """Whether a reader sees it by itself, or as the subject's word in the place of what it sees of others."""
        if self.sees(s, reader, now):
            return True
        if s.said.mark not in {"o", "h"} or s.ended or s.quarantined:
            return False
        if worlds.is_reference(s.record, s.said.property):
            return False
        group = self.group(s.record)
        rivals = [r for r in self.statements if r.record in group and r.said.property == s.said.property]
        return any(self.sees(r, reader, now) for r in rivals)

    def _default(self, s: Statement, now: datetime) -> bool:
        rule = kind_named(worlds.kind_of(s.record)).property(s.said.property).default
        if rule == "nobody":
            return False
        # What was told stays with each statement, whatever it was merged with; an objection is the subject's word.
        at, _ = self.notices.get((s.record, s.speaker), (None, False))
        # An objection binds all that is about whoever objected, too.
        group = self.group(s.record)
        whose = {*group, *(each for m in group if m in self.about for each in self.group(self.about[m]))}
        if any(self.notices.get((record, s.speaker), (None, False))[1] for record in whose):
            return False
        if s.speaker not in LISTS or LISTS[s.speaker][1]:
            return True
        return rule == "notified" and at is not None and at + timedelta(days=DAYS_TO_OBJECT) <= now

    def document(self, record: str, reader: str, now: datetime) -> dict[str, object] | None:
        """What a reader sees of the record that `record` is now part of, None where it sees none."""
        group = self.group(record)
        seen = [s for s in self.statements if s.record in group and self.shows(s, reader, now)]
        if all(s.said.property == "part_of" for s in seen):
            return None
        root = self.root(record)
        body: dict[str, object] = {"id": str(worlds.uid_of(root)), "kind": worlds.kind_of(root)}
        for prop in kind_named(worlds.kind_of(root)).properties:
            rivals = [s for s in seen if s.said.property == prop.name]
            if not rivals:
                continue
            best = max(rivals, key=lambda s: (ORIGIN[s.speaker], s.since))
            same = [s for s in rivals if (s.speaker, s.record) == (best.speaker, best.record)]
            same.sort(key=lambda s: (s.said.position, s.key))
            values = [self._value(s) for s in same]
            body[prop.name] = values if prop.many else values[0]
        self._hide_on_single_dates(body, root, reader, now)
        confirmed = any(s.speaker == "subject" for s in seen)
        named = {LISTS[s.speaker] for s in seen if s.speaker in LISTS and LISTS[s.speaker][1]}
        body["sources"] = [
            {"holder": holder, "confirmed": confirmed, **({"page": page} if page else {})}
            for holder, _, _, page in sorted(named)
        ]
        return body

    def _hide_on_single_dates(self, body: dict[str, object], root: str, reader: str, now: datetime) -> None:
        """What is hidden of an activity is hidden on each of its dates; without a start it has none."""
        recurrence = body.get("recurrence")
        if not isinstance(recurrence, dict):
            return
        if "start" not in body:
            del body["recurrence"]
            return
        kept = []
        for each in recurrence.get("overrides", ()):
            left = {k: v for k, v in each.items() if self.word(root, reader, [k, None], now) is not False}
            kept += [left] if set(left) != {"recurrence_id"} else []
        whole = {k: v for k, v in recurrence.items() if k != "overrides"} | ({"overrides": kept} if kept else {})
        body["recurrence"] = whole
        if not whole:
            del body["recurrence"]

    def _value(self, s: Statement) -> object:
        if worlds.is_reference(s.record, s.said.property):
            return str(worlds.uid_of(self.root(str(s.said.value))))
        return s.said.value


@dataclass
class History:
    """What a reader ever saw while a world happened."""

    statements: set[Key] = field(default_factory=set)
    records: set[str] = field(default_factory=set)


def model_of(world: World) -> Model:
    """Return all that is said and decided at the end of a world."""
    model = Model()
    for op, now in zip(world, worlds.moments(world), strict=False):
        model.apply(op, now)
    return model


def histories(world: World, *readers: str) -> dict[str, History]:
    """Return what readers ever saw, at every operation and just before it."""
    model, found = Model(), {reader: History() for reader in readers}

    def look(now: datetime) -> None:
        for reader, history in found.items():
            for s in model.statements:
                if model.shows(s, reader, now):
                    history.statements.add(s.key)
                    history.records.update((s.record, model.root(s.record)))

    *instants, end = worlds.moments(world)
    for op, now in zip(world, instants, strict=True):
        look(now)
        model.apply(op, now)
        look(now)
    look(end)
    return found


def seen_now(world: World, *readers: str) -> dict[str, History]:
    """Return what readers see at the end of a world."""
    model, now = model_of(world), worlds.moments(world)[-1]
    found = {}
    for reader in readers:
        shown = [s for s in model.statements if model.shows(s, reader, now)]
        records = {label for s in shown for label in (s.record, model.root(s.record))}
        found[reader] = History({s.key for s in shown}, records)
    return found


def redacted(world: World, reader: str, mode: str) -> World:
    """Return the world as it would be without what a reader does not see.

    `remove`: what it never saw does not exist; `replace`: is something else; `now`: what it does not see at the end
    does not exist. All keep merges, states, marks and decisions (law 2). What the public sees but the client does not
    is replaced, never removed: the client can ask without its token, so it knows *that* there is something; the
    values may not show in what it gets with its token. So is what a list says of something whose subject withholds
    what that list names: whether it names it is part of the subject's word.
    """
    seen = (seen_now if mode == "now" else histories)(world, reader, "public")
    own, public = seen[reader], seen["public"]
    merged = {label for op in world if isinstance(op, worlds.Merge) for label in (op.record, op.survivor)}
    withheld = {op.record for op in world if isinstance(op, worlds.Withhold)}
    kept = own.records | public.records | merged | withheld
    owned = {op.record for op in world if isinstance(op, worlds.Create) and op.about}
    naming = {op.speaker for op in world if isinstance(op, worlds.Withhold)}
    said: set[tuple[str, str, str]] = set()
    found: list[worlds.Op] = []
    for op in world:
        if mode != "replace" and not isinstance(op, worlds.Deliver | worlds.Wait) and op.record not in kept:
            found.append(worlds.Wait(0))
        elif isinstance(op, worlds.Say):
            names = op.record in owned and op.speaker in naming
            found.append(_redacted_say(op, own.statements, public.statements, "replace" if names else mode, said))
        else:
            found.append(op)
    return tuple(found)


def _redacted_say(
    op: worlds.Say, own: set[Key], public: set[Key], mode: str, said: set[tuple[str, str, str]]
) -> worlds.Op:
    """Keep what may stay; what a removed value superseded ends all the same, and if there was nothing, nothing is."""
    values: list[worlds.Value] = []
    for value in op.values:
        if value.key in own:
            values.append(value)
        elif value.key in public or mode == "replace":
            values.append(replace(value, value=_another(op.record, value)))
    gone = {v.property for v in op.values} - {v.property for v in values}
    ends = tuple(sorted(name for name in gone if (op.record, op.speaker, name) in said))
    said.update((op.record, op.speaker, v.property) for v in values)
    return replace(op, values=tuple(values), ends=ends) if values or ends else worlds.Wait(0)


def _another(record: str, value: worlds.Value) -> object:
    """Return another value of the same property; a reference stays what it is."""
    if worlds.is_reference(record, value.property):
        return value.value
    choices: Mapping[str, object] = worlds.VALUES[worlds.kind_of(record)]
    others = [each for each in choices[value.property] if each != value.value]  # type: ignore[attr-defined]
    return others[value.key[0] % len(others)]
