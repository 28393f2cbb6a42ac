"""Who received what: the fact that an agreement was sent a version of a view (law 4)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from datacoop.disclosure.compile.packing import key_of, record_of
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import Reading

Given = ParamSpec("Given")
Found = TypeVar("Found")

_REMEMBERED = 1 << 20
_NOTE = (
    "INSERT INTO disclosure_delivery (audience_id, key, version, first_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (key, audience_id, version) DO NOTHING"
)
_KNOWN = "SELECT 1 FROM disclosure_delivery WHERE key = ? AND audience_id = ? AND version = ?"
#: Deliveries known to be durable, of this process: audience → view → its last version. Only ever a part of the table.
_durable: dict[int, dict[int, int]] = {}


class Overtaken(Exception):
    """A revision was committed between reading and noting: what was read may have been taken back."""


class MustWait(Exception):
    """Something would be delivered for the first time, and this thread must not wait for the writers' lock."""


Question = Callable[Concatenate[Reading, Reader, Given], Found]


def delivering(ask: Question[Given, Found]) -> Question[Given, Found]:
    """Let a question's answer leave only if no revision came between reading it and noting its first deliveries.

    Else a withdrawal would find no delivery and make no tombstone, while the value leaves. Who is overtaken asks again,
    and holds the writers' lock then.
    """

    @wraps(ask)
    def asked(reading: Reading, reader: Reader, *args: Given.args, **kwargs: Given.kwargs) -> Found:
        if reader.agreement is None or reading.began is not None:
            return ask(reading, reader, *args, **kwargs)
        reading.began = reading.revision_before()
        try:
            return ask(reading, reader, *args, **kwargs)
        except Overtaken:
            with reading.writing() as writer:
                reading.began = writer.revision()
                return ask(reading, reader, *args, **kwargs)
        finally:
            reading.began = None

    return cast("Question[Given, Found]", asked)


def received_by(reading: Reading, reader: Reader, ids: Collection[int]) -> set[int]:
    """Return those of some records of which a client was ever sent anything."""
    if not ids or reader.agreement is None:
        return set()
    keys = [key_of(tier, number) for tier in reader.sent for number in ids]
    marks = ", ".join("?" * len(keys))
    sql = f"SELECT DISTINCT key FROM disclosure_delivery WHERE audience_id = ? AND key IN ({marks})"
    return {record_of(row[0]) for row in reading.rows(sql, [reader.leaf, *keys])}


def note_deliveries(reading: Reading, audience: int, versions: Mapping[int, int]) -> None:
    """Make first deliveries, given as view key → version, durable before any byte of them leaves.

    The only write that happens without a revision: it changes nothing anybody sees.
    Raises: Overtaken, MustWait; `delivering` and the served application see to them.
    """
    known = _durable.setdefault(audience, {})
    if versions.items() <= known.items():
        return
    fresh = [pair for pair in versions.items() if known.get(pair[0]) != pair[1]]
    unknown = [pair for pair in fresh if not reading.rows(_KNOWN, [pair[0], audience, pair[1]])]
    if unknown:
        _note(reading, audience, unknown)
    if not reading.is_durable:
        return
    if sum(map(len, _durable.values())) > _REMEMBERED:
        _durable.clear()
    _durable.setdefault(audience, {}).update(fresh)


def _note(reading: Reading, audience: int, unknown: Sequence[tuple[int, int]]) -> None:
    if not reading.may_wait:
        raise MustWait
    with reading.writing() as writer:
        if writer.revision() != reading.began:
            raise Overtaken
        # Under the lock: so these times grow with the rows' numbers, and an hour that is over stays as it is.
        moment = datetime.now(UTC)
        now = moment if reading.vendor == "postgresql" else moment.replace(tzinfo=None).isoformat(" ")
        writer.write(_NOTE, [(audience, key, version, now) for key, version in unknown])


def forget_durable() -> None:
    """Forget what was noted as durable: after a restore, and between tests."""
    _durable.clear()
