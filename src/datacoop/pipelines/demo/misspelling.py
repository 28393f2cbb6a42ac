"""The ways in which lists spell the same thing differently: names, streets, postcodes. Pure."""

from typing import Final

from datacoop.lib.text import plain
from datacoop.pipelines.demo.dice import Dice

_LONG: Final = {
    "FC ": "Football-Club ",
    "VBC ": "Volley-Ball Club ",
    "BBC ": "Basket-Ball Club ",
    "Association ": "Assoc. ",
    "Fondation ": "Fond. ",
    "Coopérative ": "Coop. ",
    "Société ": "Sté ",
    "Judo-club ": "Judo Club ",
    "Groupe ": "Gr. ",
    "Club ": "Clb ",
    " et ": " & ",
    "Saint": "St",
    "Sainte-": "Ste-",
}


def misspelt(dice: Dice, name: str, commune: str) -> str:
    """Spell a name as another list would: shortened, shouted, without accents, with the town, or with a slip."""
    ways = {
        "long": 4.0,
        "shouted": 1.5,
        "plain": 1.5,
        "town": 2.0,
        "slip": 2.0,
        "article": 1.5,
        "apostrophe": 2.0,
    }
    way = dice.weighted(ways)
    if way == "long":
        found = [short for short in _LONG if short in name]
        return name.replace(found[0], _LONG[found[0]], 1) if found else f"{name}, {commune}"
    if way == "shouted":
        return name.upper()
    if way == "slip":
        return _slip(dice, name)
    steady = {
        "plain": " ".join(word.capitalize() if len(word) > 3 else word for word in plain(name).split()),
        "town": f"{name} ({commune})",
        "article": name.replace(" de la ", " ", 1).replace(" du ", " ", 1).replace(" des ", " ", 1),
        "apostrophe": name.replace("’", "'").replace("-", " "),
    }
    return steady[way]


def _slip(dice: Dice, name: str) -> str:
    """Drop or double one letter inside the longest word."""
    word = max(name.split(), key=len)
    at = dice.between(1, max(1, len(word) - 2))
    slipped = word[:at] + word[at + 1 :] if dice.chance(0.5) else word[:at] + word[at] + word[at:]
    return name.replace(word, slipped, 1)


def old_street(dice: Dice, street: str) -> str:
    """Return the address before the last move, or the same one with an older way of writing it."""
    words = street.rsplit(" ", 1)
    if dice.chance(0.6):
        return f"{words[0]} {dice.between(1, 68)}"
    return street.replace("Chemin ", "Ch. ").replace("Avenue ", "Av. ").replace("Route ", "Rte ")


def moved_postcode(dice: Dice, postal_code: str) -> str:
    """Return a neighbouring postcode that is not the place's."""
    return str(int(postal_code) + dice.pick((-1, 1, 2)))
