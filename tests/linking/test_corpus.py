"""Measured on a generated corpus of four holders' lists with traps, and on a labelled list of real non-profits."""

import csv
import json
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import phonenumbers
import pytest

from datacoop.linking.learning.pairing import paired
from datacoop.linking.models import LookAlike
from datacoop.linking.queries import list_review
from datacoop.linking.rules.comparing import SAME
from datacoop.linking.rules.encoding import encode
from datacoop.linking.rules.features import count_held
from datacoop.linking.rules.judging import VERDICTS, judge_pairs
from datacoop.linking.rules.profiles import profile_of
from datacoop.linking.rules.scoring import scorer
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
    assert recall >= 0.75, told
    traps = {frozenset((t["entity_a"], t["entity_b"])) for t in _rows(tmp_path / "traps.csv")}
    merged = Counter(frozenset(truth[key] for key in pair) in traps for pair in made)
    assert merged[True] <= 0.002 * len(made), told


@pytest.mark.real_lists
@pytest.mark.skipif(not LABELLED.exists(), reason=f"the labelled list {LABELLED.name} is not here")
def test_real_nonprofits_of_two_registers_are_merged_rightly_in_96_of_100_pairs() -> None:
    theirs, ours = _rows(LABELLED / "sam.csv"), _rows(LABELLED / "bmf.csv")
    values = [_american(row, row["legal_name"]) for row in theirs] + [_american(row, row["name"]) for row in ours]
    ids = [row["uei"] for row in theirs] + [row["ein"] for row in ours]
    labelled = {
        (pair["uei"], pair["ein"]): pair["is_gt_ein"] == "1"
        for pair in _rows(LABELLED / "candidate_pairs_labelled.csv")
        if pair["gt_confidence"] == "high"
    }

    verdicts = Counter(
        (verdict, labelled[ids[one], ids[two]])
        for one, two, verdict in _judged(values, [0] * len(theirs) + [1] * len(ours))
        if (ids[one], ids[two]) in labelled
    )
    told = f"{dict(verdicts)} of {sum(labelled.values())} true pairs"
    print(told)
    right, wrong = verdicts[SAME, True], verdicts[SAME, False]
    assert right / (right + wrong) >= 0.96, told
    assert (right + verdicts["look-alike", True]) >= 0.8 * sum(labelled.values()), told


@pytest.mark.real_lists
@pytest.mark.skipif(not REGISTERS.exists(), reason=f"the registers {REGISTERS.parent.parent.name} are not here")
def test_never_merges_associations_of_one_name_that_the_registers_tell_apart() -> None:
    rows = json.loads(REGISTERS.read_text(encoding="utf-8"))
    pairs = {(p["id_import"], p["id_waldec"]) for p in _rows(REGISTERS.with_name(GOLD))}
    ids = [row["id_association"] for row in rows]
    formerly = [str(row.get("id_ex_association") or "").lstrip("0") for row in rows]

    merged = [
        (one, two)
        for one, two, verdict in _judged([_french(row) for row in rows], [row["is_waldec"] == "true" for row in rows])
        if verdict == SAME
    ]
    wrong = [
        (ids[one], ids[two])
        for one, two in merged
        if not {(ids[one], ids[two]), (ids[two], ids[one])} & pairs and formerly[one] != formerly[two]
    ]
    told = f"{len(merged)} pairs merged"
    print(told)
    assert len(merged) >= 30, told
    assert wrong == []


def _judged(values: list[dict[str, Any]], lists: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    profiles = [profile_of(number, each) for number, each in enumerate(values)]
    rows = encode(profiles, lists)
    left, right = paired(profiles)
    judged = judge_pairs(rows, count_held(rows), left, right, scorer())
    for one, two, verdict in zip(left.tolist(), right.tolist(), judged.verdicts.tolist(), strict=True):
        if lists[one] != lists[two]:
            yield one, two, VERDICTS[verdict]


def _french(row: dict[str, Any]) -> dict[str, Any]:
    street = " ".join(str(row[f"adresse_{part}"] or "") for part in ("numero_voie", "type_voie", "libelle_voie"))
    address = {
        "street": street.strip() or row["l1_adresse_import"],
        "postal_code": row["adresse_code_postal"] or row["adresse_gestion_code_postal"],
        "city": row["adresse_libelle_commune"] or row["adresse_gestion_acheminement"],
    }
    values: dict[str, Any] = {"name": [row["titre"] or ""], "addresses": [{k: v for k, v in address.items() if v}]}
    if row["titre_court"]:
        values["alternate_names"] = [row["titre_court"]]
    if str(row["id_association"]).startswith("W"):
        values["identifiers"] = [{"scheme": "FR-RNA", "value": row["id_association"]}]
    return values


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


def _american(row: dict[str, str], name: str) -> dict[str, list[Any]]:
    place = {"postal_code": row["zip5"], "city": row["city"], "country": "US"}
    names = [row[column] for column in ("dba_name", "division_name") if row[column]]
    return {"name": [name], "alternate_names": names, "addresses": [place]}
