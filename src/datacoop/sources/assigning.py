"""Which column gets which target: the best first, then what neighbouring columns say of each other. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from datacoop.kinds.definition import Kind
from datacoop.sources.evidence import Evidence
from datacoop.sources.headers import ID, NONE, PERSON, Header, Tokens, says_nothing, take_apart
from datacoop.sources.suiting import suits
from datacoop.sources.targets import local_name, takes_many

THRESHOLD: Final = 0.6
_BARE_NUMBER: Final = frozenset({"no", "nr", "num", "numero", "nummer", "number"})
_BARE_NAME: Final = frozenset({"nom", "name", "nome"})
_BARE_TITLE: Final = frozenset({"titre", "titel", "titolo", "title"})
_FIRST: Final = frozenset({"prenom", "prenoms", "vorname", "vornamen", "firstname"})
_FAMILY: Final = frozenset({"cognome", "nachname", "familienname", "surname", "lastname", "famille"})


@dataclass(frozen=True)
class Candidate:
    """A target that a column may get, and how well it fits."""

    score: float
    position: int
    target: str


def assign(
    columns: Sequence[str], candidates: Sequence[Candidate], evidence: Sequence[Evidence], kind: Kind
) -> dict[int, Candidate]:
    """The chosen target by the position of its column; columns without one are left out."""
    people = _family_names([take_apart(column) for column in columns], candidates)
    others = [each for each in candidates if each.position not in people]
    chosen = _best([*others, *(Candidate(0.95, position, PERSON) for position in people)], kind)
    _number_of_row_or_house(columns, chosen, evidence, kind)
    _drop_lonely_parts(chosen)
    _postcode_before_town(columns, chosen, evidence, kind)
    _city_or_commune(chosen, candidates, kind)
    return chosen


def _best(candidates: Sequence[Candidate], kind: Kind) -> dict[int, Candidate]:
    """Best first: each column once, each property once unless it is a list. `@none` takes a column away."""
    chosen: dict[int, Candidate] = {}
    taken: set[str] = set()
    for candidate in sorted(candidates, key=lambda each: (-each.score, each.position, each.target)):
        if candidate.position in chosen or candidate.target in taken:
            continue
        if candidate.score < THRESHOLD:
            break
        chosen[candidate.position] = candidate
        if candidate.target != NONE and not takes_many(candidate.target, kind):
            taken.add(candidate.target)
    return chosen


def _family_names(headers: Sequence[Header], candidates: Sequence[Candidate]) -> set[int]:
    """Columns headed "Nom" or "Titre" that speak of people, for a column of first names stands beside them.

    Where the family name has a column of its own ("Nachname"), "Name" is the record's.
    """
    about_people = {each.position for each in candidates if each.target == PERSON and each.score >= THRESHOLD}
    found: set[int] = set()
    for first in headers:
        same = [position for position, header in enumerate(headers) if header.parents == first.parents]
        if "cognome" in first.tokens:
            found |= {position for position in same if headers[position].tokens == ("nome",)}
        if not _is_first_name(first.tokens):
            continue
        if not any(_is_family_name(headers[position], position in about_people) for position in same):
            found |= {position for position in same if _only(headers[position], _BARE_NAME)}
        found |= {position for position in same if _only(headers[position], _BARE_TITLE)}
    return found


def _only(header: Header, words: frozenset[str]) -> bool:
    return bool(header.tokens) and set(header.tokens) <= words


def _is_first_name(tokens: Tokens) -> bool:
    words = set(tokens)
    if words & {"last", "family", *_FAMILY}:
        return False
    return bool(words & _FIRST and not words & _BARE_NAME) or words >= {"first", "name"} or words >= {"given", "name"}


def _is_family_name(header: Header, about_people: bool) -> bool:
    words = set(header.tokens)
    if words & _FAMILY or words >= {"last", "name"} or words >= {"family", "name"}:
        return True
    return about_people and len(words) > 1 and bool(words & _BARE_NAME) and not _is_first_name(header.tokens)


def _number_of_row_or_house(
    columns: Sequence[str], chosen: dict[int, Candidate], evidence: Sequence[Evidence], kind: Kind
) -> None:
    """A bare "Nr" is a house number only beside the street, and never in the first column: there it counts rows."""
    bare = [position for position, column in enumerate(columns) if _only(take_apart(column), _BARE_NUMBER)]
    for position in bare:
        street, mark, part = chosen[position].target.partition("#") if position in chosen else ("", "", "")
        if (mark, part) == ("#", "number"):
            beside = (chosen[near] for near in (position - 1, position + 1) if near in chosen)
            if position and any(other.target.partition("#")[0] == street for other in beside):
                continue
            del chosen[position]
        elif position or position in chosen:
            continue
        score = suits(ID, 0.9, evidence[position], kind)
        if score >= THRESHOLD and all(other.target != ID for other in chosen.values()):
            chosen[position] = Candidate(score, position, ID)


def _drop_lonely_parts(chosen: dict[int, Candidate]) -> None:
    """A house number without a street, a longitude without a latitude say nothing."""
    targets = {each.target for each in chosen.values()}
    for position, each in list(chosen.items()):
        street, mark, _ = each.target.partition("#")
        lonely = bool(mark) and street not in targets
        for one, other in ((".lat", ".lon"), (".lon", ".lat")):
            if each.target.endswith(one):
                lonely = lonely or each.target.removesuffix(one) + other not in targets
        if lonely:
            del chosen[position]


def _postcode_before_town(
    columns: Sequence[str], chosen: dict[int, Candidate], evidence: Sequence[Evidence], kind: Kind
) -> None:
    """Numbers like postcodes in a column without a name are postcodes where the town stands next to them."""
    code, city = local_name("addresses.postal_code", kind), local_name("addresses.city", kind)
    if code is None or any(each.target == code for each in chosen.values()):
        return
    for position, column in enumerate(columns):
        town = chosen.get(position + 1)
        if position in chosen or town is None or town.target != city or not says_nothing(column):
            continue
        if evidence[position].count >= 3 and evidence[position].share("postcode") >= 0.95:
            chosen[position] = Candidate(0.61, position, code)
            return


def _city_or_commune(chosen: dict[int, Candidate], candidates: Sequence[Candidate], kind: Kind) -> None:
    """Where an address has no other town, "commune" is its town; the commune follows from it."""
    city = local_name("addresses.city", kind)
    commune = local_name("commune", kind)
    if city is None or any(each.target == city for each in chosen.values()):
        return
    address = city.rpartition(".")[0]
    if not any(each.target.startswith(f"{address}.") for each in chosen.values()):
        return
    for position, each in list(chosen.items()):
        if each.target == commune:
            chosen[position] = Candidate(each.score, position, city)
            return
