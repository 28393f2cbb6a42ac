"""Whole exports: batches from `disclosure`, each a fresh snapshot, written by a format.

An export holds no snapshot between two batches, so what is withdrawn meanwhile is not in later ones; the feed
position taken before the first row makes export and feed together miss nothing.
"""

import uuid
from collections.abc import Iterator, Sequence

from datacoop.disclosure.deliveries import received_by
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search import feeding
from datacoop.feeds.formatting import Context, Format, stream
from datacoop.records.rules import id_of

BATCH = 1000


def number_after(reading: Reading, reader: Reader, id_text: str) -> int | None:
    """The number an export goes on after, from the id of the last record received; None if it is no id.

    A client names public records by their uid and all others by an id of its own, as they were when it received them:
    what it was sent itself says which of the two it means.
    """
    try:
        uid = uuid.UUID(id_text)
    except ValueError:
        return None
    if reader.ids is None:
        return id_of(uid)
    named = id_of(uid), id_of(reader.ids.uid(str(uid)))
    received = received_by(reading, reader, named)
    return next((number for number in named if number in received), None)


def next_batch(
    reading: Reading, reader: Reader, kind: str, after: int | None, size: int = BATCH
) -> tuple[Sequence[bytes], int | None]:
    """Bodies after a number, in the order of ids, and the last number; (nothing, None) at the end.

    Raises: disclosure.errors.Due; the caller settles and asks again for the same batch.
    """
    batch = next(feeding.export(reading, reader, kind, after, size), None)
    if not batch:
        return (), None
    return [body for _, body in batch], batch[-1][0]


def export(
    reading: Reading, reader: Reader, layout: Format, context: Context, after: int | None = None
) -> Iterator[bytes]:
    """The whole export in chunks, for a caller that may wait: commands, files."""

    def batches() -> Iterator[Sequence[bytes]]:
        bodies, last = next_batch(reading, reader, context.kind.name, after)
        while last is not None:
            yield bodies
            bodies, last = next_batch(reading, reader, context.kind.name, last)

    return stream(layout, batches(), context)
