"""The corpus of the measures: N organisations and 2 N activities, all invented, the same for the same seed. Pure.

Communes and themes are drawn with a skew (Zipf), as in life: at 10,000 organisations some seventy pairs of commune
and theme hold twenty public rows or more. Must not know how records are stored.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate

SEED = 80
AGREEMENTS = 50
#: What may be seen of an organisation, and how many are so: everything by all; e-mail and phones by clients under
#: `TERMS` alone; one property by one agreement alone; nothing by anybody.
OPEN, CONTACT, OWN, HIDDEN = "open", "contact", "own", "hidden"
SHARES = ((OPEN, 70), (CONTACT, 20), (OWN, 8), (HIDDEN, 2))
TERMS = "public-bodies"
OWN_PROPERTIES = ("description", "website")

#: Numbers the official list of communes does not use.
FIRST_BFS = 9500
THEMES = (
    "sport/football", "culture/chant", "culture/musique", "jeunesse/accueil", "sport/gymnastique", "social",
    "environnement/nature", "culture/theatre", "loisirs", "sport/natation", "culture/danse", "social/aines",
    "sport/montagne", "animaux", "culture/patrimoine", "quartier", "social/entraide", "numerique", "culture/lecture",
    "education"
)  # fmt: skip
_HEADS = (
    "Association", "Club", "Chœur", "Société", "Amicale", "Fondation", "Collectif", "Union", "Groupe", "Ligue",
    "Cercle", "Maison", "Atelier", "Réseau", "Centre"
)  # fmt: skip
_TOPICS = (
    "lausannois", "romand", "vaudois", "des", "amis", "de", "la", "nature", "du", "lac", "de", "football", "de",
    "gymnastique", "d'échecs", "de", "lecture", "des", "parents", "d'élèves", "des", "aînés", "du", "quartier", "de",
    "natation", "de", "randonnée", "de", "photographie", "de", "théâtre", "amateur", "de", "chant", "choral", "de",
    "jardinage", "partagé", "de", "réparation", "d'entraide", "d'accueil", "des", "réfugiés", "de", "secours",
    "alimentaire", "de", "protection", "des", "oiseaux"
)  # fmt: skip
WORDS = (
    "activités", "chorale", "enfants", "adultes", "bénévoles", "rencontre", "concert", "spectacle", "tournoi", "cours",
    "atelier", "sortie", "repas", "marché", "fête", "conférence", "soutien", "accompagnement", "jeux", "sport",
    "nature", "montagne", "lac", "vélo", "musique", "piano", "guitare", "peinture", "langue", "français", "allemand",
    "italien", "numérique", "informatique", "emploi", "logement", "alimentation", "santé", "prévention", "handicap",
    "famille", "jeunes", "seniors", "quartier", "voisinage", "solidarité", "partage"
)  # fmt: skip
_FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_HOURS = 24 * 730
_LAT_STEP, _LON_STEP = 0.02, 0.1


@dataclass(frozen=True)
class Commune:
    """An invented commune: a number, a name, the south-west corner of its rectangle."""

    bfs: int
    name: str
    south: float
    west: float

    def touches(self, box: tuple[float, float, float, float]) -> bool:
        """Whether its rectangle and a box (west, south, east, north) meet."""
        west, south, east, north = box
        return (
            self.west <= east
            and west <= self.west + _LON_STEP
            and self.south <= north
            and south <= self.south + _LAT_STEP
        )


COMMUNES = tuple(
    Commune(FIRST_BFS + i, f"Commune-{i:03d}", 46.2 + (i % 20) * _LAT_STEP, 6.2 + (i // 20) * _LON_STEP)
    for i in range(200)
)


@dataclass(frozen=True)
class Activity:
    """One activity of an organisation, in its commune and under its theme."""

    title: str
    description: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Organisation:
    """One organisation with its two activities."""

    name: str
    description: str
    theme: str
    commune: Commune
    street: str
    postal_code: str
    lat: float
    lon: float
    email: str
    phone: str
    website: str
    seen: str
    agreement: int
    own_property: str
    activities: tuple[Activity, ...]

    @property
    def is_public(self) -> bool:
        """Whether the public sees it at all."""
        return self.seen != HIDDEN


def organisations(count: int, seed: int = SEED) -> Iterator[Organisation]:
    """Yield the corpus; a longer one begins with a shorter one."""
    rng = random.Random(seed)  # noqa: S311 (invented data)
    communes = list(accumulate(1 / (i + 1) for i in range(len(COMMUNES))))
    themes = list(accumulate(1 / (i + 1) for i in range(len(THEMES))))
    shares = list(accumulate(share for _, share in SHARES))
    for number in range(count):
        commune = rng.choices(COMMUNES, cum_weights=communes)[0]
        yield Organisation(
            name=f"{rng.choice(_HEADS)} {' '.join(rng.sample(_TOPICS, 3))} {number}",
            description=" ".join(rng.choices(WORDS, k=30)),
            theme=rng.choices(THEMES, cum_weights=themes)[0],
            commune=commune,
            street=f"Rue {rng.choice(WORDS)} {rng.randint(1, 99)}",
            postal_code=str(1000 + rng.randint(0, 899)),
            lat=round(commune.south + rng.random() * _LAT_STEP, 6),
            lon=round(commune.west + rng.random() * _LON_STEP, 6),
            email=f"contact{number}@example.org",
            phone=f"+41 21 555 {number // 100 % 100:02d} {number % 100:02d}",
            website=f"https://org{number}.example.org",
            seen=rng.choices([name for name, _ in SHARES], cum_weights=shares)[0],
            agreement=rng.randrange(AGREEMENTS),
            own_property=rng.choice(OWN_PROPERTIES),
            activities=tuple(_activity(rng) for _ in range(2)),
        )


def _activity(rng: random.Random) -> Activity:
    start = _FIRST_DAY + timedelta(hours=rng.randint(0, _HOURS))
    return Activity(
        title=" ".join(rng.choices(WORDS, k=4)),
        description=" ".join(rng.choices(WORDS, k=20)),
        start=start,
        end=start + timedelta(hours=2),
    )
