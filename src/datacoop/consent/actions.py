"""Decide, restrict, sign: the writes of consent, each in one revision."""

from __future__ import annotations

import os
import secrets
import uuid
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from django.db import transaction

from datacoop.consent.audiences import ensure_audiences, known_audience, make_audience, waiting_version
from datacoop.consent.conditions import Conditions, ConditionsError, check_conditions, opens_of
from datacoop.consent.ending import AGREEMENT
from datacoop.consent.hearing import shipped_terms
from datacoop.consent.models import Agreement, Decision, NoticeState, Unindexed
from datacoop.consent.queries import UnknownAudienceError
from datacoop.consent.rules import LONGEST_REASON, PUBLIC, UNTOLD, DecisionContext
from datacoop.consent.withdrawing import (
    note_hidden,
    note_objected,
    note_taken_back,
    note_unindexed,
)
from datacoop.kinds.definition import kind as kind_named
from datacoop.ledger.actions import append
from datacoop.records.actions.revising import Draft, revision, take_writers_lock
from datacoop.records.endings import note_ended
from datacoop.records.queries import find_record, kinds_of, merges_of, records_about
from datacoop.records.tracing import About

#: Nothing narrower, and nothing to wait for.
AS_THE_TERMS = Conditions()


class DecisionError(ValueError):
    """The decision asked for makes no sense; the message says why."""


@dataclass(frozen=True)
class Wish:
    """What is decided: an audience (by key) sees, or does not see, a property. None: the whole record.

    Where `shows` is None the word given before is taken back, for good: what was said above, else the default, holds.
    """

    audience: str
    shows: bool | None
    property: str | None = None
    until: datetime | None = None


def decide(
    *, uid: uuid.UUID, wish: Wish, actor: str, reason: str, now: datetime, context: DecisionContext | None = None
) -> int:
    """Record the subject's word in one revision and return its number. When this returns, it is in force (law 3).

    `context` says how it was given; the receipt tells it.

    Raises:
        DecisionError: unknown record or property, or an end that is not after now.
        UnknownAudienceError: no such audience.
    """
    with revision(actor=actor, now=now, why="decision") as draft:
        decide_in(draft, uid=uid, wish=wish, reason=reason, context=context)
    return draft.number


def decide_in(draft: Draft, *, uid: uuid.UUID, wish: Wish, reason: str, context: DecisionContext | None = None) -> int:
    """Do the same inside a revision already open, and return the decision's number (`receipts.receipt` takes it)."""
    record = find_record(uid)
    if record is None:
        raise DecisionError(f"There is no record {uid}.")
    if wish.property is not None:
        check_property(record.kind, wish.property)
    if wish.shows is None:
        raise DecisionError("A word is taken back together with what takes its place: see decide_many.")
    if wish.until is not None and wish.until <= draft.now:
        raise DecisionError("The end must lie in the future.")
    if len(reason) > LONGEST_REASON:
        raise DecisionError(f"The reason may have {LONGEST_REASON} characters.")
    audience = known_audience(wish.audience)
    before = Decision.objects.filter(
        record_id=record.id, property=wish.property or "", audience_id=audience, end_revision__isnull=True
    )
    if wish.until is None:
        # A decision with an end leaves what was decided before it, so that its end falls back on that word.
        before.update(end_revision=draft.number)
    made = Decision.objects.create(
        record_id=record.id,
        property=wish.property or "",
        audience_id=audience,
        shows=wish.shows,
        valid_from=draft.now,
        valid_until=wish.until,
        actor=draft.actor,
        reason=reason,
        begin_revision=draft.number,
        **asdict(context or UNTOLD),
    )
    note_hidden(draft, [made], keys={audience: wish.audience})
    draft.touch(record.id)
    draft.enter("consent.decided", about=[words_of(record.id, wish)])
    return made.pk


