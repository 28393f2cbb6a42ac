"""Which column means which property: proposed from its header in four languages and from its values.

A mapping is data, `{column: property or null}`: shown to whoever imports, corrected, saved with the source.
Doubtful columns stay null, and what is not mapped is not stored. Must not read files nor change values.

`property` is the path in a record without indices (`addresses.postal_code`, `point.lat`, `description.de`);
`@id` is the holder's own key, `@person` a column about natural persons, stored only when asked for.
Several columns may share a path: of a list (`phones`), or the parts of one street in their order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from datacoop.kinds.definition import Kind
from datacoop.sources.evidence import Evidence, gather
from datacoop.sources.headers import is_known, take_apart, vocabulary, weigh
from datacoop.sources.readers.json import KEY_COLUMN
from datacoop.sources.readers.table import Row
from datacoop.sources.suiting import suits

ID = "@id"
PERSON = "@person"
OWN = "@own"
REPORTED_ID = "id"  # as reports show it, and as people write it back
THRESHOLD = 0.6
SAMPLE = 500
_BARE_NUMBER = frozenset({"no", "nr", "num", "numero", "nummer", "number"})
_ADDRESS_PARTS = {"street", "extra", "postal_code", "city", "canton", "country"}


@dataclass(frozen=True)
class ColumnMapping:
    """What one column is taken for, and how certainly (0 to 1); `property` None: not mapped."""

    column: str
    property: str | None
    confidence: float


@dataclass(frozen=True)
class _Candidate:
    score: float
    position: int
    target: str


def propose(columns: Sequence[str], sample_rows: Sequence[Row], kind: Kind) -> list[ColumnMapping]:
    """One ColumnMapping for each column, in their order; of many rows a few hundred, evenly spread, are looked at."""
    rows = sample_rows[:: max(1, len(sample_rows) // SAMPLE)][:SAMPLE]
    evidence = [gather([row.values.get(column) for row in rows], len(rows)) for column in columns]
    words = vocabulary(own_words(kind))
    candidates = [
        _Candidate(score, position, target)
        for position, column in enumerate(columns)
        for target, score in _scores(column, evidence[position], weigh(column, words), kind).items()
    ]
    chosen = _assign(candidates, kind)
    _number_of_row_or_house(columns, chosen, evidence, kind)
    _drop_lonely_parts(chosen)
    _prefer_organisation_names(columns, chosen, candidates, evidence)
    _city_or_commune(chosen, candidates, kind)
    return [_described(position, column, chosen, kind) for position, column in enumerate(columns)]


def knows_header(label: str, kind: Kind | None = None) -> bool:
    """Whether a cell reads like the header of a column; with a kind, its own words count too."""
    return is_known(label, own_words(kind) if kind else ())


def as_data(mapping: Iterable[ColumnMapping]) -> dict[str, str | None]:
    """The mapping as it is saved and corrected."""
    return {each.column: each.property for each in mapping}


def faults(mapping: Mapping[str, object], columns: Sequence[str], kind: Kind) -> list[str]:
    """What is wrong with a mapping that somebody wrote, a sentence each; empty if it can be used."""
    said = [f"There is no column {column!r}." for column in mapping if column not in columns]
    for column, target in mapping.items():
        if target is not None and (not isinstance(target, str) or not is_target(target, kind)):
            said.append(f"{column!r}: {target!r} is no property of {kind.name}.")
    return said


def is_target(path: str, kind: Kind) -> bool:
    """Whether a path names a property, or a part of one, of the kind."""
    if path in {ID, PERSON, OWN, REPORTED_ID}:
        return True
    name, _, part = path.partition(".")
    types = {each.name: each.type for each in kind.properties}
    parts = {
        "address": _ADDRESS_PARTS | {"kind"},
        "point": {"lat", "lon"},
        "commune": {"bfs", "name"},
        "identifier": {"value", "scheme"},
        "text": {"fr", "de", "it", "en"},
    }
    return name in types and (not part or part in parts.get(types[name], set()))


@cache
def own_words(kind: Kind) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The header words of the kind's own definition."""
    return tuple(
        (each.name, tuple(word for words in each.columns.values() for word in words))
        for each in kind.properties
        if each.columns
    )


