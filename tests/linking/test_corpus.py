"""Measured on a generated corpus of four holders' lists with traps, and on a labelled list of real non-profits."""

import csv
import json
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import phonenumbers
import pytest

from datacoop.linking.models import LookAlike
from datacoop.linking.queries import list_review
from datacoop.linking.rules.comparing import SAME, compare
from datacoop.linking.rules.profiles import profile_of
from datacoop.records.queries import merges_of, root_of
from tests.linking.lists import Listing

SHARED = Path(__file__).parents[3] / "shared"
GENERATOR = SHARED / "bench" / "linking" / "generate_linking.py"
LABELLED = SHARED / "data" / "er-npmatch-dev"


@pytest.mark.real_lists
@pytest.mark.skipif(not GENERATOR.exists(), reason=f"the corpus generator {GENERATOR.name} is not here")
@pytest.mark.django_db(transaction=True)
def test_merges_of_four_lists_are_right_in_99_of_100_pairs(tmp_path: Path) -> None:
    subprocess.run([sys.executable, GENERATOR, "3980", tmp_path, "11"], check=True, capture_output=True)
    truth = {row["rec_id"]: row["entity_id"] for row in _rows(tmp_path / "truth.csv")}
    rows = [json.loads(line) for line in (tmp_path / "records.ndjson").read_text().splitlines()]

    keys: dict[int, str] = {}
    for holder in sorted({row["holder"] for row in rows}):
        listing = Listing(holder)
        listing.pour({str(row["rec_id"]): _values(row) for row in rows if row["holder"] == holder})
        keys.update({record: key for key, record in listing.records.items()})

    merges = merges_of(list(keys))
    made = set(_pairs((root_of(record, merges), key) for record, key in keys.items()))
    true = set(_pairs((truth[key], key) for key in keys.values()))
    review = {frozenset((keys[r.first], keys[r.second])) for r in LookAlike.objects.all()}
    questions = len(list_review(limit=len(rows)))
    precision, recall = len(made & true) / len(made), len(made & true) / len(true)
    reached = len((made | review) & true) / len(true)
    told = (
        f"{len(rows)} rows, {len(set(truth.values()))} organisations: precision {precision:.4f}, recall {recall:.3f},"
        f" with the review list {reached:.3f}; {1000 * questions / len(rows):.0f} questions per 1000 rows"
    )
    print(told)
    assert precision >= 0.99, told
    assert recall >= 0.45, told
    traps = {frozenset((t["entity_a"], t["entity_b"])) for t in _rows(tmp_path / "traps.csv")}
    merged = Counter(frozenset(truth[key] for key in pair) in traps for pair in made)
    assert merged[True] <= 0.002 * len(made), told


@pytest.mark.real_lists
@pytest.mark.skipif(not LABELLED.exists(), reason=f"the labelled list {LABELLED.name} is not here")
def test_never_merges_real_nonprofits_on_name_and_address_alone() -> None:
    theirs = {row["uei"]: row for row in _rows(LABELLED / "sam.csv")}
    ours = {row["ein"]: row for row in _rows(LABELLED / "bmf.csv")}
    verdicts: Counter[tuple[str, str]] = Counter()
    for pair in _rows(LABELLED / "candidate_pairs_labelled.csv"):
        if pair["gt_confidence"] != "high" or pair["uei"] not in theirs or pair["ein"] not in ours:
            continue
        first = profile_of(1, _american(theirs[pair["uei"]], theirs[pair["uei"]]["legal_name"]))
        second = profile_of(2, _american(ours[pair["ein"]], ours[pair["ein"]]["name"]))
        verdicts[compare(first, second, {}).verdict, pair["is_gt_ein"]] += 1

    true = sum(count for (_, label), count in verdicts.items() if label == "1")
    shown = verdicts["look-alike", "1"]
    told = f"{shown} of {true} true pairs reach the review list; {dict(verdicts)}"
    print(told)
    assert not any(verdict == SAME for verdict, _ in verdicts), told
    assert shown >= 0.6 * true, told


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def _pairs(grouped: Iterable[tuple[Any, str]]) -> Iterator[frozenset[str]]:
    groups: dict[Any, list[str]] = {}
    for group, key in grouped:
        groups.setdefault(group, []).append(key)
    for members in groups.values():
        yield from map(frozenset, combinations(members, 2))


def _values(row: dict[str, Any]) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = {
        "name": [row["name"]],
        "phones": [_dialled(phone) for phone in row["phones"]],
        "email": [email.lower() for email in row["emails"]],
        "website": [site if "://" in site else f"https://{site}" for site in row["websites"]],
    }
    if row["postcode"] or row["town"]:
        place = {"postal_code": row["postcode"], "city": row["town"], "country": "CH"}
        values["addresses"] = [{key: value for key, value in place.items() if value}]
    return {name: found for name, found in values.items() if found}


def _dialled(phone: str) -> str:
    with warnings.catch_warnings():
        parsed = phonenumbers.parse(phone, "CH")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _american(row: dict[str, str], name: str) -> dict[str, list[Any]]:
    place = {"postal_code": row["zip5"], "city": row["city"], "country": "US"}
    names = [row[column] for column in ("dba_name", "division_name") if row[column]]
    return {"name": [name], "alternate_names": names, "addresses": [place]}
