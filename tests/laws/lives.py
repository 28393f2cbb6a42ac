"""Lives: what may happen to some records, step by step, in any order; the house's doing of it and a naive telling.

Beyond what `worlds` draws: whole lists delivered through staging, words taken back, and people erased. Each label has
names and addresses of its own, so that whoever is erased is known again by a list, and by nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from datacoop.consent.actions import Wish, decide_many
from datacoop.consent.replaying import replay as withdraw_again
from datacoop.disclosure.actions import finish_contributions, settle
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found
from datacoop.kinds.definition import kind as kind_named
from datacoop.records import withdrawals
from datacoop.records.actions.erasing import erase_subjects
from datacoop.records.actions.revising import revision
from datacoop.records.actions.staging import StagedRow, accept, open_staging, stage, stage_vanished
from datacoop.records.models import Record, Source
from datacoop.records.storing import Said
from datacoop.records.withdrawals import Line
from tests.laws import worlds
from tests.laws.oracle import Key, Model, Statement
from tests.laws.replaying import do, number_of, reader_of

LABELS = ("o0", "o1", "o2")
#: What somebody may do, by what it is.
ORGANISERS = {"a0": "o0", "a1": "o1"}
Listed = Mapping[str, tuple[worlds.Value, ...]]


@dataclass(frozen=True)
class Contribute:
    """One delivery of a list: all it names, in full. Whoever it no longer names, it no longer speaks of."""

    speaker: str
    listed: Listed


@dataclass(frozen=True)
class TakeBack:
    """A word is taken back: what was said above, else the default, holds again."""

    record: str
    audience: str
    property: str | None


@dataclass(frozen=True)
class Erase:
    """A subject is erased, with everything merged with it."""

    record: str


@dataclass(frozen=True)
class Again:
    """After a restore: what was taken from sight since the backup, and what the log says of it."""

    since: tuple[worlds.Op | Contribute | TakeBack | Erase, ...]
    lines: tuple[Line, ...]


Step = worlds.Op | Contribute | TakeBack | Erase | Again


def values_of(label: str, variant: int) -> tuple[worlds.Value, ...]:
    """What a list may say of a label: a name that stays, contacts that change."""
    said: list[tuple[str, object]] = [("name", f"{label} Clairière"), ("email", f"{label}@example.org")]
    if variant & 1:
        said.append(("website", f"https://{label}.example.org/"))
    if variant & 2:
        said[1] = ("email", f"neu-{label}@example.org")
    if variant & 4:
        said.append(("description", f"Texte {variant} de {label}"))
    return tuple(worlds.Value(name, value) for name, value in said)


class Life(Model):
    """The naive telling: a model that knows lists, words taken back and erasures."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.erased: set[str] = set()
        #: Restricted once more after a restore: the log does not tell whether it was all of theirs, so it is.
        self.wholly: set[str] = set()
        self._keys = 0

    def step(self, step: Step, now: datetime) -> None:
        """Tell one more step."""
        match step:
            case Contribute(speaker, listed):
                self._contribute(speaker, listed, now)
            case TakeBack(record, audience, name):
                gone = (record, audience, name)
                self.decisions = [d for d in self.decisions if (d.record, d.audience, d.property) != gone]
            case Erase(record):
                self._erase(record)
            case Again(since):
                for each in since:
                    # What stands already, no log repeats.
                    is_new = isinstance(each, worlds.Restrict) and each.record not in self.restricted
                    if each.record in self.records or isinstance(each, Erase):  # type: ignore[union-attr]
                        self.step(each, now)
                    if is_new and each.record in self.records:  # type: ignore[union-attr]
                        self.wholly.add(each.record)  # type: ignore[union-attr]
            case worlds.Say(values=values):
                keyed = tuple(replace(v, key=self._key()) for v in values)
                self.apply(replace(step, values=keyed), now)
            case _:
                self.apply(step, now)
        # Whoever lifts a restriction lifts all of it.
        self.wholly &= self.restricted

    def _contribute(self, speaker: str, listed: Listed, now: datetime) -> None:
        for label in {s.record for s in self.statements if s.speaker == speaker} | listed.keys():
            told = {} if label in self.erased else {(v.property, v.position): v for v in listed.get(label, ())}
            for s in self.statements:
                if s.record == label and s.speaker == speaker and not s.ended:
                    same = told.get((s.said.property, s.said.position))
                    if same is not None and same.value == s.said.value:
                        del told[s.said.property, s.said.position]
                    else:
                        s.ended = True
            if label in listed and label not in self.records:
                self.records.append(label)
            for value in told.values():
                key = self._key()
                self.statements.append(Statement(key, label, speaker, now, replace(value, key=key), False))

    def _erase(self, record: str) -> None:
        gone = set(self.group(record))
        gone |= {each for each, subject in self.about.items() if subject in gone}
        self.withheld = {each: step for each, step in self.withheld.items() if each[0] not in gone}
        self.erased |= gone
        self.statements = [s for s in self.statements if s.record not in gone]
        self.decisions = [d for d in self.decisions if d.record not in gone]
        self.restricted -= gone
        self.wholly -= gone
        self.notices = {key: state for key, state in self.notices.items() if key[0] not in gone}

    def _key(self) -> Key:
        self._keys += 1
        return (0, self._keys)


