"""How holders write down the organisations of a world: which they know, how carefully, in which habits.

Every world draws habits of its own, so that what is learnt is not the handwriting of four particular holders.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from datacoop.lib.text import plain, words
from datacoop.linking.learning.worlds import Organisation, Seat, World, hash_of, vocabulary
from datacoop.linking.rules.naming import initials_of

HOLDERS = 4
_LONGEST_ACRONYM = 6


@dataclass(frozen=True)
class Habits:
    """The shares of organisations, or of their particulars, that a holder knows, writes in its way, or gets wrong."""

    share: float
    legal: float
    capitals: float
    slips: float
    acronym: float
    acronym_too: float
    phone: float
    email: float
    website: float
    position: float
    street: float
    moved: float
    town_left_out: float
    plain: float


#: From–to, for each habit.
_RANGES = {
    "share": (0.3, 0.65), "legal": (0.05, 0.8), "capitals": (0.0, 0.6), "slips": (0.01, 0.13), "acronym": (0.01, 0.15),
    "acronym_too": (0.03, 0.2), "phone": (0.4, 0.8), "email": (0.15, 0.8), "website": (0.1, 0.65),
    "position": (0.05, 0.95), "street": (0.6, 0.98), "moved": (0.01, 0.12), "town_left_out": (0.0, 0.32),
    "plain": (0.1, 0.5),
}  # fmt: skip


@dataclass(frozen=True)
class Written:
    """One row of one list: values by property as in an API item, and which organisation is meant."""

    values: dict[str, list[object]]
    holder: int
    organisation: int


def write_lists(world: World, seed: int) -> list[Written]:
    """Return the rows of every holder's list, in no order."""
    draw = random.Random(seed)  # noqa: S311 -- invented data
    holders = [Habits(**{name: draw.uniform(*between) for name, between in _RANGES.items()}) for _ in range(HOLDERS)]
    rows: list[Written] = []
    for organisation in world.organisations:
        held = [number for number, habits in enumerate(holders) if draw.random() < habits.share]
        for holder in held or [draw.randrange(HOLDERS)]:
            pen = _Pen(draw, holders[holder], world)
            rows.append(Written(pen.values(organisation), holder, organisation.number))
            if draw.random() < 0.03:  # a holder's own double
                rows.append(Written(pen.values(organisation), holder, organisation.number))
    draw.shuffle(rows)
    return rows


