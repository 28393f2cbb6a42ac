"""Invented worlds of organisations: who there is, and who must never be taken for whom. The same seed, the same world.

A world has one large city, as real ones do, and towns that get smaller. No two organisations of one town differ in
word order, legal form or the town's name alone: nobody could tell them apart from their names.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from datacoop.lib.text import fold, plain, words

_FILE = Path(__file__).with_name("vocabulary.yml")
_TOWN_OF = 200
_HOUSES = 0.06


@dataclass(frozen=True)
class Town:
    """A town, its postcodes and streets; many organisations live at its `hub`, a house of associations."""

    name: str
    language: str
    codes: tuple[str, ...]
    streets: tuple[str, ...]
    hub: tuple[str, str]
    lat: float
    lon: float
    area: str

    @property
    def adjective(self) -> str:
        """What somebody from there is called."""
        return plain(words(self.name)[0]) + str(vocabulary()["adjectives"][self.language])


@dataclass(frozen=True)
class Seat:
    """Where an organisation is."""

    town: Town
    street: str
    house: str
    code: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Organisation:
    """One real organisation, as it would describe itself."""

    number: int
    name: str
    language: str
    seat: Seat
    legal: str
    phones: tuple[str, ...]
    email: str
    domain: str
    themes: tuple[str, ...]
    parent: int = 0
    alias: str = ""
    uses_acronym: bool = False


@dataclass
class World:
    """Organisations, by number from 1, and the pairs that look alike and are not one, with the sort of trap each is."""

    organisations: list[Organisation] = field(default_factory=list)
    traps: list[tuple[int, int, str]] = field(default_factory=list)


@cache
def vocabulary() -> dict[str, Any]:
    """Return the words, read once."""
    return dict(yaml.safe_load(_FILE.read_text(encoding="utf-8")))


def make_world(count: int, seed: int) -> World:
    """Return a world of some `count` organisations."""
    return _Builder(count, seed).build()


class _Builder:
    def __init__(self, count: int, seed: int) -> None:
        self.draw = random.Random(seed)  # noqa: S311 -- invented data
        self.count = count
        self.world = World()
        self.taken: set[tuple[str, ...]] = set()
        self.words = vocabulary()
        names: dict[str, None] = {}
        while len(names) < max(8, count // _TOWN_OF):
            names[self._coined(2, 3).capitalize()] = None
        self.towns = [self._town(number, name) for number, name in enumerate(names)]
        self.shares = [1 / (1 + number) ** 0.5 for number in range(len(self.towns))]

    def build(self) -> World:
        made: tuple[tuple[float, Callable[[Town], None]], ...] = (
            (0.03, self._umbrella),
            (0.02, self._same_contact),
            (0.03, self._same_name),
            (0.02, self._near_names),
        )
        while len(self.world.organisations) < self.count:
            town = self.draw.choices(self.towns, self.shares)[0]
            drawn = self.draw.random()
            for share, make in made:
                if drawn < share:
                    make(town)
                    break
                drawn -= share
            else:
                self._ordinary(town)
        return self.world

    def _coined(self, least: int, most: int) -> str:
        return "".join(self.draw.choice(self.words["syllables"]) for _ in range(self.draw.randint(least, most)))

    def _town(self, number: int, name: str) -> Town:
        draw, spoken = self.draw, self.words["languages"]
        language = draw.choices(list(spoken), list(spoken.values()))[0]
        streets = tuple(dict.fromkeys(self._street(language) for _ in range(60 if number == 0 else 24)))
        codes = tuple(str(1000 + (number * 7 + k) % 9000) for k in range(8 if number == 0 else 1))
        return Town(
            name=name + draw.choice(self.words["town_ends"][language]),
            language=language,
            codes=codes,
            streets=streets,
            hub=(draw.choice(streets), str(draw.randint(1, 60))),
            lat=45.9 + draw.random() * 1.8,
            lon=6.0 + draw.random() * 4,
            area=draw.choice(["21", "22", "24", "26", "27", "31", "32", "41", "44", "61", "71", "91"]),
        )

    def _street(self, language: str) -> str:
        draw = self.draw
        way = draw.choice(self.words["streets"][language])
        name = draw.choice(self.words["street_names"]) if draw.random() < 0.5 else self._coined(2, 3).capitalize()
        if language == "de":
            return f"{name}{way}" if draw.random() < 0.8 else f"{name} {way.capitalize()}"
        if language == "en":
            return f"{name} {way}"
        return f"{way} {draw.choice(['de la ', 'du ', 'des ', 'de ']) if language == 'fr' else ''}{name}"

    def _seat(self, town: Town) -> Seat:
        draw = self.draw
        street, house = town.hub if draw.random() < _HOUSES else (draw.choice(town.streets), str(draw.randint(1, 80)))
        code = town.codes[hash_of(street) % len(town.codes)]
        return Seat(town, street, house, code, town.lat + draw.gauss(0, 0.01), town.lon + draw.gauss(0, 0.01))

    def phone(self, town: Town) -> str:
        draw = self.draw
        prefix = draw.choice(["76", "77", "78", "79"]) if draw.random() < 0.35 else town.area
        return f"+41{prefix}{draw.randint(2000000, 9999999)}"

    def _add(self, name: str, town: Town, language: str = "", *, like: Organisation | None = None) -> Organisation:
        draw, language = self.draw, language or town.language
        domain = self._domain(name, town)
        if like and draw.random() < 0.6:
            domain = like.domain
        phones = (self.phone(town), *([self.phone(town)] if draw.random() < 0.2 else []))
        legal = self.words["legal"][language]
        made = Organisation(
            number=len(self.world.organisations) + 1,
            name=name,
            language=language,
            seat=like.seat if like and draw.random() < 0.5 else self._seat(town),
            legal=legal[0] if draw.random() < 0.6 else draw.choice(legal),
            phones=like.phones[:1] if like and draw.random() < 0.4 else phones,
            email=like.email if like and draw.random() < 0.25 else self._email(domain),
            domain=domain,
            themes=tuple(draw.sample(self.words["themes"], draw.randint(1, 2))),
            parent=like.number if like else 0,
            uses_acronym=draw.random() < 0.45,
        )
        self.world.organisations.append(made)
        return made

    def _domain(self, name: str, town: Town) -> str:
        draw = self.draw
        if draw.random() < 0.4:
            return ""
        stem = "-".join(words(name))[: draw.randint(12, 30)].strip("-")
        end = "-" + "".join(words(town.name))[:8] if draw.random() < 0.3 else ""
        return stem + end + draw.choice([".ch", ".ch", ".org", ".example"])

    def _email(self, domain: str) -> str:
        draw = self.draw
        if domain and draw.random() < 0.75:
            return f"{draw.choice(self.words['mailboxes'])}@{domain}"
        first, last = draw.choice(self.words["first_names"]), draw.choice(self.words["family_names"])
        return f"{plain(first)}.{plain(last)}{draw.randint(1, 99)}@{draw.choice(self.words['mail_hosts'])}"

    def _fresh(self, town: Town, make: Callable[[], str]) -> str:
        for _ in range(60):
            name = make()
            if self._take(name, town):
                return name
        while not self._take(name := f"{make()} {self._coined(2, 3).capitalize()}", town):
            pass
        return name

    def _take(self, name: str, town: Town) -> bool:
        key = self._key(name, town)
        if key in self.taken:
            return False
        self.taken.add(key)
        return True

    def _key(self, name: str, town: Town) -> tuple[str, ...]:
        legal = {fold(word) for listed in self.words["legal"].values() for word in listed}
        own = {fold(w) for w in words(name) if len(w) > 2} - legal - set(words(town.name))
        return (town.name, *sorted(own or set(words(name))))

    def _ordinary(self, town: Town) -> None:
        language = "en" if self.draw.random() < 0.05 else town.language
        made = self._add(self._fresh(town, lambda: self._named(town, language)), town, language)
        if self.draw.random() < 0.03:
            other = self.draw.choice([each for each in self.words["heads"] if each != language])
            alias = f"{self._head(other)} {self._topic(other)} {town.name}"
            self.world.organisations[-1] = replace(made, alias=alias)

    def _head(self, language: str) -> str:
        return str(self.draw.choice(self.words["heads"][language]))

    def _topic(self, language: str) -> str:
        return str(self.draw.choice(self.words["topics"][language]))

    def _named(self, town: Town, language: str) -> str:
        draw, drawn = self.draw, self.draw.random()
        head, topic = self._head(language), self._topic(language)
        of = "de " if language == "fr" else "di " if language == "it" and draw.random() < 0.5 else ""
        if drawn < 0.42:
            if language == "de" and draw.random() < 0.4 and " " not in topic:
                return f"{topic}verein {town.name}"
            return f"{head} {topic} {of}{town.name}"
        if drawn < 0.60:
            adjective = town.adjective.capitalize() if language == "de" else town.adjective
            return f"{adjective} {head} {topic}" if language == "de" else f"{head} {adjective} {topic}"
        if drawn < 0.70:
            return f"{head} {topic}"
        proper = draw.choice(self.words["proper"]) if draw.random() < 0.7 else self._coined(2, 3).capitalize()
        return draw.choice([f"{proper} {town.name}", f"{head} {proper}", f"{proper} {topic}", proper])

    def _umbrella(self, town: Town) -> None:
        name = self._fresh(town, lambda: self.draw.choice(self.words["umbrellas"]).format(town.name))
        whole = self._add(name, town)
        for _ in range(self.draw.randint(1, 4)):
            self.draw.random()
            part = self._fresh(town, lambda: self._section(name))
            where = town if self.draw.random() < 0.7 else self.draw.choice(self.towns)
            made = self._add(part, where, town.language, like=whole)
            self.world.traps.append((whole.number, made.number, "section"))

    def _section(self, name: str) -> str:
        section = self.draw.choice(self.words["sections"]).format(self._coined(2, 2).capitalize())
        return name + self.draw.choice([" – ", " - ", " ", ", "]) + str(section)

    def _same_contact(self, town: Town) -> None:
        """One person runs two organisations."""
        self._ordinary(town)
        first = self.world.organisations[-1]
        self._ordinary(town)
        second = self.world.organisations[-1]
        seat = first.seat if self.draw.random() < 0.6 else second.seat
        self.world.organisations[-1] = replace(second, phones=first.phones[:1], email=first.email, seat=seat)
        self.world.traps.append((first.number, second.number, "same contact"))

    def _same_name(self, town: Town) -> None:
        """The same name in two towns."""
        other, name = self.draw.choice(self.towns), f"{self._head(town.language)} {self._topic(town.language)}"
        if other is town or not self._take(name, town) or not self._take(name, other):
            return
        first, second = self._add(name, town), self._add(name, other, town.language)
        self.world.traps.append((first.number, second.number, "same name"))

    def _near_names(self, town: Town) -> None:
        """Two of one town whose names differ in one word that counts."""
        topic = self._topic(town.language)
        pair = [n.replace("{t}", topic).format(town.name) for n in self.draw.choice(self.words["near"][town.language])]
        if not all(self._take(name, town) for name in pair):
            return
        first, second = (self._add(name, town) for name in pair)
        self.world.traps.append((first.number, second.number, "near name"))


def hash_of(text: str) -> int:
    """Return a small number that is the same in every process."""
    return sum(ord(letter) * (place + 1) for place, letter in enumerate(text))
