"""Names of communes and territories as callers write them, to the values that the place index holds.

From the reference geography alone: nothing about records, hence the same for everybody.
"""

from functools import lru_cache

from datacoop.directory.territories import all_communes, communes_of, find_communes


def places_called(text: str) -> tuple[str, ...]:
    """Index values of a commune given by BFS number or name; abroad, places go by their name alone."""
    if text.isascii() and text.isdigit():
        return (text.lstrip("0") or "0",)
    return (*(str(each.bfs) for each in find_communes(text)), f"={text[:70]}")


@lru_cache(maxsize=256)
def places_of_territory(text: str) -> frozenset[str]:
    """Index values of a territory's communes: a named one, or a canton as `vd` or `ch-vd`; else none."""
    found = communes_of(text) or communes_of(f"ch-{text}") or ()
    return frozenset(str(number) for number in found)


def label_of(place: str) -> str:
    """What to call a place of the index."""
    if place.startswith("="):
        return place[1:]
    commune = all_communes().get(int(place)) if place.isascii() and place.isdigit() else None
    return commune.name if commune else place