@cache
def _names(kind: Kind) -> dict[str, str]:
    """From the names of `headers.yml` to those of the kind: its name, its address, its point."""
    by_type = {each.type: each.name for each in reversed(kind.properties)}
    names = {each.name: each.name for each in kind.properties}
    if "name" in kind.slots:
        names["name"] = kind.slots["name"].name
    for word, type_name in (("addresses", "address"), ("point", "point"), ("identifiers", "identifier")):
        if type_name in by_type:
            names[word] = by_type[type_name]
    for word, type_name in (("commune", "commune"), ("theme", "theme"), ("website", "url")):
        if type_name in by_type:
            names.setdefault(word, by_type[type_name])
    for word, other in (("email", "emails"), ("phones", "phone")):
        if other in names:
            names.setdefault(word, other)
    return names


def _local(target: str, kind: Kind) -> str | None:
    """The target in the kind's own names, None if the kind has no such thing."""
    if target.startswith("@"):
        return target
    bare, _, mark = target.partition("~")
    name, dot, part = bare.partition(".")
    own = _names(kind).get(name)
    if own is None:
        return None
    local = f"{own}{dot}{part}"
    if mark:
        return f"{local}~{mark}"
    property_type = kind.property(own).type
    if property_type in {"address", "identifier"} and not part:
        return f"{own}.{'street' if property_type == 'address' else 'value'}"
    return local


def _scores(column: str, evidence: Evidence, said: Mapping[str, float], kind: Kind) -> dict[str, float]:
    if column == KEY_COLUMN:
        return {ID: 0.99}
    language = take_apart(column).language
    scores: dict[str, float] = {}
    for target, word_score in said.items():
        local = _local(target, kind)
        if local is None:
            continue
        score = suits(local.partition("~")[0], word_score, evidence, kind)
        if local.endswith("~weak"):
            local, score = local.removesuffix("~weak"), score * 0.72
        if language and "." not in local and not local.startswith("@") and kind.property(local).type == "text":
            local = f"{local}.{language}"
        scores[local] = max(scores.get(local, 0.0), score)
    for target, score in _from_values(evidence, said, kind).items():
        scores[target] = max(scores.get(target, 0.0), score)
    return scores


def _is_text(target: str, kind: Kind) -> bool:
    return target[0] != "@" and "." not in target and kind.property(target).type == "text"


def _from_values(evidence: Evidence, said: Mapping[str, float], kind: Kind) -> dict[str, float]:
    """What the values say by themselves, where the header says nothing that is against it."""
    if evidence.count < 3 or said.get("@none", 0) > 0.6 or said.get(PERSON, 0) > 0.6:
        return {}
    found = {}
    email, identifiers = _local("email", kind), _local("identifiers", kind)
    point, postcode = _local("point", kind), _local("addresses.postal_code", kind)
    if email and evidence.share("email") >= 0.8 and evidence.mean_length < 80:
        found[email] = 0.66
    if identifiers and evidence.share("identifier") >= 0.8 and evidence.distinct > 0.8:
        found[identifiers] = 0.64
    if point and evidence.share("pair") >= 0.9 and evidence.share("fraction") < 0.1:
        found[point] = 0.62
    if postcode and evidence.share("postcode_city") >= 0.9 and evidence.mean_length < 40:
        found[postcode.rpartition(".")[0] + ".city"] = 0.62
    if evidence.share("person") >= 0.7:
        found[PERSON] = 0.7
    return found


def _many(target: str, kind: Kind) -> bool:
    bare = target.partition("#")[0]
    name, _, part = bare.partition(".")
    if bare == PERSON:
        return True
    if bare == ID or bare not in {name} | {f"{name}.value", f"{name}.extra"}:
        return False
    return part == "extra" or kind.property(name).many


