"""The invented organisations, as they really are: what the four holders each know only in part. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from datacoop.lib.text import plain_words
from datacoop.pipelines.demo.dice import Dice
from datacoop.pipelines.demo.words import Place, Recipe, Words, at, bare, of

DAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi")
REFUGE: Final = "social/refuge"
_STOP: Final = frozenset(
    [
        "de",
        "du",
        "des",
        "d",
        "la",
        "le",
        "les",
        "l",
        "un",
        "une",
        "et",
        "a",
        "au",
        "aux",
        "en",
        "pour",
        "association",
        "societe",
        "groupe",
        "club",
    ]
)
_UID_WEIGHTS: Final = (5, 4, 3, 2, 7, 6, 5, 4)
_TWINS: Final = 14
_SHARING: Final = 24


@dataclass(frozen=True)
class Organisation:
    """The truth about one organisation; `person` is whom its contact details belong to, if to somebody."""

    key: str
    name: str
    nature: str
    theme: str
    quarter: str
    place: Place
    street: str
    lat: float
    lon: float
    description: Mapping[str, str]
    founded: int
    email: str | None
    phone: str | None
    website: str | None
    uid: str | None
    person: str
    care_of: bool
    languages: tuple[str, ...]

    @property
    def mailbox_is_personal(self) -> bool:
        """Whether the mailbox carries the person's name."""
        return bool(self.email) and self.email == mailbox_of(self.person)


def invent_organisations(dice: Dice, words: Words, count: int) -> tuple[Organisation, ...]:
    """Make `count` organisations, spread over themes and places by their weights."""
    recipes = [recipe for recipe, share in _shares(words.recipes, count) for _ in range(share)]
    phones = iter(dice.sample(range(10_000), count))
    names: set[str] = set()
    made: list[Organisation] = []
    for position, recipe in enumerate(recipes):
        one = _invent(dice, words, recipe, f"org-{position + 1:04d}", names)
        digits = f"{next(phones):04d}"
        made.append(replace(one, phone=f"+41 21 555 {digits[:2]} {digits[2:]}" if dice.chance(0.74) else None))
    return tuple(_reachable(one) for one in _share_contacts(dice, _make_twins(dice, made)))


def _shares(recipes: tuple[Recipe, ...], count: int) -> Iterator[tuple[Recipe, int]]:
    """Largest remainders: the counts add up, and a small theme is not lost."""
    total = sum(recipe.weight for recipe in recipes)
    exact = [recipe.weight * count / total for recipe in recipes]
    whole = [int(share) for share in exact]
    order = sorted(range(len(recipes)), key=lambda i: (whole[i] - exact[i], i))
    for i in order[: count - sum(whole)]:
        whole[i] += 1
    return zip(recipes, whole, strict=True)


def _invent(dice: Dice, words: Words, recipe: Recipe, key: str, names: set[str]) -> Organisation:
    place = dice.weighted({place: float(place.weight) for place in words.places})
    quarter = dice.pick(words.quarters)
    slots = slots_of(dice, words, place, quarter)
    name = _name(dice, words, recipe, slots, names)
    nature = dice.weighted({nature: float(weight) for nature, weight in recipe.natures.items()})
    person = f"{dice.pick(words.several['first'])} {dice.pick(words.several['last'])}"
    lat, lon = dice.near(place.lat, place.lon, place.radius)
    email, website = _addresses(dice, name, nature, person)
    return Organisation(
        key=key, name=name, nature=nature, theme=recipe.theme, quarter=quarter, place=place, lat=lat, lon=lon,
        street=f"{dice.pick(words.several['streets'])} {dice.between(1, 68)}{'bis' if dice.chance(0.04) else ''}",
        description=_description(dice, recipe, slots), founded=int(slots["annee"]), email=email, phone=None,
        website=website, uid=_uid(dice) if _has_uid(dice, nature) else None, person=person,
        care_of=dice.chance(0.3 if nature == "informal_group" else 0.06), languages=_languages(dice, recipe.theme),
    )  # fmt: skip


def slots_of(dice: Dice, words: Words, place: Place, quarter: str) -> dict[str, str]:
    """Everything a sentence may ask for."""
    return {
        "lieu": bare(quarter),
        "de_lieu": of(quarter),
        "a_lieu": at(quarter),
        "commune": place.said,
        "de_commune": of(place.said),
        "a_commune": at(place.said),
        "nom": f"{dice.pick(words.several['nouns'])} {dice.pick(words.several['complements'])}",
        "annee": str(dice.weighted({dice.between(1904, 1975): 3, dice.between(1976, 2024): 7})),
        "jour": dice.pick(DAYS),
    }


def _name(dice: Dice, words: Words, recipe: Recipe, slots: dict[str, str], names: set[str]) -> str:
    """A name nobody else has; the quarter moves until it is one."""
    for _ in range(200):
        name = dice.pick(recipe.names).format_map(slots)
        if name not in names:
            names.add(name)
            return name
        quarter = dice.pick(words.quarters)
        slots |= {"lieu": bare(quarter), "de_lieu": of(quarter), "a_lieu": at(quarter)}
        slots["nom"] = f"{dice.pick(words.several['nouns'])} {dice.pick(words.several['complements'])}"
    raise ValueError(f"Too few names for {recipe.theme}.")


