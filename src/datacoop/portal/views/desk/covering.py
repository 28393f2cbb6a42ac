"""How much of everything public a holder's list covers: the figures, what is missing, and both as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from datacoop.directory import themes
from datacoop.lib.recapture import LEAST_OVERLAP, Estimate
from datacoop.lib.sheets import Sheet
from datacoop.pipelines.coverage.changes import columns_of
from datacoop.pipelines.coverage.counting import COVERED, Coverage, Missing, Share, cover
from datacoop.portal import gate
from datacoop.portal.asking import label_of
from datacoop.portal.cards import card
from datacoop.portal.catalogue import say
from datacoop.portal.pages import page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.desk.guarding import Desk, at_desk, only_of, with_list
from datacoop.portal.views.desk.paging import paged
from datacoop.portal.views.desk.sheets import Line, download, in_columns, link_to, plain
from datacoop.sources.owning import OwnList

_LONGEST_TABLE = 15
_ASSUMED = ("desk.assume_1", "desk.assume_2", "desk.assume_3", "desk.assume_4")


@dataclass(frozen=True)
class Row:
    """One theme or commune, readable. `value` is empty where the public view names none."""

    value: str
    label: str
    share: Share


@require_safe
@at_desk
@with_list
@only_of(COVERED)
def coverage(request: HttpRequest, desk: Desk, own: OwnList) -> HttpResponseBase:
    """The figures."""
    found = _covered(own)
    values = {
        "desk": desk,
        "own": own,
        "found": found,
        "missing_count": len(found.missing),
        "alike_count": sum(each.resembles for each in found.missing),
        "tables": [
            ("theme", "search.theme", _rows("theme", found.themes)),
            ("commune", "search.where", _rows("commune", found.communes)[:_LONGEST_TABLE]),
        ],
        "more_communes": max(0, len(found.communes) - _LONGEST_TABLE),
        **_whole(found),
    }
    return page(request, "desk/coverage", values)


@require_safe
@at_desk
@with_list
@only_of(COVERED)
def missing(request: HttpRequest, desk: Desk, own: OwnList) -> HttpResponseBase:
    """What the public pool has and the list has not, by name, some at a time."""
    facet, value = next(((name, request.GET[name]) for name in ("theme", "commune") if name in request.GET), ("", ""))
    found = [each for each in _covered(own).missing if not facet or value in each.values_of(facet)]
    shown = [(card(each.item, language()), each.resembles) for each in found]
    values = {
        "desk": desk,
        "own": own,
        "chosen": _label(facet, value) if facet else "",
        "count": len(found),
        **paged(request, shown),
    }
    return page(request, "desk/missing", values)


@require_safe
@at_desk
@with_list
@only_of(COVERED)
def coverage_sheet(request: HttpRequest, desk: Desk, own: OwnList) -> HttpResponseBase:
    """The figures and everything missing, the latter in the columns of the list."""
    found = _covered(own)
    sheets = [
        Sheet(_said("desk.figures"), (_said("desk.what"), _said("desk.number")), _figures(found)),
        _missing_sheet(own, found.missing),
        _shares_sheet("search.theme", _rows("theme", found.themes)),
        _shares_sheet("search.where", _rows("commune", found.communes)),
    ]
    return download(sheets, f"{own.name} – {_said('desk.coverage')}")


def _covered(own: OwnList) -> Coverage:
    return gate.ask(lambda reading: cover(reading, own, now=datetime.now(UTC)))


def _rows(facet: str, shares: Sequence[Share]) -> list[Row]:
    rows = [Row(each.value, _label(facet, each.value), each) for each in shares]
    if facet == "theme":
        rows.sort(key=lambda row: (not row.value, themes.order(row.value)))
    return rows


def _label(facet: str, value: str) -> str:
    return label_of(COVERED, facet, value, language()) if value else _said("desk.none_said")


def _whole(found: Coverage) -> dict[str, Any]:
    """What is said of the total, rounded: nobody counts so exactly."""
    whole = found.whole
    shared = {"lists_count": whole.lists, "overlap": whole.overlap, "seen": whole.seen, "least": LEAST_OVERLAP}
    if not isinstance(whole, Estimate):
        return {**shared, "reason": f"desk.no_whole.{whole.reason}"}
    numbers = {"total": round(whole.total), "low": round(whole.low), "high": round(whole.high)}
    named = sorted((each for each in found.estimated if each), key=themes.order)
    labels = [_label("theme", each) for each in [*named, *({""} & found.estimated)]]
    return {**shared, **numbers, "at_least": whole.is_lower_bound, "estimated_themes": ", ".join(labels)}


def _figures(found: Coverage) -> list[Line]:
    whole = _whole(found)
    lines: list[tuple[str, object]] = [
        (_said("desk.rows"), found.rows),
        (_said("desk.rows_found"), found.rows_found),
        (_said("desk.pool"), found.pool),
        (_said("desk.shared"), found.shared),
        (_said("desk.not_mine"), len(found.missing)),
        (_said("desk.resembling"), sum(each.resembles for each in found.missing)),
        (say(language(), "desk.confirmed_pool", year=found.year), found.confirmed),
        (say(language(), "desk.confirmed_mine", year=found.year), found.confirmed_shared),
        (_said("desk.overlap"), found.whole.overlap),
    ]
    if "total" in whole:
        key = "desk.total_least" if whole["at_least"] else "desk.total"
        lines += [(_said(key), whole["total"]), (_said("desk.low"), whole["low"]), (_said("desk.high"), whole["high"])]
        lines += [(_said(key), "") for key in _ASSUMED]
    else:
        lines.append((say(language(), whole["reason"], overlap=whole["overlap"], least=LEAST_OVERLAP), ""))
    lines += [(f"{_said('desk.published_list')}: {name}", number) for name, number in found.lists]
    lines.append((_said("desk.boundary"), ""))
    return [plain(label, number) for label, number in lines]


def _missing_sheet(own: OwnList, found: Sequence[Missing]) -> Sheet:
    columns = columns_of(own)
    header = (*(each.name for each in columns), _said("desk.page"), _said("desk.resembling_short"))
    lines = [
        (
            *in_columns(columns, each.item, language()),
            *plain(link_to(card(each.item, language())), _said("desk.yes") if each.resembles else ""),
        )
        for each in found
    ]
    return Sheet(_said("desk.not_mine"), header, lines)


def _shares_sheet(title: str, rows: Sequence[Row]) -> Sheet:
    header = (say(language(), title), _said("desk.not_mine"), _said("desk.shared"), _said("desk.pool"))
    lines = [plain(row.label, row.share.missing, row.share.mine, row.share.pool) for row in rows]
    return Sheet(say(language(), title), header, lines)


def _said(key: str) -> str:
    return say(language(), key)
