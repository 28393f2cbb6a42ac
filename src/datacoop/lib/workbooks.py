"""Workbooks of several sheets that we write: texts, whole numbers, notes; the same content gives the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable

from datacoop.lib.sheets import Sheet

_SAVED = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def book(sheets: Iterable[Sheet]) -> bytes:
    """Return a workbook; each sheet has a bold header that stays in sight, and nobody is named as its author."""
    from datacoop.lib.filling import filled  # noqa: PLC0415 -- openpyxl is slow to load, and few commands need it

    return timeless(filled(sheets))


def timeless(workbook: bytes) -> bytes:
    """Take the moment of saving out of a workbook, so that the same content gives the same bytes."""
    whole = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as new:
        for member in sorted(old.namelist()):
            content = old.read(member)
            if member.startswith("docProps/"):
                content = _SAVED.sub(b"2000-01-01T00:00:00Z", content)
            new.writestr(zipfile.ZipInfo(member, (2000, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return whole.getvalue()
