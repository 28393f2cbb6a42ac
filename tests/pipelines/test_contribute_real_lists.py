"""Real lists, imported end to end where they lie: sensible counts, a clean verification. Nothing of them is kept."""

from pathlib import Path

import pytest

from datacoop.pipelines.contribute import ContributionRefused
from tests.pipelines.pouring import counts, take, verify

LISTS = Path(__file__).resolve().parents[3] / "shared" / "data"
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