def decide_many(
    draft: Draft, *, wishes: Sequence[tuple[int, Wish]], reason: str, context: DecisionContext | None = None
) -> None:
    """Do the same for many records, by number, in a few statements; wishes about one record hold in the order given.

    Raises:
        DecisionError: unknown record or property, or an end that is not after now.
        UnknownAudienceError: no such audience.
    """
    kinds = kinds_of({record_id for record_id, _ in wishes})
    audiences = {key: known_audience(key) for key in {wish.audience for _, wish in wishes}}
    last: dict[tuple[int, str, int], Wish] = {}
    for record_id, wish in wishes:
        _check(kinds.get(record_id), wish, draft)
        last[record_id, wish.property or "", audiences[wish.audience]] = wish
    lasting = {key for key, wish in last.items() if wish.until is None}
    standing = Decision.objects.filter(end_revision__isnull=True)
    ids = list(kinds)
    keys = {number: key for key, number in audiences.items()}
    for start in range(0, len(ids), 500):
        rows = standing.filter(record_id__in=ids[start : start + 500])
        said = rows.values_list("pk", "record_id", "property", "audience_id", "shows")
        ended = [(pk, (r, name, a), shows) for pk, r, name, a, shows in said if (r, name, a) in lasting]
        Decision.objects.filter(pk__in=[pk for pk, _, _ in ended]).update(end_revision=draft.number)
        taken = [key for _, key, shows in ended if shows and last[key].shows is None]
        note_taken_back(draft, [(r, name, keys[a]) for r, name, a in taken])
    told = asdict(context or UNTOLD)
    made = Decision.objects.bulk_create(
        [
            Decision(record_id=record_id, property=name, audience_id=audience, shows=wish.shows, valid_from=draft.now,
                     valid_until=wish.until, actor=draft.actor, reason=reason, begin_revision=draft.number, **told)
            for (record_id, name, audience), wish in last.items()
            if wish.shows is not None
        ],
        batch_size=500,
    )  # fmt: skip
    note_hidden(draft, made, keys=keys)
    draft.touch(*ids)
    about = [words_of(record_id, wish) for (record_id, _, _), wish in last.items()]
    draft.enter("consent.decided", about=about, records=len(ids), decisions=len(last))


def _check(kind: str | None, wish: Wish, draft: Draft) -> None:
    if kind is None:
        raise DecisionError("There is no such record.")
    if wish.property is not None:
        check_property(kind, wish.property)
    if wish.until is not None and wish.shows is None:
        raise DecisionError("A word is taken back for good, not until a day.")
    if wish.until is not None and wish.until <= draft.now:
        raise DecisionError("The end must lie in the future.")


def words_of(record_id: int, wish: Wish) -> About:
    """Return what the ledger's digest of one decision is over: its words, so that whoever knows them can show it."""
    until = wish.until.astimezone(UTC).isoformat() if wish.until else ""
    words = {"property": wish.property or "", "audience": wish.audience, "shows": wish.shows, "until": until}
    return About(record_id, words)


def set_indexing(draft: Draft, *, record_ids: Collection[int], allowed: bool) -> None:
    """Let search engines list the page of records that are one, or not. It changes no view: only robots are told."""
    standing = Unindexed.objects.filter(record_id__in=record_ids, end_revision__isnull=True)
    if allowed:
        standing.update(end_revision=draft.number)
    else:
        missing = set(record_ids) - set(standing.values_list("record_id", flat=True))
        Unindexed.objects.bulk_create(
            [Unindexed(record_id=each, at=draft.now, begin_revision=draft.number) for each in sorted(missing)]
        )
        note_unindexed(draft, missing)
    draft.enter("consent.indexing", about=[About(each) for each in sorted(record_ids)], allowed=allowed)


def note_delivered(draft: Draft, *, record_id: int, source_id: int, at: datetime) -> None:
    """Note that the subject of a record was told what a source says about it.

    The first time counts: whoever is told of something new does not vanish until the days to object are over again.
    """
    told = {"record_id": record_id, "source_id": source_id}
    NoticeState.objects.get_or_create(**told, defaults={"delivered_at": at})
    NoticeState.objects.filter(**told, delivered_at=None).update(delivered_at=at)
    draft.touch(record_id)
    draft.enter("notice.delivered", about=[About(record_id)], source=source_id)


