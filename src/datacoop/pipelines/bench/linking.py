"""`bench link`: how well records are linked, on invented worlds that the model never saw, or a corpus with truth."""

from __future__ import annotations

import csv
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from datacoop.linking.learning.lists import Written, write_lists
from datacoop.linking.learning.training import Corpus, corpus_of, quality
from datacoop.linking.learning.worlds import make_world
from datacoop.linking.rules.clustering import Clusters, Link, cluster, torn
from datacoop.linking.rules.judging import judge_pairs
from datacoop.linking.rules.scoring import Scorer, scorer
from datacoop.pipelines.bench import febrl, fodors_zagats
from datacoop.pipelines.bench.installation import MeasureFailed
from datacoop.pipelines.bench.reading import size_of
from datacoop.pipelines.bench.report import Measure

#: No world with this seed is learnt from, nor is a threshold set on it.
SEED = 99
_ROWS_PER_ORGANISATION = 2
_AT_ONCE = 200_000
TARGETS = {"candidate_recall": 0.992, "best_f1": 0.975, "recall_at_p999": 0.90}
#: What was reached when the ways were compared, on 100,000 records of another generator: shown beside.
REFERENCE = {
    "candidate_recall": 0.985, "best_f1": 0.972, "recall_at_p999": 0.88, "auto.cluster_precision": 0.9996,
    "auto.recall": 0.85, "review.questions_per_1000": 73.0,
}  # fmt: skip
CLUSTER_PRECISION, CLUSTER_RECALL, TRAPS = 0.9995, 0.90, 0.001
#: So many questions for a thousand records are answered, all rightly, and what is reached then.
QUESTIONS, F1 = 80, 0.99
Pairs = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Truth:
    """A corpus, and the pairs of organisations that look alike and are two, by the sort of trap."""

    corpus: Corpus
    traps: Sequence[tuple[int, int, str]]


def measure(scales: Sequence[str], folder: Path | None, say: Callable[[str], None]) -> list[Measure]:
    """Link corpora in memory, as contributions do, and return what was reached.

    `folder` holds a corpus with truth: `records.ndjson`, `truth.csv`, `traps.csv`, in the layout that
    `docs/bench.md` describes. Raises: MeasureFailed where it does not.
    """
    measures: list[Measure] = []
    for name, truth in _read(folder) if folder else _invented(scales):
        started = time.process_time()
        measures += _linked(f"link.{name}", truth)
        spent = time.process_time() - started
        measures.append(Measure(f"link.{name}.records_per_cpu_s", len(truth.corpus.rows) / spent, "1/s"))
        say(f"{name}: {len(truth.corpus.rows)} records, {len(truth.corpus.left)} pairs compared, {spent:.0f} s")
    return measures


def table(measures: Sequence[Measure]) -> str:
    """Return what was reached, the aim, whether it holds, and the reference, in lines of Markdown."""
    published = febrl.REFERENCE | fodors_zagats.REFERENCE
    lines = ["| what | reached | aim | | reference |", "|---|---|---|---|---|"]
    for each in measures:
        _, _, what = each.name.partition(".")[2].partition(".")
        aim = "" if each.target is None else f"{'≥' if each.more else '≤'} {each.target:g}"
        holds = {True: "holds", False: "missed", None: ""}[each.holds]
        reached = REFERENCE.get(what) or published.get(each.name)
        reference = "" if reached is None else f"{reached:g}"
        lines.append(f"| {each.name} | {each.value:.4g} | {aim} | {holds} | {reference} |")
    return "\n".join(lines)


