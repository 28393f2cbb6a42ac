"""Which column means which property: proposed from its header in four languages and from its values.

A mapping is data, `{column: property or null}`: shown to whoever imports, corrected, saved with the source.
Doubtful columns stay null, and what is not mapped is not stored. Must not read files nor change values.

`property` is the path in a record without indices (`addresses.postal_code`, `point.lat`, `description.de`);
`@id` is the holder's own key, `@person` a column about natural persons, stored only when asked for, `@own` one kept
sealed for its holder alone; nothing is taken for `@own` unless somebody says so.
Several columns may share a path: of a list (`phones`), or the parts of one street in their order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from datacoop.kinds.definition import Kind
from datacoop.sources.assigning import Candidate, assign
from datacoop.sources.evidence import gather
from datacoop.sources.headers import ID, NONE, OWN, PERSON, is_known, vocabulary, weigh
from datacoop.sources.readers.table import Row
from datacoop.sources.restoring import is_calendar, is_thing, meant_by_calendars, meant_by_terms, written
from datacoop.sources.targets import own_words
from datacoop.sources.weighing import scores_of

#: Whoever reads or writes a mapping needs these, the targets that are no property among them.
__all__ = [
    "ID", "OWN", "PERSON", "REPORTED_ID", "ColumnMapping", "as_data", "faults", "is_target", "knows_header", "propose",
]  # fmt: skip
REPORTED_ID = "id"  # as reports show it, and as people write it back
SAMPLE = 500
#: How sure our own columns are, and those in a standard's words.
_CERTAIN, _STANDARD = 1.0, 0.95
#: What JSON-LD says of its values, not of the things.
_KEYWORDS = frozenset({"@type", "@context", "@language"})
_ADDRESS_PARTS = {"street", "extra", "postal_code", "city", "canton", "country"}


@dataclass(frozen=True)
class ColumnMapping:
    """What one column is taken for, and how certainly (0 to 1); `property` None: not mapped."""

    column: str
    property: str | None
    confidence: float


def propose(columns: Sequence[str], sample_rows: Sequence[Row], kind: Kind) -> list[ColumnMapping]:
    """One ColumnMapping for each column, in their order; of many rows a few hundred, evenly spread, are looked at."""
    ours = written(columns, kind)
    if ours is not None:
        return _beside(ours, _CERTAIN, columns, sample_rows, kind)
    if is_thing(columns):
        terms = meant_by_terms(kind)
        return _beside({c: terms[c] for c in columns if c in terms}, _STANDARD, columns, sample_rows, kind)
    if is_calendar(columns) and "start" in kind.slots:
        words = meant_by_calendars(kind)
        return [ColumnMapping(c, words.get(c), _CERTAIN if c in words else 0.0) for c in columns]
    return _proposed(columns, sample_rows, kind)


def _beside(
    said: Mapping[str, str | None], confidence: float, columns: Sequence[str], sample_rows: Sequence[Row], kind: Kind
) -> list[ColumnMapping]:
    """Columns that say themselves what they mean, and what somebody added, looked at like any other column."""
    added = [column for column in columns if column not in said]
    taken = set(said.values())
    found = {column: ColumnMapping(column, target, confidence) for column, target in said.items()}
    for each in _proposed(added, sample_rows, kind):
        found[each.column] = ColumnMapping(each.column, None, 0.0) if each.property in taken else each
    return [found[column] for column in columns]


def _proposed(columns: Sequence[str], sample_rows: Sequence[Row], kind: Kind) -> list[ColumnMapping]:
    rows = sample_rows[:: max(1, len(sample_rows) // SAMPLE)][:SAMPLE]
    evidence = [gather([row.values.get(column) for row in rows], len(rows)) for column in columns]
    words = vocabulary(own_words(kind))
    candidates = [
        Candidate(score, position, target)
        for position, column in enumerate(columns)
        if column.rpartition(".")[2] not in _KEYWORDS
        for target, score in scores_of(column, evidence[position], weigh(column, words), kind).items()
    ]
    chosen = assign(columns, candidates, evidence, kind)
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
        "point": {"lat", "lon", "precision"},
        "commune": {"bfs", "name"},
        "identifier": {"value", "scheme"},
        "text": {"fr", "de", "it", "en"},
        "recurrence": {"rrule", "rdates", "exdates", "overrides"},
    }
    return name in types and (not part or part in parts.get(types[name], set()))


def _described(position: int, column: str, chosen: Mapping[int, Candidate], kind: Kind) -> ColumnMapping:
    candidate = chosen.get(position)
    if candidate is None or candidate.target == NONE:
        return ColumnMapping(column, None, 0.0)
    target = candidate.target.partition("#")[0]
    if "." not in target and not target.startswith("@") and kind.property(target).type == "commune":
        target = f"{target}.name"
    return ColumnMapping(column, target, round(min(candidate.score, 0.99), 2))