def note_returned(draft: Draft, *, subject_id: int, source_ids: Collection[int], at: datetime) -> None:
    """Note that what counted as told at a moment came back: nobody was told, and the default shows nothing of it."""
    merges = merges_of([subject_id])
    records = records_about({subject_id, *merges, *merges.values()})
    rows = NoticeState.objects.filter(record_id__in=records, source_id__in=source_ids, delivered_at=at)
    draft.touch(*rows.values_list("record_id", flat=True))
    rows.update(delivered_at=None)


def note_objection(draft: Draft, *, record_id: int, source_id: int, at: datetime) -> None:
    """Note that the subject objected to what a source says: nothing of it is shown by default any more."""
    NoticeState.objects.update_or_create(record_id=record_id, source_id=source_id, defaults={"objected_at": at})
    note_objected(draft, record_id, source_id)
    draft.touch(record_id)
    draft.enter("consent.objected", about=[About(record_id)], source=source_id)


def add_agreement(
    *,
    name: str,
    terms: str,
    actor: str,
    now: datetime,
    uid: str | None = None,
    live_only: bool = False,
    conditions: Conditions = AS_THE_TERMS,
) -> str:
    """Sign an agreement under shipped terms and return its id, which is also the client's.

    `live_only`: the client keeps nothing of what it is sent. What is narrower than the terms must wait first: its
    version of them is compiled before it joins (`disclosure.joining`).

    Raises:
        UnknownAudienceError: no such terms.
        ConditionsError: more than the terms say.
    """
    shipped = shipped_terms()
    if terms not in shipped:
        raise UnknownAudienceError(f"There are no terms “{terms}”. Use one of: {', '.join(shipped)}.")
    check_conditions(conditions, terms=terms)
    opens = opens_of(conditions, terms=terms)
    if conditions.properties and opens and not conditions.waits:
        raise ConditionsError("properties", "Whoever signs for some properties only must wait before it joins.")
    uid = uid or secrets.token_hex(8)
    with transaction.atomic():
        take_writers_lock()
        ensure_audiences()
        waited = waiting_version(terms, actor=actor, now=now) if conditions.waits else None
        parent = waited or make_audience(f"terms:{terms}", PUBLIC).id
        leaf = make_audience(f"agreement:{uid}", parent, opens=opens)
        Agreement.objects.create(
            uid=uid,
            name=name,
            terms=terms,
            audience=leaf,
            id_key=os.urandom(16),
            hours_to_erase=conditions.hours_to_erase or int(str(shipped[terms]["hours_to_erase"])),
            signed_at=now,
            live_only=live_only,
            country=conditions.country,
            purposes=" ".join(conditions.purposes),
            retention_days=conditions.retention_days,
            waited_id=waited,
        )
        append(at=now, kind="agreement.signed", payload={"agreement": uid, "terms": terms, "actor": actor})
    return uid


def suspend_agreement(*, agreement: str, actor: str, now: datetime) -> None:
    """Stop an agreement at once: its tokens are refused from the next request on.

    Raises:
        UnknownAudienceError: no such agreement.
    """
    with transaction.atomic():
        take_writers_lock()
        if not Agreement.objects.filter(uid=agreement, suspended_at__isnull=True).update(suspended_at=now):
            raise UnknownAudienceError(f"There is no running agreement “{agreement}”.")
        note_ended(AGREEMENT, [agreement], at=now)
        append(at=now, kind="agreement.suspended", payload={"agreement": agreement, "actor": actor})


def set_quota(*, agreement: str, per_minute: int | None, actor: str, now: datetime) -> None:
    """Let a client make so many requests a minute from the next one on; 0: without limit; None: as many as any client.

    Raises:
        UnknownAudienceError: no such agreement.
    """
    with transaction.atomic():
        take_writers_lock()
        if not Agreement.objects.filter(uid=agreement, suspended_at__isnull=True).update(per_minute=per_minute):
            raise UnknownAudienceError(f"There is no running agreement “{agreement}”.")
        payload = {"agreement": agreement, "actor": actor, "per_minute": per_minute}
        append(at=now, kind="agreement.quota", payload=payload)


def check_property(kind: str, name: str) -> None:
    """Refuse a property that the kind has not. Raises: DecisionError."""
    known = [p.name for p in kind_named(kind).properties]
    if name not in known:
        raise DecisionError(f"A record of kind {kind} has no property “{name}”. It has: {', '.join(known)}.")
