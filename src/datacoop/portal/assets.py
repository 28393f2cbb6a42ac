"""Addresses of built files, with a mark of their content, so that browsers keep them exactly as long as they last."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static

FOLDER = Path(__file__).with_name("static") / "build"


def asset(name: str) -> str:
    """Return the address of a built file; without a mark where it has not been built."""
    mark = _mark(name) if not settings.DEBUG else _fresh_mark(name)
    address = static(f"build/{name}")
    return f"{address}?v={mark}" if mark else address


@cache
def _mark(name: str) -> str:
    return _fresh_mark(name)


def _fresh_mark(name: str) -> str:
    path = FOLDER.joinpath(*name.split("/"))  # plain strings: pathlib refuses the safe ones of templates
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else ""
