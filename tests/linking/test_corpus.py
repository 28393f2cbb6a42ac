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
from datacoop.records.queries import merges_of, root_of
from tests.linking.lists import Listing

SHARED = Path(__file__).parents[3] / "shared"
GENERATOR = SHARED / "bench" / "linking" / "generate_linking.py"
LABELLED = SHARED / "data" / "er-npmatch-dev"
REGISTERS = SHARED / "data" / "fr-rna" / "derived" / "rna_abc_1110.json"
GOLD = "groundtruth_import_waldec_pairs.csv"


@pytest.mark.real_lists
@pytest.mark.skipif(not GENERATOR.exists(), reason=f"the corpus generator {GENERATOR.name} is not here")
@pytest.mark.django_db(transaction=True)
def test_merges_of_four_lists_are_right_in_998_of_1000_pairs(tmp_path: Path) -> None:
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
    assert precision >= 0.998, told
    assert recall >= 0.85, told
    traps = {frozenset((t["entity_a"], t["entity_b"])) for t in _rows(tmp_path / "traps.csv")}
    merged = Counter(frozenset(truth[key] for key in pair) in traps for pair in made)
    assert merged[True] <= 0.002 * len(made), told


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
    if row["lat"] is not None:
        values["point"] = [{"lat": row["lat"], "lon": row["lon"]}]
    if row["postcode"] or row["town"]:
        place = {"street": row["street"], "postal_code": row["postcode"], "city": row["town"], "country": "CH"}
        values["addresses"] = [{key: value for key, value in place.items() if value}]
    return {name: found for name, found in values.items() if found}


def _dialled(phone: str) -> str:
    with warnings.catch_warnings():
        parsed = phonenumbers.parse(phone, "CH")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
