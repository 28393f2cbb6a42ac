"""JSON: the API's own format. Bodies are ready, so a list is a join of bytes."""

from collections.abc import Sequence

import orjson

from datacoop.feeds.formatting import Context, narrowed
from datacoop.kinds.definition import Kind

NAME = "json"
MEDIA_TYPES = ("application/json",)
EXTENSION = "json"
SEPARATOR = b","
PLAIN = True


def envelope(bodies: Sequence[bytes], next_url: str | None, count: int | None, relation: str | None) -> bytes:
    """The list answer; without a count both its keys are absent."""
    following = b"null" if next_url is None else orjson.dumps(next_url)
    if count is None:
        return b'{"items":[%b],"next":%b}' % (b",".join(bodies), following)
    return b'{"items":[%b],"next":%b,"count":%d,"count_relation":"%b"}' % (
        b",".join(bodies),
        following,
        count,
        (relation or "eq").encode(),
    )


def applies(_kind: Kind) -> bool:
    """Every kind."""
    return True


def opening(_context: Context) -> bytes:
    """The head of the list."""
    return b'{"items":['


def piece(body: bytes, context: Context) -> bytes:
    """The body as it is, or with the fields and language asked for."""
    return body if context.is_whole else orjson.dumps(narrowed(body, context))


def closing(context: Context) -> bytes:
    """What follows the items; `next` and the count as in `envelope`."""
    return envelope((), context.next_url, context.count, context.relation)[len(b'{"items":[') :]


def render_one(body: bytes, context: Context) -> bytes:
    """One record."""
    return piece(body, context)
