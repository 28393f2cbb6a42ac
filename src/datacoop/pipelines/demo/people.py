"""Invented persons: their functions in the organisations, and the help they offer. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from datacoop.pipelines.demo.dice import Dice
from datacoop.pipelines.demo.organisations import Organisation
from datacoop.pipelines.demo.words import Place, Words

_ROLES: Final = ("president", "treasurer", "secretary", "committee", "vice_president", "contact", "honorary")
_OFFERS: Final = (
    ("J’aime accueillir les gens et je sais tenir une caisse.", ("accueil", "caisse")),
    ("Je conduis volontiers, permis ordinaire et voiture à cinq places.", ("conduite",)),
    ("Vingt ans de comptabilité, disponible pour tenir ou réviser des comptes.", ("comptabilité", "révision")),
    ("Je répare à peu près tout ce qui a une prise.", ("réparation", "électricité")),
    ("Je peux aider aux devoirs, surtout en mathématiques.", ("enseignement", "mathématiques")),
    ("Photographe amateur, je couvre vos fêtes et concerts.", ("photographie",)),
    ("Je cuisine pour cinquante sans m’affoler.", ("cuisine",)),
    ("Je traduis du français vers l’allemand, à domicile.", ("traduction", "allemand")),
    ("Jardiner, tailler, porter : mes samedis sont libres.", ("jardinage",)),
    ("J’écoute bien et je ne juge pas.", ("écoute",)),
    ("Je fais des sites web simples et je les explique.", ("informatique", "site web")),
    ("Je parle tigrinya et arabe et j’accompagne aux rendez-vous.", ("interprétation",)),
)
_THEMES: Final = ("social/entraide", "aines/aide", "culture/musique", "environnement/jardins", "quartier/vie",
                  "jeunesse/centres", "migration/accueil", "quartier/reparation")  # fmt: skip
_TIMES: Final = ("weekday_morning", "weekday_afternoon", "weekday_evening", "weekend", "holidays")


UNFINDABLE: Final = "pers-001"
SECRETARY: Final = "pers-002"
VOLUNTEER: Final = "pers-003"
_KNOWN: Final = (("Joachim", "Tilleulaz"), ("Marlyse", "Vernehaut"), ("Noémie", "Bonvallonet"))
_COMMITTEES: Final = 5


@dataclass(frozen=True)
class Person:
    """An invented person. Nobody sees them until they decide."""

    key: str
    first: str
    last: str
    mailbox: str

    @property
    def name(self) -> str:
        """First and family name."""
        return f"{self.first} {self.last}"


@dataclass(frozen=True)
class Role:
    """A person's function; `shown`: the person said yes to being shown with it."""

    organisation: str
    person: str
    role: str
    since: date
    shown: bool


@dataclass(frozen=True)
class Offer:
    """Help a person offers, unnamed until they reveal themselves."""

    person: str
    description: str
    skills: tuple[str, ...]
    theme: str
    availability: tuple[str, ...]
    commitment: str
    place: Place
    distance_km: int
    age_band: str
    start: date
    expires: date


def invent_people(dice: Dice, words: Words, count: int) -> tuple[Person, ...]:
    """Make `count` persons of different names."""
    pairs = [(first, last) for first in words.several["first"] for last in words.several["last"]]
    others = [pair for pair in dice.sample(pairs, count) if pair not in _KNOWN]
    return tuple(
        Person(f"pers-{i + 1:03d}", first, last, f"membre-{i + 1:03d}@example.org")
        for i, (first, last) in enumerate([*_KNOWN, *others][:count])
    )


def invent_roles(
    dice: Dice, organisations: tuple[Organisation, ...], people: tuple[Person, ...], *, today: date, count: int
) -> tuple[Role, ...]:
    """Make `count` functions: committees of two to four, some persons in several.

    The secretary serves a choir and shows it; the unfindable one sits in five committees and shows none.
    """
    choir = next(one for one in organisations if one.theme == "culture/chant" and one.email and one.phone)
    made = [Role(choir.key, SECRETARY, "secretary", today - timedelta(days=9000), shown=True)]
    for one in dice.sample([one for one in organisations if one is not choir], _COMMITTEES):
        since = today - timedelta(days=dice.between(30, 4000))
        made.append(Role(one.key, UNFINDABLE, "committee", since, shown=False))
    waiting = list(people[len(_KNOWN) :])
    for one in dice.sample([one for one in organisations if one is not choir], count):
        for role in _ROLES[: dice.between(2, 4)]:
            if len(made) == count:
                return tuple(made)
            person = waiting.pop() if waiting and dice.chance(0.8) else dice.pick(people[len(_KNOWN) :])
            since = today - timedelta(days=dice.between(30, 4000))
            made.append(Role(one.key, person.key, role, since, shown=dice.chance(0.3)))
    return tuple(made)


def invent_offers(
    dice: Dice, words: Words, people: tuple[Person, ...], *, today: date, count: int
) -> tuple[Offer, ...]:
    """Make `count` offers, one of a person; the first is the volunteer's."""
    volunteer = next(person for person in people if person.key == VOLUNTEER)
    others = dice.sample([person for person in people if person.key not in {UNFINDABLE, VOLUNTEER}], count - 1)
    return tuple(_offer(dice, words, person, today) for person in (volunteer, *others))


def _offer(dice: Dice, words: Words, person: Person, today: date) -> Offer:
    description, skills = dice.pick(_OFFERS)
    return Offer(
        person=person.key, description=description, skills=skills, theme=dice.pick(_THEMES),
        availability=tuple(dice.sample(_TIMES, dice.between(1, 3))),
        commitment=dice.pick(("once", "occasional", "occasional", "regular")),
        place=dice.weighted({place: float(place.weight) for place in words.places}),
        distance_km=dice.pick((2, 5, 5, 10, 20)),
        age_band=dice.weighted({"from_18_to_64": 6, "over_64": 4, "under_18": 1}),
        start=today, expires=today + timedelta(days=dice.between(60, 360)),
    )  # fmt: skip
