"""Estimate weights from records that nobody judged, and score their pairs: the settings of a kind, told to Splink.

Splink translates them into the SQL of whatever computes. Estimating is done by DuckDB in this process: it takes a few
hundred short queries, each of which a cluster needs a second to plan. Pairs are weighed there or elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Protocol

from datacoop.linking.unlabelled.settings import Comparison, Level, Line, Settings

if TYPE_CHECKING:
    import pyarrow as pa

#: Weights are log2 odds: from 0 on, a pair is likelier one than two. It takes no label to know.
NATURAL = 0.0
#: Pairs drawn at random to see how often two records agree by chance: four times as many gave the same links.
_BY_CHANCE = 250_000
#: Pairs of one line learnt from, at most.
_LEARNT_FROM = 1e6
_FEWEST = 100
Lists = Sequence[Sequence[Mapping[str, object]]]
_ROW, _LIST = "row", "list"
_PRIOR = "probability_two_random_records_match"


class MissingEngineError(RuntimeError):
    """What computes is not installed; the message says how to get it."""


class TooFewRecordsError(ValueError):
    """There are too few records, or too few that agree, to learn from; the message says which."""


class Computing(Protocol):
    """Where Splink computes."""

    def api(self) -> Any:
        """Return Splink's access to it."""


class InProcess:
    """DuckDB, in this process and its memory."""

    def api(self) -> Any:
        """Return access to a database of its own. Raises: MissingEngineError."""
        try:
            import duckdb  # noqa: PLC0415 -- an optional extra, and slow to load
            from splink import DuckDBAPI  # noqa: PLC0415
        except ImportError as error:
            raise MissingEngineError("Splink is not installed: pip install 'datacoop[linking]'.") from error
        return DuckDBAPI(duckdb.connect())


@dataclass(frozen=True)
class Weighed:
    """Pairs of rows by their places in the lists, one after the other, and their weights in log2 odds."""

    left: Sequence[int]
    right: Sequence[int]
    weights: Sequence[float]


class Estimate:
    """What the records themselves say about how much each agreement is worth."""

    def __init__(
        self,
        settings: Settings,
        lists: Lists,
        computing: Computing | None = None,
    ) -> None:
        """Learn from `lists`: pairs within one, or, of several, pairs across; weigh in `computing`, else here.

        Raises: MissingEngineError, TooFewRecordsError.
        """
        if sum(map(len, lists)) < _FEWEST:
            raise TooFewRecordsError(f"Fewer than {_FEWEST} records say nothing of how often two agree by chance.")
        here = InProcess().api()
        logging.getLogger("splink").setLevel(logging.ERROR)
        self._linker: Any = _linker(here, settings, lists)
        _learn(self._linker.training, settings, lists)
        learnt = self._linker.misc.save_model_to_json()
        if not learnt[_PRIOR]:
            raise TooFewRecordsError("No pair is certain enough to tell how common pairs are.")
        if computing is not None:
            self._linker = _linker(computing.api(), settings, lists, learnt)

    def weigh(self, least: float = NATURAL, *, slices: int = 1) -> Iterator[Weighed]:
        """Yield the pairs of the blocks that weigh at least `least`; of each of `slices` at a time only, for memory."""
        for number in range(1, slices + 1):
            found = self._linker.inference.predict_chunk(
                left_chunk=(number, slices), right_chunk=(1, 1), threshold_match_weight=least
            )
            columns = found.as_pyarrow_table()
            yield Weighed(
                columns[f"{_ROW}_l"].to_pylist(),
                columns[f"{_ROW}_r"].to_pylist(),
                columns["match_weight"].to_pylist(),
            )
            found.drop_table_from_database_and_remove_from_cache()


