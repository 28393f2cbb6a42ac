"""Public registers with their truth, as records that linking compares: no label, no row number in what it is told.

Each lies in a folder of its own; `bench link --lists` names the folder above. Nothing of them is in what the shipped
scorer learnt.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import phonenumbers

from datacoop.linking.learning.lists import Written
from datacoop.linking.learning.training import Corpus, corpus_of
from datacoop.linking.rules.features import Indices
from datacoop.linking.rules.judging import Flags

#: Former numbers of so many digits at most were given by each prefecture for itself.
_OF_A_PREFECTURE: Final = 6


@dataclass(frozen=True)
class Register:
    """Rows with their truth. `called` is how a reader finds each again; `told` says of pairs whether the truth does."""

    corpus: Corpus
    called: Sequence[str]
    told: Callable[[Indices, Indices], Flags]
    true_pairs: int


def nonprofits(folder: Path) -> Register:
    """Two registers of American non-profits; told of pairs across, where the label is of high confidence (MIT)."""
    labels = {row["uei"]: row for row in _rows(folder / "groundtruth.csv") if row["gt_confidence"] == "high"}
    ours, theirs = list(_rows(folder / "sam.csv")), list(_rows(folder / "bmf.csv"))
    numbers = {row["ein"]: number for number, row in enumerate(theirs)}
    written, called, sure = list[Written](), list[str](), list[bool]()
    for at, row in enumerate(ours):
        label = labels.get(row["uei"])
        is_told = label is not None and (label["gt_is_match"] == "True" or not label["gt_ein"])
        entity = numbers.get(label["gt_ein"], -1 - at) if label else -1 - at
        written.append(Written(_american(row, row["legal_name"]), 0, entity))
        called.append(f"{row['legal_name']} (SAM {row['uei']})")
        sure.append(is_told)
    for at, row in enumerate(theirs):
        written.append(Written(_american(row, row["name"]), 1, at))
        called.append(f"{row['name']} (EIN {row['ein']})")
        sure.append(False)
    known, corpus = np.array(sure), corpus_of(written)
    right = sum(each.organisation >= 0 for each, is_told in zip(written, sure, strict=True) if is_told)
    return Register(corpus, called, lambda one, two: known[one] & (corpus.rows["source"][two] == 1), right)


def associations(folder: Path) -> Register:
    """A French register before and after it gave new numbers: rows are one where both name the same former number.

    Everybody else's own number is another association, whatever its name (Licence Ouverte).
    """
    rows = json.loads((folder / "derived" / "rna_abc_1110.json").read_text(encoding="utf-8"))
    heads = [_formerly(row) for row in rows]
    numbers = {head: number for number, head in enumerate(dict.fromkeys(heads))}
    written = [
        Written(_french(row), int(row["is_waldec"] == "true"), numbers[head])
        for row, head in zip(rows, heads, strict=True)
    ]
    called = [f"{row['titre']} ({row['id_association']})" for row in rows]
    corpus = corpus_of(written)
    return Register(corpus, called, _always, corpus.true_pairs)


def _formerly(row: Mapping[str, Any]) -> str:
    """The number before; one of few digits counts within its prefecture: "W751…" and "751P…" are of 751."""
    own = str(row["id_association"])
    former = str(row["id_ex_association"] or "").lstrip("0")
    prefecture = own[1:4] if own.startswith("W") else own[:3]
    return f"{'' if len(former) > _OF_A_PREFECTURE else prefecture} {former}" if former else own


def sites(folder: Path) -> Register:
    """Nine lists of early-learning sites of one town, and which site each row means.

    Their truth is of the site: two organisations in one house share it, one in two houses has two (MIT).
    """
    rows = list(_rows(folder / "csv_example_input_with_true_ids.csv"))
    holders = {name: number for number, name in enumerate(sorted({row["Source"] for row in rows}))}
    written = [Written(_site(row), holders[row["Source"]], int(row["True Id"])) for row in rows]
    called = [f"{' '.join(row['Site name'].split())}, {row['Address']} (row {row['Id']})" for row in rows]
    corpus = corpus_of(written)
    return Register(corpus, called, _always, corpus.true_pairs)


READERS: Final[Mapping[str, tuple[str, Callable[[Path], Register]]]] = {
    "npmatch": ("er-npmatch-dev", nonprofits),
    "rna": ("fr-rna", associations),
    "chicago": ("er-chicago-earlychildhood", sites),
}


def _always(one: Indices, two: Indices) -> Flags:
    return np.ones(len(one), dtype=np.bool_)


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _american(row: Mapping[str, str], name: str) -> dict[str, list[object]]:
    place = {"street": row["street"], "postal_code": row["zip5"], "city": row["city"], "country": "US"}
    names: list[object] = [row[column] for column in ("dba_name", "division_name") if row[column]]
    return _said(name=[name], alternate_names=names, addresses=[place], website=[_site_of(row.get("url", ""))])


def _french(row: Mapping[str, Any]) -> dict[str, list[object]]:
    street = " ".join(str(row[f"adresse_{part}"] or "") for part in ("numero_voie", "type_voie", "libelle_voie"))
    place = {
        "street": street.strip() or row["l1_adresse_import"],
        "postal_code": row["adresse_code_postal"] or row["adresse_gestion_code_postal"],
        "city": row["adresse_libelle_commune"] or row["adresse_gestion_acheminement"],
    }
    address = {name: value for name, value in place.items() if value}
    own = str(row["id_association"])
    numbers = [{"scheme": "FR-RNA", "value": own}] if own.startswith("W") else []
    names = [row["titre_court"] or ""]
    return _said(name=[row["titre"] or ""], alternate_names=names, addresses=[address], identifiers=numbers)


def _site(row: Mapping[str, str]) -> dict[str, list[object]]:
    place = {"street": row["Address"].strip(), "postal_code": row["Zip"].strip(), "city": "Chicago", "country": "US"}
    address = {name: value for name, value in place.items() if value}
    return _said(
        name=[" ".join(row["Site name"].split())],
        addresses=[address],
        phones=[_dialled(row["Phone"])],
        email=[row["Email Address"].strip().lower() if "@" in row["Email Address"] else ""],
        website=[_site_of(row["Website"])],
    )


def _said(**values: Sequence[object]) -> dict[str, list[object]]:
    told = {name: [value for value in held if value] for name, held in values.items()}
    return {name: held for name, held in told.items() if held}


def _site_of(address: str) -> str:
    address = address.strip()
    return address if "://" in address or "." not in address else f"https://{address}"


def _dialled(phone: str) -> str:
    """The number as it is dialled; "" where the file leaves the area out."""
    with suppress(phonenumbers.NumberParseException):
        parsed = phonenumbers.parse(phone, "US")
        if phonenumbers.is_possible_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return ""
