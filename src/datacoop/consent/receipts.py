"""Receipts: what one revision decided about a subject, signed, with the proof that the ledger holds it.

The form is that of `receipt_form` (ISO/IEC TS 27560 in the words of DPV); `receipt_checks` checks it, offline.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import orjson

from datacoop.consent.actions import Wish, words_of
from datacoop.consent.models import Audience, Decision
from datacoop.consent.receipt_checks import TYPE
from datacoop.consent.receipt_form import Controller, Facts, Word, receipt_of
from datacoop.consent.rules import ACCOUNT, LINK, DecisionContext
from datacoop.consent.speaking import subject_uids
from datacoop.consent.statuses import Said, Status, statuses
from datacoop.kinds.definition import kind as kind_named
from datacoop.ledger.queries import entries
from datacoop.ledger.signing import sign
from datacoop.records.proving import prove
from datacoop.records.queries import kinds_of, records_about, revisions, traces_of, uids_of
from datacoop.records.rules import id_of

DECIDED = "consent.decided"
_AT_ONCE = 500
_About = tuple[int, str, int]
"""Record, property, audience."""


class NoReceipt(LookupError):
    """Nothing was decided about this subject in this revision, or it was erased."""


def receipt(*, subject: UUID, revision: int, controller: Controller, now: datetime) -> str:
    """Return the receipt (compact JWS) of everything decided about a subject in one revision, as it stands `now`.

    It holds no name and no value: the subject is called by its random uid.

    Raises: NoReceipt; ledger.checkpoints.Forked; ledger.signing.KeyUnusable.
    """
    record_ids = records_about([id_of(uid) for uid in subject_uids(subject)])
    words = _words(record_ids, revision, now)
    numbers = {each.entry for each in traces_of(record_ids, revision=revision)}
    decided = sorted(number for number, facts in entries(numbers).items() if facts.kind == DECIDED)
    if not words or not decided:
        raise NoReceipt("Nothing was decided about this subject in this revision.")
    contents = words_in(revision, record_ids)
    proofs = [prove(number, record_ids=record_ids, now=now, contents=contents) for number in decided]
    made = receipt_of(Facts(subject, revision, controller, tuple(words), tuple(proofs), now))
    return sign(orjson.dumps(made, option=orjson.OPT_SORT_KEYS), typ=TYPE)


def words_in(revision: int, record_ids: Collection[int]) -> dict[int, list[Mapping[str, object]]]:
    """Return by record what the ledger's digests of a revision's decisions may be over (`actions.words_of`).

    What was taken back is kept nowhere as such: every property and audience is tried, some microseconds each.
    """
    keys = _keys()
    found: dict[int, list[Mapping[str, object]]] = {}
    for number, kind in kinds_of(record_ids).items():
        names = [None, *(prop.name for prop in kind_named(kind).properties)]
        found[number] = [words_of(number, Wish(key, None, name)).content for key in keys.values() for name in names]
    for row in _rows(record_ids, begin_revision=revision):
        wish = Wish(keys[row.audience_id], row.shows, row.property or None, row.valid_until)
        found[row.record_id].append(words_of(row.record_id, wish).content)
    return found


@dataclass(frozen=True)
class Decided:
    """What was decided about some records in one revision, how it was given, and the reason whoever entered it gave.

    `words`: kind, property (empty: the whole record), key of the audience, whether it is shown, until when.
    """

    context: DecisionContext
    reason: str
    words: tuple[tuple[str, str, str, bool, datetime | None], ...]


def decided_by_revision(record_ids: Collection[int]) -> dict[int, Decided]:
    """Return by revision what was decided in it about some records; the same about several stands there once."""
    keys, kinds = _keys(), kinds_of(record_ids)
    found: dict[int, Decided] = {}
    for row in (each for each in _rows(record_ids) if not _was_passing(each)):
        said = (kinds[row.record_id], row.property, keys[row.audience_id], row.shows, row.valid_until)
        known = found.setdefault(row.begin_revision, Decided(_context(row), row.reason, ()))
        if said not in known.words:
            found[row.begin_revision] = replace(known, words=(*known.words, said))
    return found


def _words(record_ids: Collection[int], revision: int, now: datetime) -> list[Word]:
    given = {_about(row): row for row in _rows(record_ids, begin_revision=revision) if not _was_passing(row)}
    about = {*given, *(_about(row) for row in _rows(record_ids, end_revision=revision))}
    if not about:
        return []
    ids = {record for record, _, _ in about}
    uids, kinds, keys, histories = uids_of(ids), kinds_of(ids), _keys(), _histories(ids)
    untold = next((_context(row) for row in given.values()), None) or _by_actor(revision)
    found = []
    for record, name, audience in sorted(about, key=lambda each: (uids[each[0]], each[2], each[1])):
        row = given.get((record, name, audience))
        events = statuses(histories[record, name, audience], now=now)
        word = Word(uids[record], kinds[record], name, keys[audience], untold, tuple(_since(events, revision)))
        if row is not None:
            told = _context(row)
            word = replace(
                word,
                shows=row.shows,
                until=row.valid_until,
                purpose=row.purpose,
                context=told if told.capacity else untold,
            )
        found.append(word)
    return found


def _histories(record_ids: Collection[int]) -> dict[_About, list[Said]]:
    """Return everything ever said about each property and audience of some records, in the order it was said."""
    rows = list(_rows(record_ids))
    begun = {(_about(row), row.begin_revision) for row in rows if not _was_passing(row)}
    back = {
        (_about(row), row.end_revision)
        for row in rows
        if row.end_revision is not None and (_about(row), row.end_revision) not in begun
    }
    times = revisions({number for _, number in back})
    found: dict[_About, list[Said]] = {}
    for row in (each for each in rows if not _was_passing(each)):
        found.setdefault(_about(row), []).append(Said(row.begin_revision, row.valid_from, row.shows, row.valid_until))
    for about, number in back:
        found.setdefault(about, []).append(Said(number, times[number].at, None))
    return {about: sorted(said, key=lambda each: each.revision) for about, said in found.items()}


def _since(found: Sequence[Status], revision: int) -> Iterator[Status]:
    """Leave out what happened before the revision of the receipt."""
    reached = False
    for each in found:
        reached = reached or each.revision == revision
        if reached:
            yield each


def _rows(record_ids: Collection[int], **wanted: int) -> Iterator[Decision]:
    every = sorted(record_ids)
    for start in range(0, len(every), _AT_ONCE):
        yield from Decision.objects.filter(record_id__in=every[start : start + _AT_ONCE], **wanted).order_by("pk")


def _was_passing(row: Decision) -> bool:
    """Whether it was said and taken back in one revision: what a subject withheld, of what it then opened."""
    return row.end_revision == row.begin_revision


def _about(row: Decision) -> _About:
    return row.record_id, row.property, row.audience_id


def _context(row: Decision) -> DecisionContext:
    told = DecisionContext(row.method, row.capacity, row.language, row.notice_version, row.notice_sha256)
    return told if told.capacity else replace(told, capacity=_capacity(row.actor))


def _by_actor(revision: int) -> DecisionContext:
    """How a word was taken back is kept with no row: who made the revision tells."""
    actor = revisions([revision])[revision].actor
    sort = actor.partition(":")[0]
    return DecisionContext({"link": LINK, "account": ACCOUNT}.get(sort, ""), _capacity(actor))


def _capacity(actor: str) -> str:
    return "steward" if actor.startswith("steward") else "subject"


def _keys() -> dict[int, str]:
    return dict(Audience.objects.values_list("id", "key"))
