"""Trying a list beside the public records: what differs, what is missing, and that nothing else has a say (law 2)."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from django.db import connection

from datacoop.consent.actions import Wish, decide
from datacoop.disclosure.actions import settle
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.intake import Intake
from datacoop.pipelines.trying import held, public
from tests.pipelines.lists_to_try import CHOIR, CLUB, HEAD, OVEN, data_folder, gaps_of, separated, told, try_file

pytestmark = pytest.mark.django_db(transaction=True)

THEATRE = ["Théâtre des Combes", "Rue Haute 1", "1005", "Lausanne", "scene@combes.example.org", "021 555 98 76", ""]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    with data_folder(tmp_path / "data"):
        yield tmp_path


@pytest.fixture
def bring(folder: Path) -> Callable[..., None]:
    """Bring a list in, published or not."""

    def brought(rows: list[list[str]], holder: str = "Registre d’essai", *, published: bool = True) -> None:
        file = folder / "registre.csv"
        file.write_bytes(separated([HEAD, *rows]))
        contribute(Intake((file,), holder, published=published, page="https://liste.example.org"), actor="steward:test")

    return brought


def cell(row: list[str], column: str, value: str) -> list[str]:
    return [value if name == column else each for name, each in zip(HEAD, row, strict=True)]


def try_rows(*rows: list[str]) -> held.Held:
    return try_file(separated([HEAD, *rows]), "liste.csv")


def uid_of(name: str) -> UUID:
    with reading() as r:
        bodies = find(r, PUBLIC, Question("organisation", text=name, counted=False)).bodies
    return UUID(re.findall(rb'"id":"([0-9a-f-]{36})"', bodies[0])[0].decode())


class TestComparison:
    def test_finds_nothing_where_both_say_the_same(self, bring: Callable[..., None]) -> None:
        bring([CHOIR, OVEN, CLUB])
        found = try_rows(CHOIR, OVEN)
        assert told(found) == set()
        assert found.report["public"] | {"places": None} == {
            "compared": 2, "matched": 2, "differing": 0, "pool": 2, "missing": 0, "places": None, "is_whole": True,
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("column", "value", "code"),
        [
            ("Rue", "Avenue des Tilleuls 90", "public-street"),
            ("E-mail", "choeur@clairiere.example.org", "public-email"),
            ("Téléphone", "021 555 99 99", "public-phone"),
            ("Téléphone", "", "public-more-phone"),
            ("Site web", "https://ailleurs.example.net", "public-website"),
            ("Site web", "", "public-more-website"),
            ("Nom", "Choeur de la Clairière de Lausanne", "public-name"),
        ],
    )
    def test_tells_what_differs(self, bring: Callable[..., None], column: str, value: str, code: str) -> None:
        bring([CHOIR, OVEN])
        found = try_rows(cell(CHOIR, column, value))
        assert told(found) == {(2, column, code)}
        link = gaps_of(found, code)[0]["link"]
        assert str(link).startswith("https://annuaire.example.org/o/choeur-de-la-clairiere-")

    def test_repeats_no_email_and_no_telephone_of_the_public_page(self, bring: Callable[..., None]) -> None:
        """Anonymous lists carry none: a list of names must not fetch them all at once."""
        bring([CHOIR])
        found = try_rows(cell(cell(CHOIR, "E-mail", ""), "Téléphone", ""))
        assert {code for _, _, code in told(found)} == {"public-more-email", "public-more-phone"}
        kept = b"".join(file.read_bytes() for file in found.folder.iterdir())
        sheets = openpyxl.load_workbook(found.workbook)
        cells = [each for sheet in sheets for row in sheet.iter_rows() for each in row]
        texts = " ".join(f"{each.value} {each.comment.text if each.comment else ''}" for each in cells)
        for secret in ("info@clairiere", "555 12 34"):
            assert secret not in texts
            assert secret.encode() not in kept

    def test_counts_what_the_list_has_not_in_its_own_communes(self, bring: Callable[..., None]) -> None:
        bring([CHOIR, OVEN, CLUB, THEATRE])
        report = try_rows(CHOIR, ["Club Nouveau", "", "1020", "Renens VD", "", "", ""]).report["public"]
        assert (report["matched"], report["pool"], report["missing"]) == (1, 3, 2)
        assert sorted(report["places"]) == [["Lausanne", 1], ["Renens (VD)", 1]]

    def test_looks_at_the_communes_of_the_list_alone_where_there_are_very_many_records(
        self, bring: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bring([CHOIR, OVEN, CLUB, THEATRE])
        monkeypatch.setattr(public, "MOST_RECORDS", 3)
        monkeypatch.setattr(public, "_CHUNK", 1)
        found = try_rows(cell(CHOIR, "Rue", "Avenue des Tilleuls 90"))
        assert told(found) == {(2, "Rue", "public-street")}
        report = found.report["public"]
        assert (report["is_whole"], report["pool"], report["missing"]) == (False, 2, 1)

    def test_contributes_nothing(self, bring: Callable[..., None]) -> None:
        bring([CHOIR])
        before = rows_in_database()
        try_rows(cell(CHOIR, "Rue", "Avenue des Tilleuls 90"), OVEN, THEATRE)
        assert rows_in_database() == before


def rows_in_database() -> dict[str, int]:
    with connection.cursor() as cursor:
        counts = {}
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counts[table] = cursor.fetchone()[0]
    return counts


class TestNonInterference:
    """Law 2: byte for byte the same whatever undisclosed values, and undisclosed records, exist."""

    ASKED = (
        cell(CHOIR, "Rue", "Avenue des Tilleuls 90"), cell(OVEN, "E-mail", "autre@amis-du-four.example.org"), THEATRE,
    )  # fmt: skip

    def seen(self) -> tuple[Any, ...]:
        found = try_rows(*self.ASKED)
        book = openpyxl.load_workbook(found.workbook)
        cells = [
            (
                sheet.title,
                each.coordinate,
                each.value,
                each.comment.text if each.comment else None,
                each.fill.fgColor.rgb,
            )
            for sheet in book
            for row in sheet.iter_rows()
            for each in row
        ]
        text = repr((found.report, cells, found.table.read_bytes().decode()))
        return tuple(re.sub(r"-[0-9a-f]{8}(?![0-9a-f])", "-ID", text).split(", "))

    def test_unpublished_lists_leave_no_trace(self, bring: Callable[..., None]) -> None:
        bring([CHOIR, OVEN])
        before = self.seen()
        hidden = [
            cell(CHOIR, "Téléphone", "021 555 00 00"),
            THEATRE,
            ["Cercle caché", "Rue Haute 2", "1005", "Lausanne", THEATRE[4], THEATRE[5], CHOIR[6]],
        ]
        bring(hidden, "Commune discrète", published=False)
        assert self.seen() == before

    def test_a_hidden_value_is_as_if_nobody_had_said_it(
        self, bring: Callable[..., None], clean_database: Callable[[], None]
    ) -> None:
        bring([CHOIR, cell(OVEN, "E-mail", "")])
        never = self.seen()
        clean_database()
        bring([CHOIR, OVEN])
        assert self.seen() != never
        hide = Wish("public", shows=False, property="email")
        decide(uid=uid_of("Amis du Four"), wish=hide, actor="steward:1", reason="asked", now=datetime.now(UTC))
        assert self.seen() == never

    def test_a_hidden_record_is_as_if_there_were_none(
        self, bring: Callable[..., None], clean_database: Callable[[], None]
    ) -> None:
        bring([OVEN])
        never = self.seen()
        clean_database()
        bring([OVEN, CHOIR])
        assert self.seen() != never
        decide(
            uid=uid_of("Clairière"), wish=Wish("public", shows=False), actor="steward:1", reason="asked",
            now=datetime.now(UTC),
        )  # fmt: skip
        settle(datetime.now(UTC))
        assert self.seen() == never