def live(step: Step, now: datetime) -> None:
    """Let the house do one more step, and everything that is due by then."""
    settle(now)
    match step:
        case Contribute(speaker, listed):
            _deliver(speaker, listed, now)
        case TakeBack(record, audience, name):
            with revision(actor="subject", now=now, why="test") as draft:
                decide_many(draft, wishes=[(number_of(record), Wish(audience, None, name))], reason="")
        case Again(lines=lines):
            withdraw_again(lines, now=now)
        case Erase(record):
            erase_subjects(subject_ids=[number_of(record)], actor="subject", now=now, why="test")
        case _:
            do(step, now)


def narrows(step: Step) -> bool:
    """Whether somebody took something from sight."""
    if isinstance(step, worlds.Notice):
        return step.objected
    taking = isinstance(step, Erase | worlds.Restrict | worlds.Withhold)
    return taking or (isinstance(step, worlds.Decide) and not step.shows)


def logged() -> list[Line]:
    """The log of what was withdrawn, that outlives a restore."""
    path = withdrawals.path()
    return list(withdrawals.lines(path.read_bytes())) if path.exists() else []


def _deliver(speaker: str, listed: Listed, now: datetime) -> None:
    source = Source.objects.get(name=speaker)
    staging = open_staging(source_id=source.id, now=now)
    there = set(Record.objects.values_list("id", flat=True))
    rows = [
        StagedRow(
            number_of(label) if number_of(label) in there else None,
            [Said(v.property, v.value, position=v.position) for v in values],
            uid=worlds.uid_of(label),
        )
        for label, values in listed.items()
    ]
    stage(staging, kind="organisation", rows=rows)
    absent = [number_of(label) for label in LABELS if label not in listed and number_of(label) in there]
    stage_vanished(staging, record_ids=absent)
    with revision(actor="holder", now=now, why="contribution") as draft:
        accept(draft, staging)
    finish_contributions(now)


def seen(label: str, reader: str) -> dict[str, object] | None:
    """What a reader gets of a label by its id: what the house says. A redirect is followed by the telling itself."""
    with reading() as connected:
        asked = reader_of(connected, reader)
        uid = str(worlds.uid_of(label))
        for given in (uid, *([asked.ids.of(uid)] if asked.ids else [])):
            found = get(connected, asked, worlds.kind_of(label), given)
            if isinstance(found, Found):
                body = orjson.loads(found.body)
                return {k: v for k, v in body.items() if k not in {"id", "modified"}}
    return None


def told(life: Life, label: str, reader: str, now: datetime) -> dict[str, object] | None:
    """The same as the naive telling has it; None for what is merged into another: its id leads there."""
    if life.root(label) != label or label not in life.records:
        return None
    if life.wholly & set(life.group(life.about.get(label, label))):
        return None
    # Of two that one delivery named, and that are one, the survivor's word comes first.
    life.statements.sort(key=lambda s: (life.root(s.record) != s.record, number_of(s.record), s.key))
    body = life.document(label, reader, now)
    return None if body is None else {k: v for k, v in body.items() if k != "id"}


def names(label: str) -> Sequence[str]:
    """Properties that may be decided about one by one."""
    return [p.name for p in kind_named(worlds.kind_of(label)).properties if p.name in {"name", "email", "website"}]
