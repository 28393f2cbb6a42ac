"""Who received what: the fact that an agreement was sent a version of a view (law 4)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from datacoop.disclosure.compile.packing import key_of, record_of
from datacoop.disclosure.noting import TOGETHER, Overtaken, write
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.repeating import Parcel, count, forget_repeats

Given = ParamSpec("Given")
Found = TypeVar("Found")

_REMEMBERED = 1 << 20
_KNOWN = "SELECT 1 FROM disclosure_delivery WHERE key = ? AND audience_id = ? AND version = ?"
#: Deliveries known to be durable, of this process: audience → view → its last version. Only ever a part of the table.
_durable: dict[int, dict[int, int]] = {}


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
            if reading.parcels is not None:
                reading.parcels.clear()
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
    """Make first deliveries, given as view key → version, durable before any byte of them leaves; count the others.

    The only write that happens without a revision: it changes nothing anybody sees.
    Raises: Overtaken, MustWait; `delivering` and the served application see to them.
    """
    known = _durable.setdefault(audience, {})
    if versions.items() <= known.items():
        _repeated(reading, audience, versions, versions.items())
        return
    fresh = [pair for pair in versions.items() if known.get(pair[0]) != pair[1]]
    unknown = [pair for pair in fresh if not reading.rows(_KNOWN, [pair[0], audience, pair[1]])]
    if unknown:
        _note(reading, audience, unknown)
    _repeated(reading, audience, versions, versions.items() - set(unknown))
    if not reading.is_durable:
        return
    if sum(map(len, _durable.values())) > _REMEMBERED:
        _durable.clear()
    _durable.setdefault(audience, {}).update(fresh)


def _repeated(reading: Reading, audience: int, versions: Mapping[int, int], again: Collection[tuple[int, int]]) -> None:
    if reading.parcels is not None:
        reading.parcels.append(Parcel(audience, versions))
    if again:
        count(audience, again)


def _note(reading: Reading, audience: int, unknown: Sequence[tuple[int, int]]) -> None:
    if not reading.may_wait:
        raise MustWait
    rows = [(audience, key, version) for key, version in unknown]
    if not reading.holds_lock:
        TOGETHER.note(reading, rows)
        return
    with reading.writing() as writer:
        if writer.revision() != reading.began:
            raise Overtaken
        write(writer, rows)


def forget_durable() -> None:
    """Forget what was noted as durable, and counted since: after a restore, and between tests."""
    _durable.clear()
    forget_repeats()