def _invented(scales: Sequence[str]) -> Iterator[tuple[str, Truth]]:
    for scale in scales:
        world = make_world(size_of(scale) // _ROWS_PER_ORGANISATION, SEED)
        yield scale, Truth(corpus_of(write_lists(world, SEED)), world.traps)


def _read(folder: Path) -> Iterator[tuple[str, Truth]]:
    try:
        lines = [json.loads(line) for line in (folder / "records.ndjson").read_text(encoding="utf-8").splitlines()]
        entities = {row["rec_id"]: int(row["entity_id"]) for row in _rows(folder / "truth.csv", "rec_id", "entity_id")}
        holders = {holder: number for number, holder in enumerate(sorted({line["holder"] for line in lines}))}
        written = [Written(_values(line), holders[line["holder"]], entities[str(line["rec_id"])]) for line in lines]
        traps = [
            (int(t["entity_a"]), int(t["entity_b"]), t["kind"])
            for t in _rows(folder / "traps.csv", "entity_a", "entity_b", "kind")
        ]
    except (OSError, ValueError, KeyError) as error:
        raise MeasureFailed(f"{folder} is no corpus with truth: {error}") from error
    yield folder.name, Truth(corpus_of(written), traps)


def _rows(file: Path, *columns: str) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        lines = csv.DictReader(stream)
        if missing := set(columns) - set(lines.fieldnames or ()):
            raise ValueError(f"{file.name} has no column {sorted(missing)[0]}")
        return list(lines)


def _values(line: dict[str, Any]) -> dict[str, list[object]]:
    """A record of the corpus as an API item says it, telephones as they are dialled in Switzerland."""
    address = {"street": line.get("street"), "postal_code": line.get("postcode"), "city": line.get("town")}
    said: dict[str, list[object]] = {
        "name": [line["name"]],
        "addresses": [{name: value for name, value in address.items() if value}],
        "phones": [_dialled(phone) for phone in line.get("phones", ())],
        "email": list(line.get("emails", ())),
        "website": list(line.get("websites", ())),
        "theme": list(line.get("themes", ())),
    }
    if line.get("lat") is not None:
        said["point"] = [{"lat": float(line["lat"]), "lon": float(line["lon"])}]
    return {name: value for name, value in said.items() if value}


def _dialled(phone: str) -> str:
    digits = "".join(c for c in phone.replace("(0)", "") if c.isdigit())
    if phone.lstrip().startswith("+"):
        return f"+{digits}"
    return f"+{digits[2:]}" if digits.startswith("00") else f"+41{digits.lstrip('0')}"


def _linked(name: str, truth: Truth) -> Iterator[Measure]:
    corpus, model = truth.corpus, scorer()
    weights, verdicts, vetoes = _judged(corpus, model)
    found = quality(weights, corpus.labels, corpus.true_pairs)
    reached = {
        "candidate_recall": found.candidate_recall,
        "best_f1": found.best_f1,
        "recall_at_p999": found.recall_at["0.999"],
    }
    for what, value in reached.items():
        yield Measure(f"{name}.{what}", value, "share", TARGETS[what], more=True)
    clusters = clusters_of(corpus, weights, verdicts == 2, vetoes)
    yield from _merged(name, truth, clusters)
    questions = _questions(corpus, clusters, weights, verdicts)
    yield Measure(f"{name}.review.questions_per_1000", 1000 * len(questions) / len(corpus.rows), "1/1000")
    for at in questions[: QUESTIONS * len(corpus.rows) // 1000]:
        if corpus.entities[corpus.left[at]] == corpus.entities[corpus.right[at]]:
            clusters.join(int(corpus.left[at]), int(corpus.right[at]))
    made, right = _pairs_within(corpus, clusters)
    yield Measure(f"{name}.review.f1_after_{QUESTIONS}", 2 * right / (made + corpus.true_pairs), "share", F1, more=True)


def _judged(
    corpus: Corpus, model: Scorer
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int8], npt.NDArray[np.bool_]]:
    """Weights, verdicts and vetoes of all pairs; what they were worked out from is not kept."""
    parts = [slice(start, start + _AT_ONCE) for start in range(0, max(len(corpus.left), 1), _AT_ONCE)]
    told = []
    for part in parts:
        judged = judge_pairs(corpus.rows, corpus.held, corpus.left[part], corpus.right[part], model)
        told.append((judged.weights, judged.verdicts, judged.apart))
    weights, verdicts, vetoes = zip(*told, strict=True)
    return np.concatenate(weights), np.concatenate(verdicts), np.concatenate(vetoes)


def _questions(
    corpus: Corpus, clusters: Clusters, weights: npt.NDArray[np.float32], verdicts: npt.NDArray[np.int8]
) -> list[int]:
    """The likeliest pair of every two clusters that are left to people, in the order of the review page: by the gain
    expected of the answer, its likelihood times the pairs it would make (see `linking.queries.list_review`).
    """
    heads = np.array([clusters.head(row) for row in range(len(corpus.rows))])
    one, two = heads[corpus.left], heads[corpus.right]
    at = np.flatnonzero((verdicts > 0) & (one != two))
    at = at[np.argsort(-weights[at], kind="stable")]
    both = np.sort(np.stack([one[at], two[at]], axis=1), axis=1)
    _, first = np.unique(both, axis=0, return_index=True)
    at = at[np.sort(first)]
    sizes = np.bincount(heads, minlength=len(heads))
    gain = sizes[one[at]] * sizes[two[at]] / (1 + np.exp2(-weights[at].astype(np.float64)))
    asked: list[int] = at[np.argsort(-gain, kind="stable")].tolist()
    return asked


def clusters_of(
    corpus: Corpus, weights: npt.NDArray[np.float32], links: npt.NDArray[np.bool_], vetoes: npt.NDArray[np.bool_]
) -> Clusters:
    """Return which rows are merged without a person: of the corpus' pairs, which are `links` and which never one."""
    apart: dict[int, set[int]] = {}
    for one, two in zip(corpus.left[vetoes].tolist(), corpus.right[vetoes].tolist(), strict=True):
        apart.setdefault(one, set()).add(two)
        apart.setdefault(two, set()).add(one)
    pairs = zip(corpus.left[links].tolist(), corpus.right[links].tolist(), weights[links].tolist(), strict=True)
    ranks = [row.tobytes()[16:] for row in corpus.rows]
    found = [Link(*pair) for pair in pairs]
    unclear = torn(found, apart)
    return cluster([link for link in found if (link.first, link.second) not in unclear], apart, ranks)


def _merged(name: str, truth: Truth, clusters: Clusters) -> Iterator[Measure]:
    """What was merged without a person: pairs that are right, pairs found, and traps fallen into, by sort."""
    corpus = truth.corpus
    groups = _groups(corpus, clusters)
    made, right = _pairs_within(corpus, clusters)
    yield Measure(f"{name}.auto.cluster_precision", right / max(made, 1), "share", CLUSTER_PRECISION, more=True)
    yield Measure(f"{name}.auto.recall", right / corpus.true_pairs, "share", CLUSTER_RECALL, more=True)
    across = corpus.true_pairs - _within_lists(corpus)
    yield Measure(f"{name}.auto.recall_across_lists", right / max(across, 1), "share", CLUSTER_RECALL, more=True)
    kinds = {frozenset(trap[:2]): trap[2] for trap in truth.traps}
    fallen = Counter(
        kinds[pair]
        for group in groups.values()
        for one in set(group)
        for two in set(group)
        if one < two and (pair := frozenset((one, two))) in kinds
    )
    for kind, count in sorted(Counter(kinds.values()).items()):
        most = 0.0 if kind in {"same name", "same contact"} else TRAPS
        yield Measure(f"{name}.auto.traps.{kind.replace(' ', '_')}", fallen[kind] / count, "share", most)


def _groups(corpus: Corpus, clusters: Clusters) -> dict[int, list[int]]:
    """The organisations of the rows of each cluster."""
    groups: dict[int, list[int]] = {}
    for row, entity in enumerate(corpus.entities.tolist()):
        groups.setdefault(clusters.head(row), []).append(entity)
    return groups


def _pairs_within(corpus: Corpus, clusters: Clusters) -> tuple[int, int]:
    """How many pairs of rows are in one cluster, and how many of them are one organisation."""
    groups = _groups(corpus, clusters).values()
    made = sum(len(group) * (len(group) - 1) // 2 for group in groups)
    return made, sum(n * (n - 1) // 2 for group in groups for n in Counter(group).values())


def _within_lists(corpus: Corpus) -> int:
    """How many true pairs stand in one list: a holder's own doubles."""
    held = Counter(zip(corpus.rows["source"].tolist(), corpus.entities.tolist(), strict=True))
    return sum(n * (n - 1) // 2 for n in held.values())
