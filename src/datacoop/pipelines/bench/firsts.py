"""What a client pays for being sent something for the first time, which is written down before it leaves."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass

from datacoop.pipelines.bench.installation import Installation
from datacoop.pipelines.bench.preparing import Caller, Prepared
from datacoop.pipelines.bench.serving import Server

#: By id, and twenty in a list: one delivery to note, and many.
QUERIES = ("Q1", "Q2")


@dataclass(frozen=True)
class First:
    """Medians over one connection: an answer never sent to this client, and the same one again."""

    first_ms: float
    repeated_ms: float

    @property
    def over_repeated(self) -> float:
        """How many times as long the first takes."""
        return self.first_ms / max(self.repeated_ms, 1e-6)


def of_new_clients(installation: Installation, server: Server, public: Mapping[str, Prepared]) -> dict[str, First]:
    """Ask what the public asks, as a client of this moment for each query. Raises: MeasureFailed."""
    return {query: _first(installation, server, public[query]) for query in QUERIES}


def _first(installation: Installation, server: Server, asked: Prepared) -> First:
    options = ["bench", "--terms", "public-bodies", "--json"]
    made = json.loads(installation.run("clients", "add", *options))["client_id"]
    caller = Caller(server, installation.run("clients", "token", made).strip())
    paths = list(dict.fromkeys(asked.load.paths))
    return First(*(statistics.median(_took(caller, path) for path in paths) for _ in range(2)))


def _took(caller: Caller, path: str) -> float:
    begun = time.perf_counter()
    caller.get(path)
    return 1000 * (time.perf_counter() - begun)
