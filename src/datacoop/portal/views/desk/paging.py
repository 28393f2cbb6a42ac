"""Long tables, some lines at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from datacoop.portal.asking import is_number

_AT_ONCE = 50


def paged(request: HttpRequest, lines: Sequence[Any]) -> dict[str, Any]:
    """Return the lines of the page asked for (`page=2`), and the addresses of its neighbours."""
    last = max(1, -(-len(lines) // _AT_ONCE))
    asked = request.GET.get("page", "1")
    number = min(max(int(asked), 1), last) if is_number(asked) else 1
    start = (number - 1) * _AT_ONCE
    return {
        "lines": lines[start : start + _AT_ONCE],
        "first_line": start + 1 if lines else 0,
        "last_line": min(start + _AT_ONCE, len(lines)),
        "before": _address(request, number - 1) if number > 1 else "",
        "after": _address(request, number + 1) if number < last else "",
    }


def _address(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"