def _learn(training: Any, settings: Settings, lists: Lists) -> None:
    certain = [_rule(line) for line in settings.certain]
    try:
        training.estimate_probability_two_random_records_match(certain, recall=settings.found)
    except ValueError as error:
        raise TooFewRecordsError("More records are alike than two lists of different things could be.") from error
    training.estimate_u_using_random_sampling(max_pairs=_BY_CHANCE, seed=1, num_chunks=1)
    for line in settings.learnt_from:
        if _is_agreed_on(line, lists):
            training.estimate_parameters_using_expectation_maximisation(_rule(line), max_pairs=_LEARNT_FROM)


def _is_agreed_on(line: Line, lists: Lists) -> bool:
    """Whether any pair agrees on it: Splink cannot learn from none."""
    said = [[tuple(str(row.get(p.column) or "")[: p.letters] for p in line) for row in rows] for rows in lists]
    whole = [{values for values in each if all(values)} for each in said]
    if len(lists) == 1:
        return len(whole[0]) < sum(all(values) for values in said[0])
    return any(not one.isdisjoint(two) for one, two in combinations(whole, 2))


def _tables(settings: Settings, lists: Lists) -> Iterator[pa.Table]:
    import pyarrow as pa  # noqa: PLC0415

    columns = settings.columns()
    types = [(name, pa.list_(pa.string()) if several else pa.string()) for name, several in columns.items()]
    schema = pa.schema([(_ROW, pa.int64()), (_LIST, pa.int64()), *types])
    start = 0
    for number, rows in enumerate(lists):
        said = [
            {_ROW: place, _LIST: number, **{c: row.get(c) for c in columns}} for place, row in enumerate(rows, start)
        ]
        start += len(rows)
        yield pa.Table.from_pylist(said, schema=schema)


def _linker(
    api: Any,
    settings: Settings,
    lists: Lists,
    learnt: Mapping[str, Any] | None = None,
) -> Any:
    """Return a linker on `lists`; `learnt`: a model in Splink's words, of the same settings."""
    from splink import Linker, SettingsCreator  # noqa: PLC0415

    tables = [api.register(table) for table in _tables(settings, lists)]
    told = SettingsCreator(
        link_type="dedupe_only" if len(tables) == 1 else "link_only",
        comparisons=[
            _comparison(each, learnt["comparisons"][place]["comparison_levels"] if learnt else ())
            for place, each in enumerate(settings.comparisons)
        ],
        blocking_rules_to_generate_predictions=[_rule(line) for line in settings.blocks],
        unique_id_column_name=_ROW,
        source_dataset_column_name=_LIST,
        retain_matching_columns=False,
    )
    if learnt:
        told.probability_two_random_records_match = learnt[_PRIOR]
    return Linker(tables if len(tables) > 1 else tables[0], told, log_level=None)


def _comparison(said: Comparison, learnt: Sequence[Mapping[str, Any]]) -> Any:
    from splink import comparison_level_library as levels  # noqa: PLC0415
    from splink import comparison_library as comparisons  # noqa: PLC0415

    equal = (
        levels.ArrayIntersectLevel(said.column)
        if said.any_of
        else levels.ExactMatchLevel(said.column, term_frequency_adjustments=said.rare)
    )
    every = [levels.NullLevel(said.column), equal, *(_level(said.column, each) for each in said.levels)]
    every.append(levels.ElseLevel())
    for level, known in zip(every, learnt, strict=False):
        level.configure(**{name: known[name] for name in ("m_probability", "u_probability") if name in known})
    return comparisons.CustomComparison(output_column_name=said.column, comparison_levels=every)


def _level(column: str, said: Level) -> Any:
    from splink import comparison_level_library as levels  # noqa: PLC0415

    if said.measure == "likeness":
        return levels.JaroWinklerLevel(column, said.bound)
    return levels.DamerauLevenshteinLevel(column, int(said.bound))


def _rule(line: Line) -> Any:
    from splink import block_on  # noqa: PLC0415

    said = [part.column if part.letters is None else f"substr({part.column}, 1, {part.letters})" for part in line]
    return block_on(*said, arrays_to_explode=[part.column for part in line if part.each])
