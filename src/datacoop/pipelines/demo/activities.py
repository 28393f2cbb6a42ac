"""What the invented organisations do in the coming year, and whom they look for. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from datacoop.pipelines.demo.dice import Dice
from datacoop.pipelines.demo.organisations import REFUGE, Organisation, slots_of
from datacoop.pipelines.demo.words import Recipe, Words

ZONE: Final = ZoneInfo("Europe/Zurich")
_SEASONS: Final = ("d’hiver", "de printemps", "d’été", "d’automne")
_HOURS: Final = {"matin": (8, 10, 2), "apresmidi": (13, 16, 2), "soir": (18, 20, 2), "journee": (9, 10, 6)}
"""part of the day → earliest and latest hour of beginning, usual length in hours"""
_PRICES: Final = {
    "gratuit": ("Entrée libre", "Gratuit"),
    "chapeau": ("Prix libre, chapeau à la sortie", "Collecte à la sortie"),
    "payant": ("10 francs, 5 francs pour les membres", "15 francs, gratuit jusqu’à 16 ans", "20 francs", "5 francs"),
}
_AUDIENCES: Final = {
    "jeunesse": ("children", "youth", "families"),
    "aines": ("seniors",),
    "sport": ("everyone", "youth", "adults"),
}


@dataclass(frozen=True)
class Activity:
    """One thing that happens once. `own_place`: held at the organiser's address."""

    key: str
    organiser: str
    title: str
    description: str
    start: datetime
    end: datetime
    venue: str
    street: str
    price: str
    audience: str
    accessibility: str
    language: str
    status: str
    page: str | None


@dataclass(frozen=True)
class Need:
    """Help an organisation looks for."""

    key: str
    organisation: str
    title: str
    description: str
    start: datetime
    places: int
    reward: str
    min_age: int | None


def invent_activities(
    dice: Dice, words: Words, organisers: tuple[Organisation, ...], *, today: date, count: int
) -> tuple[Activity, ...]:
    """Make `count` activities of the twelve months after `today`; lively organisations have several."""
    recipes = {recipe.theme: recipe for recipe in words.recipes}
    open_ones = [one for one in organisers if one.theme != REFUGE]
    lively = {i: float(dice.weighted({0: 3, 1: 3, 2: 2, 4: 1, 9: 0.4})) for i in range(len(open_ones))}
    made = []
    for position in range(count):
        one = open_ones[dice.weighted(lively)]
        made.append(_activity(dice, words, one, recipes[one.theme], (f"act-{position + 1:04d}", today)))
    return tuple(made)


def _activity(dice: Dice, words: Words, one: Organisation, recipe: Recipe, keyed: tuple[str, date]) -> Activity:
    key, today = keyed
    title, description, part, price = dice.pick(recipe.activities)
    start, end = _when(dice, today, part)
    slots = slots_of(dice, words, one.place, one.quarter) | {"saison": _SEASONS[start.month % 12 // 3]}
    at_home = dice.chance(0.35) and not one.care_of
    return Activity(
        key=key, organiser=one.key, title=title.format_map(slots), description=description.format_map(slots),
        start=start, end=end, price=dice.pick(_PRICES[price]),
        venue="" if at_home else dice.pick(words.several["venues"]).format_map(slots),
        street=one.street if at_home else f"{dice.pick(words.several['streets'])} {dice.between(1, 40)}",
        audience=dice.pick(_AUDIENCES.get(one.theme.split("/")[0], ("everyone", "everyone", "adults", "families"))),
        accessibility=dice.weighted({"": 4, "wheelchair": 5, "hearing_loop": 0.5, "sign_language": 0.3}),
        language=dice.weighted({"fr": 20, "en": 1, "de": 1, "it": 0.6, "pt": 0.6}),
        status=dice.weighted({"confirmed": 46, "tentative": 2, "postponed": 1, "cancelled": 1}),
        page=f"{one.website}/agenda" if one.website and dice.chance(0.5) else None,
    )  # fmt: skip


def _when(dice: Dice, today: date, part: str) -> tuple[datetime, datetime]:
    """A day of the coming year, the nearer the likelier; whole days and mornings mostly on a week-end."""
    ahead = min(dice.between(1, 364), dice.between(1, 364))
    day = today + timedelta(days=ahead)
    if part in {"journee", "matin"} and dice.chance(0.7):
        day += timedelta(days=(5 - day.weekday()) % 7)
        if day > today + timedelta(days=364):
            day -= timedelta(days=7)
    earliest, latest, length = _HOURS[part]
    begins = time(dice.between(earliest, latest), dice.pick((0, 0, 30, 15)))
    start = datetime.combine(day, begins, ZONE)
    return start, start + timedelta(hours=length, minutes=dice.pick((0, 0, 30, -30)))


def invent_needs(
    dice: Dice, words: Words, organisers: tuple[Organisation, ...], *, today: date, count: int
) -> tuple[Need, ...]:
    """Make `count` needs, at most two of one organisation."""
    recipes = {recipe.theme: recipe for recipe in words.recipes}
    made = []
    for position, one in enumerate(dice.sample(organisers, count)):
        title, description = dice.pick(recipes[one.theme].needs)
        slots = slots_of(dice, words, one.place, one.quarter)
        start, _ = _when(dice, today, "soir")
        made.append(
            Need(
                key=f"besoin-{position + 1:03d}",
                organisation=one.key,
                title=title.format_map(slots),
                description=description.format_map(slots),
                start=start,
                places=dice.between(1, 6),
                reward=dice.pick(("Repas et attestation de bénévolat", "Formation offerte", "Frais remboursés", "")),
                min_age=dice.pick((None, None, 16, 18)),
            )
        )
    return tuple(made)