class _Pen:
    def __init__(self, draw: random.Random, habits: Habits, world: World) -> None:
        self.draw, self.habits, self.world = draw, habits, world

    def values(self, of: Organisation) -> dict[str, list[object]]:
        """Return one row about an organisation."""
        draw, habits = self.draw, self.habits
        seat = of.seat
        if draw.random() < habits.moved:
            seat = self._elsewhere(seat)
        found: dict[str, list[object]] = {"name": [self._name(of)]}
        if address := self._address(seat):
            found["addresses"] = [address]
        if draw.random() < habits.position:
            place = {"lat": round(seat.lat + draw.gauss(0, 4e-4), 6), "lon": round(seat.lon + draw.gauss(0, 6e-4), 6)}
            found["point"] = [place]
        found["phones"] = [self._phone(phone, of) for phone in of.phones if draw.random() < habits.phone]
        if draw.random() < habits.email:
            found["email"] = [self._email(of)]
        if of.domain and draw.random() < habits.website:
            found["website"] = [draw.choice(["https://{}", "http://www.{}/", "www.{}", "{}"]).format(of.domain)]
        elif draw.random() < 0.06:
            found["website"] = [f"https://www.facebook.com/{'-'.join(words(of.name))[:30]}"]
        found["theme"] = [theme for theme in of.themes if draw.random() < 0.8]
        return {name: said for name, said in found.items() if said}

    def _name(self, of: Organisation) -> str:
        draw, habits = self.draw, self.habits
        name = of.alias if of.alias and draw.random() < 0.4 else of.name
        short = max(initials_of(words(of.name)), key=len).upper()
        may_be_short = of.uses_acronym and 3 <= len(short) <= _LONGEST_ACRONYM and not of.parent
        drawn = draw.random() / 2
        if may_be_short and drawn < habits.acronym:
            name = short
        else:
            if may_be_short and drawn < habits.acronym + habits.acronym_too:
                name = f"{name} ({short})" if draw.random() < 0.6 else f"{short} - {name}"
            name = self._slipped(self._in_its_way(name, of.seat.town.name))
        name = self._with_legal(name, of)
        if draw.random() < habits.capitals:
            name = name.upper()
        return plain(name).upper() if name.isupper() and draw.random() < 0.5 else self._bare(name)

    def _in_its_way(self, name: str, town: str) -> str:
        draw, habits = self.draw, self.habits
        if draw.random() < habits.town_left_out and name.endswith(town) and len(name) > len(town) + 9:
            name = re.sub(r"(,| de| di)?\s*$", "", name[: -len(town)])
        elif draw.random() < 0.06 and town not in name:
            name = draw.choice(["{} {}", "{}, {}", "{} ({})"]).format(name, town)
        said = name.split(" ")
        if draw.random() < 0.04 and len(said) > 3:
            del said[draw.randrange(1, len(said) - 1)]
        if draw.random() < 0.03 and len(said) > 2:
            place = draw.randrange(len(said) - 1)
            said[place], said[place + 1] = said[place + 1], said[place]
        if draw.random() < 0.06:
            said = [vocabulary()["short"].get(word, word) for word in said]
        return " ".join(said)

    def _with_legal(self, name: str, of: Organisation) -> str:
        draw = self.draw
        legal = of.legal if draw.random() < self.habits.legal else ""
        if not legal and draw.random() < 0.08:
            legal = vocabulary()["legal"][of.language][0]
        if not legal or legal.lower() in name.lower() or draw.random() < 0.35:
            return name
        if "." not in legal and draw.random() < 0.7:
            return f"{legal} {name}"
        return draw.choice(["{} {}", "{}, {}"]).format(name, legal)

    def _bare(self, name: str) -> str:
        if self.draw.random() > self.habits.plain:
            return name
        return "".join(plain(letter) if letter.islower() else plain(letter).upper() for letter in name)

    def _slipped(self, text: str) -> str:
        for _ in range(2):
            if self.draw.random() < self.habits.slips:
                text = self._slip(text)
        return text

    def _slip(self, text: str) -> str:
        """Leave out, double, swap or change a letter."""
        draw = self.draw
        if len(text) < 5:
            return text
        at = draw.randrange(1, len(text) - 1)
        slips: tuple[Callable[[], str], ...] = (
            lambda: text[:at] + text[at + 1 :],
            lambda: text[:at] + text[at] + text[at:],
            lambda: text[:at] + text[at + 1] + text[at] + text[at + 2 :],
            lambda: text[:at] + draw.choice("aeinrst") + text[at + 1 :],
        )
        return draw.choice(slips)()

    def _elsewhere(self, seat: Seat) -> Seat:
        draw, town = self.draw, seat.town
        street = draw.choice(town.streets)
        code = town.codes[hash_of(street) % len(town.codes)]
        lat, lon = town.lat + draw.gauss(0, 0.01), town.lon + draw.gauss(0, 0.01)
        return Seat(town, street, str(draw.randint(1, 80)), code, lat, lon)

    def _address(self, seat: Seat) -> dict[str, object]:
        draw, habits = self.draw, self.habits
        found: dict[str, object] = {}
        if draw.random() < habits.street:
            found["street"] = "".join(self._street(seat))
        if draw.random() < 0.96:
            found["postal_code"] = seat.code
        if draw.random() < 0.97:
            town = seat.town.name
            found["city"] = town.upper() if draw.random() < habits.capitals / 2 else town
        return found

    def _street(self, seat: Seat) -> Iterator[str]:
        draw = self.draw
        street = seat.street
        if draw.random() < 0.35:
            for long, short in vocabulary()["short"].items():
                street = street.replace(long, short)
        street = self._slip(street) if draw.random() < self.habits.slips else street
        drawn = draw.random()
        if drawn < 0.04:
            names = vocabulary()["first_names"], vocabulary()["family_names"]
            yield f"c/o {draw.choice(names[0])} {draw.choice(names[1])}, "
        yield (
            street if drawn > 0.95 else f"{seat.house}, {street}" if draw.random() < 0.07 else f"{street} {seat.house}"
        )
        if 0.04 < drawn < 0.09:
            yield f", Case postale {draw.randint(1, 99)}"

    def _phone(self, phone: str, of: Organisation) -> str:
        """Some 4 in 100 numbers are those of yesterday."""
        if self.draw.random() < 0.04:
            return f"+41{of.seat.town.area}{self.draw.randint(2000000, 9999999)}"
        return phone

    def _email(self, of: Organisation) -> str:
        draw, words_ = self.draw, vocabulary()
        if of.domain and of.email.endswith(of.domain) and draw.random() < 0.25:
            return f"{draw.choice(words_['mailboxes'])}@{of.domain}"
        if draw.random() < 0.06:
            first, last = plain(draw.choice(words_["first_names"])), plain(draw.choice(words_["family_names"]))
            return f"{first}.{last}{draw.randint(1, 99)}@{draw.choice(words_['mail_hosts'])}"
        return of.email
