"""Addresses of pages: the name, so that people can read it, and the head of the id, which alone decides."""

from __future__ import annotations

import re

from datacoop.lib.text import plain

HEAD_LENGTH = 8
#: Kinds whose records have a page, and how its address begins.
PAGES = {"organisation": "o", "activity": "a"}
_LONGEST_NAME = 60
_SLUG = re.compile(rf"^(?:([a-z0-9-]*)-)?([0-9a-f]{{{HEAD_LENGTH}}})$")


def slug_of(name: str, uid: str) -> str:
    """Return the address part of a record: `choeur-de-la-cite-6f1c0a2b`.

    >>> slug_of("Chœur de la Cité", "6f1c0a2b-0000-4000-8000-000000000000")
    'choeur-de-la-cite-6f1c0a2b'
    """
    words = re.sub(r"[^a-z0-9]+", "-", plain(name)).strip("-")
    if len(words) > _LONGEST_NAME:
        words = words[: _LONGEST_NAME + 1].rpartition("-")[0] or words[:_LONGEST_NAME]
    return f"{words}-{uid[:HEAD_LENGTH]}" if words else uid[:HEAD_LENGTH]


def page_path(kind: str, name: str, uid: str) -> str | None:
    """Return the path of a public record's page, None for kinds without pages of their own.

    >>> page_path("activity", "Répétition", "6f1c0a2b-0000-4000-8000-000000000000")
    '/a/repetition-6f1c0a2b'
    """
    head = PAGES.get(kind)
    return f"/{head}/{slug_of(name, uid)}" if head else None


def head_of(slug: str) -> str | None:
    """Return the head of the id a slug ends with, None if it cannot be one.

    >>> head_of("anything-at-all-6f1c0a2b"), head_of("choeur")
    ('6f1c0a2b', None)
    """
    match = _SLUG.match(slug)
    return match.group(2) if match else None
