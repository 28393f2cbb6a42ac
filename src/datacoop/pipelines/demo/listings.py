"""What four holders know of the organisations: overlapping, differently kept, each with its own mistakes. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from datacoop.lib.text import plain
from datacoop.pipelines.demo.dice import Dice
from datacoop.pipelines.demo.misspelling import misspelt, moved_postcode, old_street
from datacoop.pipelines.demo.organisations import REFUGE, Organisation

COMMUNE: Final = "registre-communal"
SPORT: Final = "union-sportive"
SOLIDARITY: Final = "annuaire-solidaire"
INTERNAL: Final = "carnet-interne"
_SOLIDARY: Final = frozenset({"social", "sante", "migration", "aines", "solidarite", "droits", "jeunesse", "habitat"})


@dataclass(frozen=True)
class Seen:
    """One row as its holder keeps it; `organisation` is the truth behind it, written in no list."""

    key: str
    organisation: str
    name: str
    nature: str
    theme: str
    description: Mapping[str, str]
    extra: str
    street: str
    postal_code: str
    city: str
    bfs: int
    commune: str
    lat: float
    lon: float
    email: str
    phone: str
    website: str
    uid: str
    person: str
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """One holder's list. `page` is where it stands published; without one it is not."""

    slug: str
    holder: str
    file: str
    page: str
    rows: tuple[Seen, ...]

    @property
    def published(self) -> bool:
        """Whether the holder publishes the list."""
        return bool(self.page)


@dataclass(frozen=True)
class _Habits:
    """How badly a list is kept: shares of rows."""

    misspelt: float
    moved: float
    wrong_postcode: float
    missing: float
    twice: float
    first_number: int
    key: Callable[[Seen, int], str]


def invent_listings(dice: Dice, organisations: tuple[Organisation, ...]) -> tuple[Listing, ...]:
    """Share the organisations out among the four lists; everybody stands in one at least."""
    known: dict[str, list[Organisation]] = {COMMUNE: [], SPORT: [], SOLIDARITY: [], INTERNAL: []}
    for one in organisations:
        for slug in _lists_of(dice, one):
            known[slug].append(one)
    habits = {
        COMMUNE: _Habits(0.10, 0.08, 0.03, 0.12, 0.010, 1001, lambda _seen, n: str(n)),
        SPORT: _Habits(0.22, 0.12, 0.02, 0.10, 0.025, 1, lambda _seen, n: f"M{n:03d}"),
        SOLIDARITY: _Habits(0.12, 0.10, 0.02, 0.08, 0.0, 1, lambda seen, n: f"{_slug(seen.name)}-{n}"),
        INTERNAL: _Habits(0.35, 0.25, 0.05, 0.25, 0.030, 1, lambda _seen, n: ""),
    }
    rows = {slug: _rows(dice, known[slug], habits[slug]) for slug in known}
    return (
        Listing(COMMUNE, "Registre communal (démo)", "registre-communal.csv",
                "https://commune.example.org/societes", rows[COMMUNE]),
        Listing(SPORT, "Union sportive de la région (démo)", "union-sportive-membres.xlsx",
                "https://union-sportive.example.org/clubs", rows[SPORT]),
        Listing(SOLIDARITY, "Annuaire solidaire (démo)", "annuaire-solidaire.json",
                "https://annuaire-solidaire.example.org/donnees", rows[SOLIDARITY]),
        Listing(INTERNAL, "Bureau du bénévolat (démo)", "carnet-interne.csv", "", rows[INTERNAL]),
    )  # fmt: skip


def _lists_of(dice: Dice, one: Organisation) -> list[str]:
    top = one.theme.split("/")[0]
    if one.theme == REFUGE:
        return [SOLIDARITY, INTERNAL]
    slugs = [COMMUNE] if dice.chance(0.68) else []
    if top == "sport" and dice.chance(0.88):
        slugs.append(SPORT)
    if top in _SOLIDARY and dice.chance(0.74):
        slugs.append(SOLIDARITY)
    if dice.chance(0.14):
        slugs.append(INTERNAL)
    return slugs or [COMMUNE]


def _rows(dice: Dice, known: list[Organisation], habits: _Habits) -> tuple[Seen, ...]:
    """Rows in the holder's order, some organisations twice; numbers have gaps as in real registers."""
    rows: list[Seen] = []
    number = habits.first_number
    for one in known:
        rows.append(_see(dice, one, habits))
        if dice.chance(habits.twice) and one.theme != REFUGE:
            rows.append(_see(dice, one, replace(habits, misspelt=0.9, missing=0.3)))
    keyed = []
    for row in sorted(rows, key=lambda seen: plain(seen.name)):
        keyed.append(replace(row, key=habits.key(row, number)))
        number += dice.weighted({1: 9, 2: 1, 5: 0.3})
    return tuple(keyed)


def _see(dice: Dice, one: Organisation, habits: _Habits) -> Seen:
    place = one.place
    wrong = dice.chance(habits.wrong_postcode)
    moved = dice.chance(habits.moved)
    seen = Seen(
        key="", organisation=one.key, theme=one.theme, description=one.description, nature=one.nature,
        name=misspelt(dice, one.name, place.said) if dice.chance(habits.misspelt) else one.name,
        extra=f"c/o {one.person}" if one.care_of else "",
        street=old_street(dice, one.street) if moved else one.street,
        postal_code=moved_postcode(dice, place.postal_code) if wrong else place.postal_code,
        city=place.locality, bfs=place.bfs, commune=place.commune, lat=one.lat, lon=one.lon,
        email=one.email or "", phone=one.phone or "", website=one.website or "", uid=one.uid or "",
        person=one.person, languages=one.languages,
    )  # fmt: skip
    return _forget(dice, seen, habits.missing)


def _forget(dice: Dice, seen: Seen, share: float) -> Seen:
    """Leave fields out, but never the last way of reaching the organisation."""
    fields = ("street", "email", "phone", "website", "description")
    for name in fields:
        left = [way for way in ("email", "phone", "website") if getattr(seen, way) and way != name]
        if dice.chance(share) and (left or name in {"street", "description"}):
            seen = _without(seen, name)
    return seen if not dice.chance(share / 2) else replace(seen, nature="association")


def _without(seen: Seen, name: str) -> Seen:
    if name == "description":
        return replace(seen, description={})
    return replace(seen, **{name: ""})  # type: ignore[arg-type]


def _slug(name: str) -> str:
    return "-".join(plain(name).replace("’", " ").replace("'", " ").split())[:40].strip("-,")
