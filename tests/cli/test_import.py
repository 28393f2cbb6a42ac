"""`datacoop import`: what it prints, what it writes, and how it exits."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pipelines.pouring import HOLDER, club, clubs, seen, tables, write

pytestmark = pytest.mark.django_db(transaction=True)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(run: Run) -> Run:
    return lambda *arguments: run("import", *map(str, arguments))


class TestExit:
    def test_is_0_when_all_was_taken_unchanged_and_dry_alike(self, run: Run, tmp_path: Path) -> None:
        path = write(tmp_path, clubs(2))
        asked = (path, "--holder", HOLDER, "--published")

        assert [run(*asked, "--dry-run")[0], run(*asked)[0], run(*asked)[0]] == [0, 0, 0]

    def test_is_1_with_rejected_rows_unchanged_and_dry_alike(self, run: Run, tmp_path: Path) -> None:
        path = write(tmp_path, [*clubs(2), club(3, Nom="")])
        asked = (path, "--holder", HOLDER)

        assert [run(*asked, "--dry-run")[0], run(*asked)[0], run(*asked)[0]] == [1, 1, 1]

    def test_is_2_when_nothing_was_taken(self, run: Run, tmp_path: Path) -> None:
        path = write(tmp_path, [club(1, Nom="")])

        code, said, error = run(path, "--holder", HOLDER)

        assert code == 2
        assert "No row could be taken" in error
        assert "row 2, column Nom" in said

    def test_is_0_with_coordinates_that_were_put_right_and_says_so(self, run: Run, tmp_path: Path) -> None:
        path = write(tmp_path, [club(n, Latitude=f"6.63{n}", Longitude=f"46.51{n}") for n in (1, 2)])

        for dry in (["--dry-run"], []):
            code, said, _ = run(path, "--holder", HOLDER, *dry)
            assert code == 0
            assert "Coordinates were put in the order latitude, longitude in 2 rows (2, 3)." in said

    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            ("--holder", ""),
            ("--holder", "X", "--kind", "unicorn"),
            ("--holder", "X", "--country", "Utopie"),
            ("--holder", "X", "--mapping", "absent.json"),
            ("--holder", "X", "--report", "absent/folder/report.json"),
        ],
    )
    def test_is_2_for_what_cannot_be_meant(self, run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
        before = tables()

        code, _, error = run(write(tmp_path, clubs(1)), *arguments)

        assert code == 2
        assert error
        assert "Traceback" not in error
        assert tables() == before

    def test_is_2_for_a_file_that_is_not_there(self, run: Run, tmp_path: Path) -> None:
        assert run(tmp_path / "absent.csv", "--holder", HOLDER)[0] == 2

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("ABC.js", b"var associations = [{name: 'Un'}];"),
            ("liste.html", b"<!doctype html><table><tr><td>Un</td></tr></table>"),
            ("liste.pdf", b"%PDF-1.7 \x00\x01"),
            ("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 20),
            ("menu.json", b'{"menu": {"id": "file", "popup": {"menuitem": [{"value": "New"}, {"value": "Open"}]}}}'),
            ("vide.csv", b""),
        ],
    )
    def test_is_2_for_what_is_no_list(self, run: Run, tmp_path: Path, name: str, content: bytes) -> None:
        path = tmp_path / name
        path.write_bytes(content)
        before = tables()

        code, said, error = run(path, "--holder", HOLDER)

        assert code == 2
        assert not said or name == "menu.json"
        assert error.strip().endswith((".", ")"))
        assert "Traceback" not in error
        assert tables() == before


class TestReport:
    def test_is_printed_and_written_alike(self, run: Run, tmp_path: Path) -> None:
        path, kept = write(tmp_path, [*clubs(2), club(3, Nom="")]), tmp_path / "rapport.json"

        _, said, _ = run(path, "--holder", HOLDER, "--json", "--report", kept)

        assert json.loads(said) == json.loads(kept.read_text("utf-8"))
        assert json.loads(said)["counts"]["rejected"] == 1
        assert json.loads(said)["rows"] == [
            {"row": 4, "column": "Nom", "code": "name-missing", "message": "The row has no name."}
        ]

    def test_is_written_of_a_refusal_too(self, run: Run, tmp_path: Path) -> None:
        kept = tmp_path / "rapport.json"

        run(write(tmp_path, [club(1, Nom="")]), "--holder", HOLDER, "--report", kept)

        assert json.loads(kept.read_text("utf-8"))["counts"]["accepted"] == 0

    def test_says_in_words_what_was_found(self, run: Run, tmp_path: Path) -> None:
        _, said, _ = run(write(tmp_path, [club(1, Président="Jeanne Exemple")]), "--holder", HOLDER)

        assert "liste.csv: csv, utf-8, header in row 1" in said
        assert "Nom → name" in said
        assert "Président → (about persons)" in said
        assert "hidden because: " in said
        assert "Jeanne" not in said


class TestOptions:
    def test_attests_with_page_and_date(self, run: Run, tmp_path: Path) -> None:
        path = write(tmp_path, clubs(1))

        code, _, _ = run(
            path, "--holder", HOLDER, "--published", "--page", "https://example.ch/l", "--page-date", "2026-11-01"
        )

        (body,) = seen().values()
        assert (code, body["sources"][0]["page"]) == (0, "https://example.ch/l")

    def test_reads_a_mapping(self, run: Run, tmp_path: Path) -> None:
        path, mapping = write(tmp_path, [{"Xyz": "Club Un", "Nr": "7"}]), tmp_path / "mapping.json"
        mapping.write_text('{"Xyz": "name", "Nr": null}')

        assert run(path, "--holder", HOLDER, "--published", "--mapping", mapping)[0] == 0

        assert set(seen()) == {"Club Un"}

    @pytest.mark.parametrize("text", ["[]", "{", '{"Nom": 3}', '{"Nom": "nom"}', '{"Nom": "addresses.planet"}'])
    def test_refuses_a_mapping_that_maps_nothing(self, run: Run, tmp_path: Path, text: str) -> None:
        path, mapping = write(tmp_path, clubs(1)), tmp_path / "mapping.json"
        mapping.write_text(text)

        code, _, error = run(path, "--holder", HOLDER, "--mapping", mapping)

        assert code == 2
        assert "Traceback" not in error

    def test_takes_kinds_by_plural_and_several_files(self, run: Run, tmp_path: Path) -> None:
        one = write(tmp_path, [{"Titre": "Concert", "Date": "2027-05-01"}], "un.csv")
        two = write(tmp_path, [{"Titre": "Bal", "Date": "2027-06-01"}], "deux.csv")

        code, said, _ = run(one, two, "--holder", HOLDER, "--kind", "activities", "--published", "--json")

        assert (code, json.loads(said)["file"]) == (0, ["un.csv", "deux.csv"])
        assert set(seen("activity")) == {"Concert", "Bal"}

    def test_asks_which_list_where_there_are_several(self, run: Run, tmp_path: Path) -> None:
        path = write(tmp_path, clubs(1))
        for name in ("Membres", "Salles"):
            run(path, "--holder", HOLDER, "--source", name)

        code, _, error = run(path, "--holder", HOLDER)

        assert code == 2
        assert "Membres, Salles" in error
