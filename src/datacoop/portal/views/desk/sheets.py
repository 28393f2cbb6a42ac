"""Workbooks for a holder: texts and numbers only, in its own columns; the same figures give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from datacoop.disclosure.holding import Item
from datacoop.lib.sheets import Cell, Sheet
from datacoop.lib.text import clean
from datacoop.lib.workbooks import book
from datacoop.pipelines.coverage.changes import Column, values_at
from datacoop.portal.cards import Card, listed
from datacoop.portal.linked import base_url
from datacoop.portal.views.steward.values import shown_value

Line = Sequence[Cell]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(sheets: Sequence[Sheet], name: str) -> HttpResponse:
    """Answer with a workbook to keep under this name."""
    response = HttpResponse(book(sheets), content_type=XLSX)
    plain_name = "".join(letter for letter in clean(name) if letter not in '\\/:*?"<>|')
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{plain_name}.xlsx") or ""
    return response


def plain(*values: object) -> list[Cell]:
    """Return cells: whole numbers as numbers, anything else as text."""
    return [Cell(value if isinstance(value, int) else str(value)) for value in values]


def in_columns(columns: Sequence[Column], item: Item, language: str) -> list[Cell]:
    """Return what an item says, as a line in a holder's own columns."""
    return [Cell(shown_at(each, listed(item.get(each.property.name)), language)) for each in columns]


def shown_at(column: Column, values: Sequence[object], language: str) -> str:
    """Return what of a property's values stands in a column, as one text."""
    return ", ".join(shown_value(value, column.property, language) for value in values_at(column, values))


def link_to(card: Card) -> str:
    """Return the address of the page of a public record."""
    return f"{base_url()}{card.url}"
