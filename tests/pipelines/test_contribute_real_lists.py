"""Real lists, imported end to end where they lie: sensible counts, a clean verification. Nothing of them is kept."""

import json
from pathlib import Path

import pytest
import yaml

from datacoop.pipelines.contribute import ContributionRefused
from tests.pipelines.pouring import counts, take, verify

LISTS = Path(__file__).resolve().parents[3] / "shared" / "data"
MEDNUM = LISTS / "fr-mednum-dev"
FACTS = yaml.safe_load((Path(__file__).parents[1] / "sources" / "mednum_columns.yml").read_text("utf-8"))
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.real_lists,
    pytest.mark.skipif(not LISTS.is_dir(), reason="the real lists are not on this machine"),
]


@pytest.mark.parametrize(
    ("names", "country", "accepted", "rejected"),
    [
        (["fr-rna/derived/rna_waldec_abc.csv"], "FR", 725, 0),
        ([f"at-seestadt/{n}.json" for n in ("vereine", "gesundheit", "bildung", "shops", "sonstiges")], "AT", 164, 0),
        (["ch-housing-cooperatives/swiss_housing_cooperative_list_owners.tsv"], "CH", 99, 0),
        (["ch-ror-organisations/ror_v2_switzerland.json"], "CH", 417, 0),
        ([f"fr-mednum-dev/{n}.json" for n in ("angers", "maine-et-loire")], "FR", 300, 10),
        (["er-chicago-earlychildhood/csv_example_messy_input.csv"], "US", 3000, 400),
    ],
)
def test_takes_a_real_list(names: list[str], country: str, accepted: int, rejected: int) -> None:
    paths = [LISTS / name for name in names]

    report = take(*paths, country=country, mapping={})

    taken, refused, visible, hidden = counts(report, "accepted", "rejected", "visible", "hidden")
    assert taken >= accepted
    assert refused <= rejected
    assert visible + hidden == taken
    assert visible >= 0.9 * taken
    assert all(problem.code and problem.message for problem in report.problems)
    assert verify() == []
    again = take(*paths, country=country, mapping={})
    assert counts(again, "new", "changed", "vanished") == (0, 0, 0)
    assert counts(again, "visible", "with_contact") == counts(report, "visible", "with_contact")


@pytest.mark.parametrize("name", ["fr-rna/ABC.js", "fr-rna/SOURCE.md", "events-ics-dev/bom_calendar.ics"])
def test_refuses_what_is_no_list(name: str) -> None:
    with pytest.raises(ContributionRefused):
        take(LISTS / name, mapping={})


def _configured(holder: str) -> dict[str, set[str]]:
    """The columns that the holder's real configuration names, and the fields of the French schema they go to."""
    said = json.loads((MEDNUM / "configs" / f"{holder}.config.json").read_text("utf-8"))
    found: dict[str, set[str]] = {}
    for field, rules in said.items():
        for rule in rules if isinstance(rules, list) else [rules]:
            columns = [rule.get("colonne"), *rule.get("colonnes", ()), rule.get("semaine"), rule.get("osm"),
                       *rule.get("joindre", {}).get("colonnes", ())]  # fmt: skip
            for column in filter(None, columns):
                found.setdefault(column, set()).add(field)
    return found


HOLDERS = sorted(path.stem for path in MEDNUM.glob("*.json"))


def _right(holder: str, column: str) -> set[str]:
    fields = _configured(holder).get(column, set())
    equal = {path for field in fields for path in FACTS["equivalents"].get(field, ())}
    return equal | set(FACTS["also_right"].get(holder, {}).get(column, ()))


def test_the_table_of_equivalents_names_every_field_of_the_six_configurations() -> None:
    fields = {field for holder in HOLDERS for said in _configured(holder).values() for field in said}
    assert len(HOLDERS) == 6
    assert fields - {"formations_labels"} <= FACTS["equivalents"].keys() | FACTS["without_equivalent"].keys()
    assert not FACTS["equivalents"].keys() & FACTS["without_equivalent"].keys()


def test_maps_the_columns_of_six_holders_as_their_importer_does() -> None:
    shares, given, wrong = [], 0, []
    for holder in HOLDERS:
        report = take(MEDNUM / f"{holder}.json", holder=holder, mapping={}, dry_run=True)
        found = {str(each["column"]): each["property"] for each in report.mapping}
        asked = [column for column in _configured(holder) if _right(holder, column)]
        shares.append(sum(found.get(column) in _right(holder, column) for column in asked) / len(asked))
        named = {column: target for column, target in found.items() if target is not None}
        given += len(named)
        wrong += [(holder, *each) for each in named.items() if each[1] not in _right(holder, each[0])]
    assert sum(shares) / len(shares) >= 0.9, shares
    assert len(wrong) < 0.03 * given, wrong