def _assign(candidates: Sequence[_Candidate], kind: Kind) -> dict[int, _Candidate]:
    """Best first: each column once, each property once unless it is a list. `@none` takes a column away."""
    chosen: dict[int, _Candidate] = {}
    taken: set[str] = set()
    for candidate in sorted(candidates, key=lambda each: (-each.score, each.position, each.target)):
        if candidate.position in chosen or candidate.target in taken:
            continue
        if candidate.score < THRESHOLD:
            break
        chosen[candidate.position] = candidate
        if candidate.target != "@none" and not _many(candidate.target, kind):
            taken.add(candidate.target)
    return chosen


def _number_of_row_or_house(
    columns: Sequence[str], chosen: dict[int, _Candidate], evidence: Sequence[Evidence], kind: Kind
) -> None:
    """A bare "Nr" is a house number only beside the street, and never in the first column: there it counts rows."""
    for position, each in list(chosen.items()):
        street, mark, part = each.target.partition("#")
        if (mark, part) != ("#", "number") or not set(take_apart(columns[position]).tokens) <= _BARE_NUMBER:
            continue
        beside = (chosen[near] for near in (position - 1, position + 1) if near in chosen)
        if position and any(other.target.partition("#")[0] == street for other in beside):
            continue
        del chosen[position]
        score = suits(ID, 0.9, evidence[position], kind)
        if score >= THRESHOLD and all(other.target != ID for other in chosen.values()):
            chosen[position] = _Candidate(score, position, ID)


def _drop_lonely_parts(chosen: dict[int, _Candidate]) -> None:
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


def _is_first_name(tokens: Sequence[str]) -> bool:
    words = set(tokens)
    return bool(words & {"prenom", "vorname", "firstname"} or words in ({"first", "name"}, {"given", "name"}))


def _prefer_organisation_names(
    columns: Sequence[str],
    chosen: dict[int, _Candidate],
    candidates: Sequence[_Candidate],
    evidence: Sequence[Evidence],
) -> None:
    """Beside a column of first names, "nom" is a family name and the record's name stands elsewhere."""
    if not any(_is_first_name(take_apart(column).tokens) for column in columns):
        return
    for position, each in list(chosen.items()):
        if each.target not in {"name", "title"} or set(take_apart(columns[position]).tokens) - {
            "nom",
            "name",
            "nome",
        }:
            continue
        chosen[position] = _Candidate(each.score, position, PERSON)
        free = (other for other in candidates if other.target == each.target and other.position not in chosen)
        better = max(free, key=lambda other: other.score, default=None)
        if better is not None and better.score >= THRESHOLD and evidence[better.position].count:
            chosen[better.position] = better


def _city_or_commune(chosen: dict[int, _Candidate], candidates: Sequence[_Candidate], kind: Kind) -> None:
    """Where an address has no other town, "commune" is its town; the commune follows from it."""
    city = _local("addresses.city", kind)
    commune = _local("commune", kind)
    if city is None or any(each.target == city for each in chosen.values()):
        return
    address = city.rpartition(".")[0]
    if not any(each.target.startswith(f"{address}.") for each in chosen.values()):
        return
    for position, each in list(chosen.items()):
        if each.target == commune:
            chosen[position] = _Candidate(each.score, position, city)
            return


def _described(position: int, column: str, chosen: Mapping[int, _Candidate], kind: Kind) -> ColumnMapping:
    candidate = chosen.get(position)
    if candidate is None or candidate.target == "@none":
        return ColumnMapping(column, None, 0.0)
    target = candidate.target.partition("#")[0]
    if "." not in target and not target.startswith("@") and kind.property(target).type == "commune":
        target = f"{target}.name"
    return ColumnMapping(column, target, round(min(candidate.score, 0.99), 2))
