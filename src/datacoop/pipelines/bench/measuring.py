"""Measures one corpus on one database: every query against the limits of the same run, the public against a client."""

from __future__ import annotations

import json
import math
import statistics
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from datacoop.pipelines.bench import serving
from datacoop.pipelines.bench.firsts import First, of_new_clients
from datacoop.pipelines.bench.installation import Installation, MeasureFailed
from datacoop.pipelines.bench.load import Load, Outcome, drive
from datacoop.pipelines.bench.preparing import QUERIES, Prepared, prepare
from datacoop.pipelines.bench.serving import Server

STREAMED = "Q6"
_CHUNK = 1000
_COMPLETE = 100
Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How long and how often."""

    seconds: int = 2
    rounds: int = 3
    pairs: int = 20
    anew_pairs: int = 10
    decisions: int = 50
    deciding_seconds: int = 8
    alone_seconds: float = 1.0
    alone_rounds: int = 3
    warm: int = 1
    queries: tuple[str, ...] = tuple(QUERIES)


QUICK = Plan(
    seconds=1,
    rounds=1,
    pairs=2,
    anew_pairs=1,
    decisions=3,
    deciding_seconds=1,
    alone_seconds=0.05,
    alone_rounds=1,
    warm=0,
    queries=("Q1", "Q3"),
)


@dataclass(frozen=True)
class Ratio:
    """A client's CPU for one request over the public's, of interleaved pairs: median and 95 % interval."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Anew:
    """The same query where nothing is remembered: every answer comes from the database."""

    public: Outcome
    of_limit: float
    client_over_public: Ratio


@dataclass(frozen=True)
class Row:
    """One query on one corpus."""

    query: str
    public: Outcome
    limit: Outcome
    of_limit: float
    tail_over_limit: float | None
    client: Outcome
    client_over_public: Ratio
    anew: Anew | None
    size: int
    rows: int


@dataclass(frozen=True)
class Served:
    """What was measured of one installation while it was served."""

    rows: list[Row]
    decided_ms: list[float]
    firsts: dict[str, First]


def measure(installation: Installation, plan: Plan, say: Say) -> Served:
    """Serve it, check its answers, measure. Raises: MeasureFailed."""
    with (
        serving.real(installation) as server,
        serving.real(installation, remembering=False) as anew,
        serving.fixed(installation) as limit,
    ):
        token = installation.run("clients", "token", installation.agreements()[0]).strip()
        say("checking answers")
        questions = installation.questions()
        public, client = prepare(server, questions, None), prepare(server, questions, token)
        if client[STREAMED].size <= public[STREAMED].size:
            raise MeasureFailed("The client sees no more than the public.")
        rows = []
        for query in plan.queries:
            rows.append(_row(query, (public[query], client[query]), Servers(server, anew, limit), plan))
            say(_told(rows[-1]))
        say("first deliveries")
        firsts = of_new_clients(installation, server, public)
        decided = _decided(installation, server, public["Q2"].load, plan)
    return Served(rows, decided, firsts)


@dataclass(frozen=True)
class Servers:
    """The production command, the same without memory, and fixed answers."""

    server: Server
    anew: Server
    limit: Server


def _row(query: str, asked: tuple[Prepared, Prepared], servers: Servers, plan: Plan) -> Row:
    public = asked[0]
    sizes = [each.size if query == STREAMED else None for each in asked]
    # Exports are not remembered.
    ours = [servers.server] if query == STREAMED else [servers.server, servers.anew]
    for each in asked if plan.warm else ():
        for server in ours:
            drive(server, each.load, plan.warm)
    fixed = Load([_fixed_path(query, public)])
    loads = [(servers.limit, fixed), *((server, public.load) for server in ours)]
    rounds = [[drive(server, load, plan.seconds, sizes[0]) for server, load in loads] for _ in range(plan.rounds)]
    served = [(each[0], each[1]) for each in rounds]
    pairs = _pairs(servers.server, asked, sizes, plan.pairs)
    return Row(
        query=query,
        public=_middle([p for _, p in served]),
        limit=_middle([f for f, _ in served]),
        of_limit=_share(served),
        tail_over_limit=_tail(served),
        client=_middle([c for _, c in pairs]),
        client_over_public=_ratio([c.cpu_ms / p.cpu_ms for p, c in pairs]),
        anew=None if query == STREAMED else _anew(rounds, _pairs(servers.anew, asked, sizes, plan.anew_pairs)),
        size=public.size,
        rows=public.rows,
    )


