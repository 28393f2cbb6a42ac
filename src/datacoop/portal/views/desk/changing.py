"""What the public view says otherwise than a holder's list: on the page, and as a workbook in the holder's columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.sheets import Cell, Sheet
from datacoop.pipelines.coverage.changes import Change, Changed, changes_of, columns_of
from datacoop.portal import gate
from datacoop.portal.cards import Card, card
from datacoop.portal.catalogue import say
from datacoop.portal.pages import page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.desk.guarding import Desk, at_desk, with_list
from datacoop.portal.views.desk.looking import enter, with_reason
from datacoop.portal.views.desk.paging import paged
from datacoop.portal.views.desk.sheets import Line, download, link_to, plain, shown_at
from datacoop.portal.views.steward.values import shown_value
from datacoop.sources.owning import OwnList

_CHANGED = "FFF2CC"


@dataclass(frozen=True)
class Difference:
    """One cell: what stands in the list, and what the public view says."""

    column: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class Entry:
    """One row of the list that the public view says otherwise of."""

    name: str
    card: Card
    differences: tuple[Difference, ...]


@at_desk
@with_list
@with_reason
@require_safe
def changes(request: HttpRequest, desk: Desk, own: OwnList) -> HttpResponseBase:
    """The differences, row by row."""
    found = _changed(own)
    shown = paged(request, found)
    _enter(desk, own, shown["lines"])
    values = {"desk": desk, "own": own, "count": len(found), **shown}
    return page(request, "desk/changes", {**values, "lines": [_entry(own, each) for each in shown["lines"]]})


@at_desk
@with_list
@with_reason
@require_safe
def changes_sheet(_request: HttpRequest, desk: Desk, own: OwnList) -> HttpResponseBase:
    """Every difference in a line of its own, and the rows in the holder's own columns with the cells marked."""
    found = _changed(own)
    _enter(desk, own, found)
    columns = [each.name for each in columns_of(own)]
    names = [_said(key) for key in ("desk.entry", "desk.column", "desk.mine", "desk.theirs", "desk.page")]
    sheets = [
        Sheet(_said("desk.differences"), names, _lines([_entry(own, each) for each in found])),
        Sheet(_said("desk.in_my_columns"), columns, [_marked(own, each) for each in found]),
    ]
    return download(sheets, f"{own.name} – {_said('desk.differences')}")


def _changed(own: OwnList) -> list[Changed]:
    return gate.ask(lambda reading: changes_of(reading, own))


def _enter(desk: Desk, own: OwnList, shown: Sequence[Changed]) -> None:
    """Enter a steward's look: beside what everybody sees stands what the list says."""
    if shown:
        enter(desk, own, {each.number for each in shown})


def _entry(own: OwnList, found: Changed) -> Entry:
    shown = card(found.item, language())
    said = found.words.get(kind_named(own.kind).slots["name"].name, [])
    return Entry(str(said[0]) if said else shown.name, shown, tuple(_difference(each) for each in found.changes))


def _difference(change: Change) -> Difference:
    return Difference(change.column.name, _text(change, change.mine), _theirs(change))


def _theirs(change: Change) -> str:
    return _text(change, change.theirs) if change.theirs else _said("desk.on_its_page")


def _text(change: Change, values: Sequence[object]) -> str:
    return ", ".join(shown_value(value, change.column.property, language()) for value in values)


def _lines(entries: Sequence[Entry]) -> list[Line]:
    return [
        plain(entry.name, each.column, each.mine, each.theirs, link_to(entry.card))
        for entry in entries
        for each in entry.differences
    ]


def _marked(own: OwnList, found: Changed) -> Line:
    changed = {each.column.name: each for each in found.changes}
    line = []
    for column in columns_of(own):
        text = shown_at(column, found.words.get(column.property.name, []), language())
        change = changed.get(column.name)
        note = f"{_said('desk.theirs')}: {_theirs(change)}" if change else ""
        line.append(Cell(text, _CHANGED if change else "", note))
    return line


def _said(key: str) -> str:
    return say(language(), key)