def _description(dice: Dice, recipe: Recipe, slots: Mapping[str, str]) -> dict[str, str]:
    lines = [dice.pick(recipe.lines)] + ([dice.pick(recipe.more)] if dice.chance(0.7) else [])
    said = {"fr": " ".join(line.format_map(slots) for line in lines)}
    share = {"de": 0.3, "it": 0.3, "en": 0.4}
    return said | {lang: text for lang, text in recipe.translations.items() if dice.chance(share[lang])}


def _addresses(dice: Dice, name: str, nature: str, person: str) -> tuple[str | None, str | None]:
    """Mailbox and website: own domain, a shared provider, or the person's own mailbox."""
    host = f"{host_of(name)}.example.org"
    if dice.chance(0.62 if nature == "informal_group" else 0.07):
        return mailbox_of(person), f"https://{host}" if dice.chance(0.3) else None
    if dice.chance(0.68):
        return f"{dice.pick(('info', 'contact', 'secretariat', 'bureau'))}@{host}", f"https://{host}"
    website = f"https://{host}" if dice.chance(0.45) else None
    return (f"{host_of(name)}@example.ch" if dice.chance(0.88) else None), website


def host_of(name: str) -> str:
    """Return the words of a name that fit into a host or a mailbox.

    >>> host_of("Chœur mixte de la Combe-Noisette")
    'choeur-mixte-combe-noisette'
    """
    kept = [word for word in plain_words(name) if word not in _STOP]
    return "-".join(kept or plain_words(name))[:48].strip("-")


def mailbox_of(person: str) -> str:
    """Return the invented mailbox of an invented person."""
    first, _, last = person.partition(" ")
    return f"{''.join(plain_words(first))}.{''.join(plain_words(last))}@example.org"


def _has_uid(dice: Dice, nature: str) -> bool:
    share = {"association": 0.12, "informal_group": 0.0, "commercial": 1.0}
    return dice.chance(share.get(nature, 0.7))


def _uid(dice: Dice) -> str:
    """Return a number with a right check digit, from a range in which none is given out (CHE-9…)."""
    while True:
        digits = [9, *(dice.between(0, 9) for _ in range(7))]
        check = (11 - sum(w * d for w, d in zip(_UID_WEIGHTS, digits, strict=True)) % 11) % 11
        if check < 10:
            text = "".join(map(str, [*digits, check]))
            return f"CHE-{text[:3]}.{text[3:6]}.{text[6:]}"


def _languages(dice: Dice, theme: str) -> tuple[str, ...]:
    if theme.split("/", maxsplit=1)[0] not in {"migration", "origine", "social", "sante"} or dice.chance(0.5):
        return ()
    return ("fr", *dice.sample(("en", "de", "it", "pt", "sq", "es", "ti", "uk", "tr", "ar"), dice.between(1, 3)))


def _make_twins(dice: Dice, made: list[Organisation]) -> list[Organisation]:
    """Give some organisations the very name of another one elsewhere: the same name is not the same thing."""
    fields = dice.sample([i for i, one in enumerate(made) if one.theme != REFUGE], len(made))
    twins = 0
    for i in fields:
        mates = [j for j in fields if made[j].theme == made[i].theme and made[j].place.bfs != made[i].place.bfs]
        if twins == _TWINS or not mates or any(made[i].name == one.name for one in made if one is not made[i]):
            continue
        made[mates[0]] = _renamed(made[mates[0]], made[i].name)
        twins += 1
    return made


def _renamed(one: Organisation, name: str) -> Organisation:
    host = f"{host_of(f'{name} {one.place.said}')}.example.org"
    email = one.email if one.mailbox_is_personal else f"info@{host}"
    return replace(one, name=name, email=email, website=f"https://{host}" if one.website else None)


def _share_contacts(dice: Dice, made: list[Organisation]) -> list[Organisation]:
    """Let pairs share a telephone, and some a mailbox: such a contact is nobody's office for sure."""
    pairs = dice.sample([i for i, one in enumerate(made) if one.phone and one.email and one.theme != REFUGE], _SHARING)
    for position, (i, j) in enumerate(zip(pairs[::2], pairs[1::2], strict=True)):
        made[j] = replace(made[j], phone=made[i].phone)
        if position % 3 == 0:
            made[j] = replace(made[j], email=made[i].email)
    return made


def _reachable(one: Organisation) -> Organisation:
    """Nobody is without any way to be written to."""
    if one.theme == REFUGE:
        host = f"{host_of(one.name)}.example.org"
        return replace(one, email=f"info@{host}", website=f"https://{host}", care_of=False)
    if one.email or one.phone or one.website:
        return one
    return replace(one, email=f"{host_of(one.name)}@example.ch")