def _anew(rounds: Sequence[Sequence[Outcome]], pairs: Sequence[tuple[Outcome, Outcome]]) -> Anew:
    share = _share([(each[0], each[2]) for each in rounds])
    return Anew(_middle([each[2] for each in rounds]), share, _ratio([c.cpu_ms / p.cpu_ms for p, c in pairs]))


def _share(rounds: Sequence[tuple[Outcome, Outcome]]) -> float:
    """The median share of the limit, each round by itself: what else the machine does meets both."""
    return statistics.median(p.per_second / f.per_second for f, p in rounds)


def _pairs(
    server: Server, asked: tuple[Prepared, Prepared], sizes: Sequence[int | None], count: int
) -> list[tuple[Outcome, Outcome]]:
    """Seconds of the public and of a client side by side, the order changing."""
    found = []
    for number in range(count):
        order = (0, 1) if number % 2 else (1, 0)
        outcomes = {i: drive(server, asked[i].load, 1, sizes[i]) for i in order}
        found.append((outcomes[0], outcomes[1]))
    return found


def _fixed_path(query: str, public: Prepared) -> str:
    if query != STREAMED:
        return f"/{public.size}"
    pieces = max(2, math.ceil(public.rows / _CHUNK))
    return f"/{pieces}/{public.size // pieces}"


def _tail(rounds: Sequence[tuple[Outcome, Outcome]]) -> float | None:
    """Nothing where too few answers came to an end for a hundredth of them to mean anything."""
    if any(o.completed < _COMPLETE for pair in rounds for o in pair):
        return None
    return statistics.median(p.tail / f.tail for f, p in rounds)


def _ratio(found: Sequence[float]) -> Ratio:
    """The interval is that of the sign test: no assumption about the noise."""
    ordered = sorted(found)
    outside = max(0, math.floor((len(ordered) - 1.96 * math.sqrt(len(ordered))) / 2))
    return Ratio(statistics.median(ordered), ordered[outside], ordered[-1 - outside])


def _middle(outcomes: Sequence[Outcome]) -> Outcome:
    return sorted(outcomes, key=lambda each: each.per_second)[len(outcomes) // 2]


def _decided(installation: Installation, server: Server, hammer: Load, plan: Plan) -> list[float]:
    """Decide in a process of its own while readers hammer the server."""
    reading = threading.Thread(target=drive, args=(server, hammer, plan.deciding_seconds + 3))
    reading.start()
    try:
        options = ["--pairs", str(plan.decisions), "--seconds", str(plan.deciding_seconds)]
        found: list[float] = json.loads(installation.run("bench", "deciding", *options))
    finally:
        reading.join()
    return found


def alone(installations: Sequence[Installation], plan: Plan, say: Say) -> list[list[dict[str, float]]]:
    """Medians of the queries alone: for each round, for each installation, by query. Rounds interleave scales."""
    found = []
    for number in range(plan.alone_rounds):
        say(f"queries alone, round {number + 1} of {plan.alone_rounds}")
        options = ["--seconds", str(plan.alone_seconds)]
        found.append([json.loads(each.run("bench", "alone", *options)) for each in installations])
    return found


def _told(row: Row) -> str:
    return (
        f"{row.query} {QUERIES[row.query]}: {row.public.per_second:,.0f}/s, {row.of_limit:.2f} of the limit,"
        f" client {row.client_over_public.median:.2f}"
        + (f"; anew {row.anew.of_limit:.2f}, {row.anew.client_over_public.median:.2f}" if row.anew else "")
    )
