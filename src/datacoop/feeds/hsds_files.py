"""Everything of a kind in one document in the words of HSDS 3: what the pages of `/hsds` tell, for the command alone.

Not among `formats`: each of those is an address of the API, and programs that know HSDS have `/hsds`, page by page.
It holds what it is given and must not ask for more; its texts are in one language, as HSDS has them.
"""

from __future__ import annotations

import orjson

from datacoop.feeds import hsds
from datacoop.feeds.formatting import Context, narrowed
from datacoop.kinds.definition import Kind

NAME = "hsds"
MEDIA_TYPES = ("application/json",)
EXTENSION = "hsds.json"
SEPARATOR = b","


def applies(kind: Kind) -> bool:
    """Organisations, and activities as services: HSDS has no word for others."""
    return kind.name in hsds.LISTS.values()


def opening(context: Context) -> bytes:
    """Say which version it is, and the licence; the records stand under the key that a page of HSDS has them under."""
    head = {"version": hsds.VERSION, "profile": hsds.PROFILE, "license": context.licence, "terms": context.terms}
    return orjson.dumps(head)[:-1] + b',"contents":['


def piece(body: bytes, context: Context) -> bytes:
    """One organisation or service."""
    return orjson.dumps(hsds.written(narrowed(body, context), context.language))


def closing(_context: Context) -> bytes:
    """End the list, and the document."""
    return b"]}"


def render_one(body: bytes, context: Context) -> bytes:
    """Return one organisation or service by itself."""
    return piece(body, context)
