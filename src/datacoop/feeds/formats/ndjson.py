"""NDJSON: one record a line, for programs that read as it comes."""

import orjson

from datacoop.feeds.formatting import Context, narrowed
from datacoop.kinds.definition import Kind

NAME = "ndjson"
MEDIA_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
EXTENSION = "ndjson"
SEPARATOR = b""


def applies(_kind: Kind) -> bool:
    """Every kind."""
    return True


def opening(_context: Context) -> bytes:
    """Nothing stands before the first line."""
    return b""


def piece(body: bytes, context: Context) -> bytes:
    """One line; bodies hold no line break of their own."""
    return (body if context.is_whole else orjson.dumps(narrowed(body, context))) + b"\n"


def closing(_context: Context) -> bytes:
    """Nothing stands after the last line."""
    return b""


def render_one(body: bytes, context: Context) -> bytes:
    """One record, one line."""
    return piece(body, context)
