"""What of its own files a holder gets back at its desk: rejected rows, and the columns kept for it alone."""

import io
import re
from pathlib import Path

import pytest
from django.test import Client
from openpyxl import load_workbook

from datacoop.sources.owning import find_holder_named, list_own
from tests.portal.conftest import HEADER, ROWS
from tests.portal.sitting import (
    HOLDER,
    OTHER,
    Sending,
    bring,
    desk,
    folder,
    holder,
    list_of,
    sending,
    text_of,
)

__all__ = ["folder", "holder", "sending"]
pytestmark = pytest.mark.django_db(transaction=True)


class TestRejectedRows:
    def test_come_back_as_a_workbook_and_are_gone_once_mended(self, sending: Sending, folder: Path) -> None:
        bring(folder, [*ROWS, ";;Sans nom;;;;1005;Lausanne;perdu@example.org;;", ";;Aussi;;;;1020;Renens;;;"])
        (own,) = list_own(find_holder_named(HOLDER).uid)  # type: ignore[union-attr]
        html = text_of(sending.client.get(f"{list_of()}/rejected"))
        assert "2 lignes n’ont pas pu être reprises" in html
        assert "La ligne n’a pas de nom." in html
        assert "perdu@example.org" not in html

        book = load_workbook(io.BytesIO(sending.client.get(f"{list_of()}/rejected.xlsx").content))
        sheet = book.active
        assert sheet is not None
        header = [cell.value for cell in sheet[1]]
        assert header[:-1] == HEADER.split(";")
        assert "perdu@example.org" in [cell.value for cell in sheet[2]]
        sheet.cell(2, header.index("Nom") + 1).value = "Société retrouvée"
        mended = io.BytesIO()
        book.save(mended)

        sending.confirm(sending.send(mended.getvalue(), "corrigé.xlsx", list=own.key, partial="on"))

        assert "1 ligne n’a pas pu être reprise" in text_of(sending.client.get(f"{list_of()}/rejected"))
        changed = text_of(sending.client.get(f"{desk()}/"))
        assert "corrigé.xlsx" in changed

    def test_are_erased_one_by_one(self, holder: Client, folder: Path) -> None:
        bring(folder, [*ROWS, ";;Sans nom;;;;1005;Lausanne;perdu@example.org;;"])
        name = re.search(r'name="erase" value="([^"]+)"', text_of(holder.get(f"{list_of()}/rejected")))
        assert name
        holder.post(f"{list_of()}/rejected", {"erase": name[1]})
        assert "Aucune ligne refusée" in text_of(holder.get(f"{list_of()}/rejected"))
        assert holder.get(f"{list_of()}/rejected.xlsx").status_code == 404

    def test_are_nobody_elses(self, holder: Client, folder: Path) -> None:
        bring(folder, [*ROWS, ";;Sans nom;;;;1005;Lausanne;perdu@example.org;;"], OTHER)
        key = list_of(OTHER).rpartition("/")[2]
        for page in ("rejected", "rejected.xlsx", "own.xlsx"):
            assert holder.get(f"{desk()}/lists/{key}/{page}").status_code == 404
        assert holder.get(f"{list_of(OTHER)}/rejected").status_code == 403


def test_own_columns_come_back_to_their_holder_alone(sending: Sending, steward: Client, visitor: Client) -> None:
    header = f"Zone;{HEADER};Cotisation;Ancienneté"
    content = "\n".join([header, *(f"Nord;{row};50.-;{n}" for n, row in enumerate(ROWS, 1))]).encode()
    preview = sending.send(content, published="on")
    html = text_of(sending.client.get(preview))
    columns = dict(re.findall(r'name="(name-\d+)" value="([^"]*)"', html))
    own = {name.replace("name", "column"): "@own" for name, text in columns.items()
           if text in {"Zone", "Cotisation", "Ancienneté"}}  # fmt: skip
    key = next(name.replace("name", "column") for name, text in columns.items() if text == HEADER.split(";")[0])
    sending.confirm(preview, **own, **{key: "id"})
    Sending(steward, "").confirm(f"/steward/upload/{preview.rpartition('/')[2]}")

    book = load_workbook(io.BytesIO(sending.client.get(f"{list_of()}/own.xlsx").content))

    rows = list(book.active.iter_rows(values_only=True))  # type: ignore[union-attr]
    key_column, name_column = HEADER.split(";")[0], HEADER.split(";")[1]
    assert rows[0] == (key_column, name_column, "Zone", "Cotisation", "Ancienneté"), "as they stood in the file"
    known = {row.split(";")[1]: (row.split(";")[0], n) for n, row in enumerate(ROWS, 1)}
    assert set(rows[1:]) == {(key, name, "Nord", "50.-", str(n)) for name, (key, n) in known.items()}
    assert "50.-" not in text_of(visitor.get("/organisations"))
