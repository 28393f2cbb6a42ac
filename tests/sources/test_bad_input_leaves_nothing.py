"""A delivery that cannot be read changes nothing, wherever it breaks: what stood before stands."""

import json

import pytest

from datacoop.pipelines.contribute import ContributionRefused
from tests.pipelines.pouring import clubs, tables, take, verify, write
from tests.sources.bad_inputs import BAD_INPUTS

#: The history tells that a delivery was refused; nothing else may change.
HISTORY = "sources_contribution"


def _kept():
    return {name: rows for name, rows in tables().items() if name != HISTORY}


def _lines(count, last):
    """A list of which the first rows are staged before the broken one is met."""
    lines = [json.dumps({"nom": f"Club {number}", "npa": "1005"}) for number in range(count)]
    return "\n".join([*lines, last, ""]).encode()


LATE = {
    "a quotation mark is missing in row 3001": (
        "list.csv", b"Nom;NPA\n" + b"Club;1005\n" * 3000 + b'"Gym;1006\n', "(line 3002)"
    ),
    "NDJSON breaks in line 3001": ("list.ndjson", _lines(3000, '{"nom": "Gym"'), "(line 3001, column 14)"),
    "a line without end after 3000 rows": (
        "list.csv", b"Nom;NPA\n" + b"Club;1005\n" * 3000 + b"x" * 8_000_001, "(line 3002)"
    ),
}  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_what_is_noted_late_reaches_the_report(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("Nom;NPA\n" + "".join(f"Club {number};1005\n" for number in range(5000)) + "Gy\u200bm;1006\n")
    report = take(path, dry_run=True, mapping={})
    assert [note for note in report.notes if "the first in row 5002" in note]


@pytest.mark.django_db(transaction=True)
class TestNothingIsHalfDone:
    @pytest.fixture
    def before(self, tmp_path):
        take(write(tmp_path, clubs(4)))
        return _kept()

    @pytest.mark.parametrize("name", BAD_INPUTS)
    def test_by_what_is_no_list(self, name, tmp_path, before):
        bad = BAD_INPUTS[name]
        path = tmp_path / bad.name
        path.write_bytes(bad.content)
        with pytest.raises(ContributionRefused) as refused:
            take(path)
        assert str(refused.value) == bad.message
        assert _kept() == before

    @pytest.mark.parametrize("name", LATE)
    def test_by_what_breaks_late(self, name, tmp_path, before):
        file, content, where = LATE[name]
        path = tmp_path / file
        path.write_bytes(content)
        with pytest.raises(ContributionRefused) as refused:
            take(path)
        assert str(refused.value).endswith(where)
        assert _kept() == before
        assert verify() == []
