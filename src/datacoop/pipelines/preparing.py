"""From a mapped row to what is said of a record: marks decided, references resolved, contacts digested."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

import orjson

from datacoop.disclosure.asking import ask
from datacoop.disclosure.errors import Due
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.kinds.definition import Kind
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.text import fold
from datacoop.records.actions.stating import FINE
from datacoop.records.actions.withholding import TELLING, protection, withheld_among
from datacoop.records.envelopes import digest
from datacoop.records.rules import MARK_CODES, Mark, id_of, is_natural
from datacoop.records.storing import Said
from datacoop.sources.places import Gazetteer, Located
from datacoop.sources.queries import record_of_key
from datacoop.sources.rows import MappedRow, Problem

_MARKS = {code: mark for mark, code in MARK_CODES.items()}
_CONTACT_TYPES = frozenset({"email", "phone", "address"})


@dataclass(frozen=True)
class Prepared:
    """What a row says, ready to be stated."""

    said: tuple[Said, ...]
    subject_id: int | None = None
    problems: tuple[Problem, ...] = field(default_factory=tuple)
    #: Whether its place must be disclosed nowhere, whoever tells it.
    withheld: bool = False

    @property
    def content(self) -> bytes:
        """Return a digest of everything said."""
        told: list[object] = [(s.property, s.position, s.value, s.mark) for s in self.said]
        # What was taken out of a text changes the row, though not what is said.
        before = [s.unmasked for s in self.said if s.unmasked is not None]
        told += [digest("unmasked", orjson.dumps(each).decode()).hex() for each in before]
        return hashlib.blake2b(orjson.dumps(told, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()

    def names(self, kind: Kind) -> list[str]:
        """Return every name the row gives what it is about."""
        named = {p.name for p in kind.properties if p.search == "name"}
        return [str(s.value) for s in self.said if s.property in named]

    def values(self) -> dict[str, list[object]]:
        """Return values by property that are nobody's personal contact."""
        return _by_property([s for s in self.said if not s.mark])

    def personal(self) -> dict[str, list[object]]:
        """Return the values marked personal, by property: compared as digests, never shown."""
        return _by_property([s for s in self.said if s.mark])


class Preparing:
    """Prepares the rows of one list. References are looked up among the same holder's lists, then in public."""

    def __init__(
        self, kind: Kind, holder_lists: Mapping[str, Sequence[int]], *, gazetteer: Gazetteer, now: datetime
    ) -> None:
        """`holder_lists`: kind → numbers of the holder's lists, for references by the holder's own keys."""
        self.kind = kind
        self.natural = is_natural(kind)
        self._types = {p.name: p for p in kind.properties}
        self._refers = {p.name: p.refers or "" for p in kind.properties if p.type == "reference"}
        self._telling = {p.name: p.type for p in kind.properties if p.type in TELLING}
        self._lists = holder_lists
        self._gazetteer = gazetteer
        self._now = now
        self._protection = protection()
        self._protects = lru_cache(maxsize=20_000)(lambda record_id: bool(withheld_among([record_id])))
        self._resolve = lru_cache(maxsize=20_000)(self._look_up)

    def prepare(self, mapped: MappedRow) -> Prepared:
        """Return what the row says, each value with the mark it keeps for ever after."""
        problems: list[Problem] = []
        said: list[Said] = []
        if self._refers:
            for each in mapped.values:
                if each.property in self._refers:
                    self._refer(said, problems, each.property, str(each.value), self._refers[each.property])
        withheld = self._is_withheld(mapped, said)
        for name, value, original, position, is_personal, reason, unmasked in mapped.values:
            if name in self._refers:
                continue
            type_name = self._types[name].type
            mark = _MARKS.get(reason or "", Mark.PERSONAL) if is_personal else Mark.NONE
            if withheld and self._protection.withholds(name, value):
                mark = Mark.WITHHELD
            contact = _contact(value) if type_name in _CONTACT_TYPES and mark != Mark.WITHHELD else None
            compared = digest(type_name, contact) if contact else None
            said.append(Said(name, value, original, position, mark, compared, None, unmasked))
        self._coarsen(said)
        return Prepared(tuple(said), self._subject(said), tuple(problems), withheld)

    def _is_withheld(self, mapped: MappedRow, references: Sequence[Said]) -> bool:
        """A refuge, or what refers to one: the place of an activity may be that of its organiser."""
        telling = self._telling
        if self._protection.covers([(telling[v.property], v.value) for v in mapped.values if v.property in telling]):
            return True
        return bool(references) and any(self._protects(each.refers) for each in references)

    def _refer(self, said: list[Said], problems: list[Problem], name: str, text: str, refers: str) -> None:
        uid = self._resolve(text, refers)
        if uid is None:
            message = f"No {refers} of this name or key is known from the same holder or in public; the rest was taken."
            problems.append(Problem(0, name, "reference-unknown", message))
            return
        said.append(Said(name, str(uid), refers=id_of(uid)))

    def _look_up(self, text: str, refers: str) -> uuid.UUID | None:
        for source_id in self._lists.get(refers, ()):
            if found := record_of_key(source_id, digest("row", text)):
                return found
        if not kind_named(refers).list_route:
            return None
        bodies = [orjson.loads(body) for body in self._found_in_public(Question(refers, text=text, limit=10))]
        slot = kind_named(refers).slots["name"].name
        same = [b["id"] for b in bodies if fold(str(b.get(slot, ""))) == fold(text)]
        return uuid.UUID(same[0]) if len(same) == 1 else None

    def _found_in_public(self, question: Question) -> list[bytes]:
        try:
            return ask(lambda r: find(r, PUBLIC, question).bodies, now=self._now)
        except Due:
            return []

    def _subject(self, said: Sequence[Said]) -> int | None:
        return next((s.refers for s in said if s.property == self.kind.subject and s.refers is not None), None)

    def _coarsen(self, said: list[Said]) -> None:
        """A precise point beside a personal address is as personal; the place as such is not."""
        address = next((s for s in said if self._types[s.property].type == "address"), None)
        point = next((s for s in said if self._types[s.property].type == "point"), None)
        if address is None or point is None or not address.mark or not isinstance(point.value, dict):
            return
        if point.value.get("precision") not in FINE:
            return
        said[said.index(point)] = Said(point.property, point.value, point.original, 0, address.mark)
        found = None if address.mark == Mark.WITHHELD else self._located(address.value)
        if found and found.lat is not None:
            coarse = {"lat": found.lat, "lon": found.lon, "precision": found.precision}
            said.append(Said(point.property, coarse, None, 1))

    def _located(self, address: object) -> Located | None:
        if not isinstance(address, dict) or address.get("country") != "CH":
            return None
        return self._gazetteer.locate(address.get("postal_code"), address.get("city"))


def _contact(value: object) -> str | None:
    """Return the comparable form of a contact; an address without street and number is a place, not a contact."""
    if isinstance(value, dict):
        street = fold(str(value.get("street", "")))
        return f"{street}|{value.get('postal_code', '')}" if any(map(str.isdigit, street)) else None
    return str(value).lower()


def _by_property(said: Sequence[Said]) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for each in said:
        found.setdefault(each.property, []).append(each.value)
    return found
