"""Replays worlds through the house's own actions, and reads what everybody gets."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from datacoop.accounts.models import AccessToken
from datacoop.accounts.rules import secret_hash
from datacoop.consent.actions import Wish, add_agreement, decide_in, note_delivered, note_objection
from datacoop.consent.conditions import Conditions
from datacoop.consent.models import Agreement
from datacoop.consent.restricting import lift_restriction as lift
from datacoop.consent.restricting import restrict
from datacoop.consent.withholding import Withheld, show_later, withhold
from datacoop.disclosure.actions import settle
from datacoop.disclosure.deliveries import forget_durable
from datacoop.disclosure.models import Tombstone
from datacoop.disclosure.readers import PUBLIC, Reader, reader_of_agreement
from datacoop.disclosure.reading import Reading, reading
from datacoop.disclosure.search.feeding import changes, export
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.kinds.definition import all_kinds
from datacoop.records.actions.merging import merge, split
from datacoop.records.actions.publishing import Attestation, add_source, attest
from datacoop.records.actions.revising import Draft, revision
from datacoop.records.actions.stating import Said, create_record, release, retract, state
from datacoop.records.models import Source
from datacoop.records.rules import Origin, id_of
from tests.database import cleaning
from tests.laws import worlds
from tests.laws.worlds import BASE, CLIENTS, LISTS, World

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
TOKEN = "a-token-of-client-{}-opening-nothing-anywhere"


def number_of(label: str) -> int:
    return id_of(worlds.uid_of(label))


def replay(world: World, *, held: str = "", waiting: str = "") -> datetime:
    """Make a fresh database tell the whole world, and return the instant at its end, everything settled.

    The client `held` is late with acknowledgements then, the client `waiting` has not joined its class.
    """
    cleaning.restore()
    forget_durable()
    sources = _prepare(waiting)
    *instants, end = worlds.moments(world)
    for op, now in zip(world, instants, strict=True):
        settle(now)
        _do(op, now, sources)
    settle(end)
    _name_tombstones()
    Agreement.objects.filter(uid=held).update(held_at=end)
    return end


def do(op: worlds.Op, now: datetime) -> None:
    """One more thing after a replay."""
    _do(op, now, {source.name: source for source in Source.objects.all()})


def reader_of(connected: Reading, name: str) -> Reader:
    found = PUBLIC if name == "public" else reader_of_agreement(connected, name)
    assert found is not None
    return found


def token_of(client: str) -> str:
    return TOKEN.format(client)


def _prepare(waiting: str) -> dict[str, Source]:
    """Register lists and clients, with keys that are the same in every replay."""
    for number, (client, terms) in enumerate(CLIENTS.items()):
        add_agreement(
            name=f"Client {client}", terms=terms, actor="steward:1", now=BASE - timedelta(days=1), uid=client,
            conditions=Conditions(waits=client == waiting),
        )  # fmt: skip
        Agreement.objects.filter(uid=client).update(id_key=bytes([number + 1]) * 16)
        AccessToken.objects.create(
            token_hash=secret_hash(token_of(client)), agreement=client, expires_at=BASE + timedelta(days=3650)
        )
    found = {}
    for speaker, (holder, published, authority, page) in LISTS.items():
        number = add_source(
            holder_uid=uuid.UUID(int=len(found) + 1), holder=holder, name=speaker, kind="organisation",
            authority=authority,
        )  # fmt: skip
        if published:
            attest(number, Attestation(page, None, "steward:1", LONG_AGO))
        found[speaker] = Source.objects.get(id=number)
    return found


def _do(op: worlds.Op, now: datetime, sources: dict[str, Source]) -> None:
    match op:
        case worlds.Wait():
            return
        case worlds.Deliver(client):
            deliver(client)
            return
        case worlds.Restrict(record):
            restrict(uid=worlds.uid_of(record), ground="restriction", actor="subject", now=now)
            return
        case worlds.Lift(record):
            lift(uid=worlds.uid_of(record), actor="subject", now=now)
            return
    with revision(actor="steward:1", now=now, why="world") as draft:
        _revise(draft, op, sources)


def _revise(draft: Draft, op: worlds.Op, sources: dict[str, Source]) -> None:  # noqa: C901 (one short case for each)
    match op:
        case worlds.Create(record, about):
            subject = number_of(about) if about else None
            create_record(draft, kind=worlds.kind_of(record), uid=worlds.uid_of(record), subject_id=subject)
        case worlds.Withhold(record, speaker):
            withhold(draft, Withheld([number_of(record)], _lists(speaker, sources)))
        case worlds.ShowLater(record, speaker):
            show_later(draft, Withheld([number_of(record)], _lists(speaker, sources)))
        case worlds.Say(record, speaker, values, quarantined, ends):
            origin, source = _speaker(speaker, sources)
            number = number_of(record)
            if ends:
                retract(draft, record_id=number, properties=ends, origin=origin, source=source)
            said = [_said(record, value) for value in values]
            state(draft, record_id=number, said=said, origin=origin, source=source, quarantined=quarantined)
        case worlds.Retract(record, speaker, properties):
            origin, source = _speaker(speaker, sources)
            retract(draft, record_id=number_of(record), properties=properties, origin=origin, source=source)
        case worlds.Release(record):
            release(draft, record_id=number_of(record))
        case worlds.Decide(record, audience, shows, name, hours):
            until = draft.now + timedelta(hours=hours) if hours is not None else None
            decide_in(draft, uid=worlds.uid_of(record), wish=Wish(audience, shows, name, until), reason="")
        case worlds.Merge(loser, survivor):
            merge(draft, loser_id=number_of(loser), survivor_id=number_of(survivor), reason="world")
        case worlds.Split(loser):
            split(draft, loser_id=number_of(loser))
        case worlds.Notice(record, speaker, objected):
            note = note_objection if objected else note_delivered
            note(draft, record_id=number_of(record), source_id=sources[speaker].id, at=draft.now)


def _said(record: str, value: worlds.Value) -> Said:
    if worlds.is_reference(record, value.property):
        label = str(value.value)
        return Said(
            value.property, str(worlds.uid_of(label)), position=value.position, mark=value.mark, refers=number_of(label)
        )
    return Said(value.property, value.value, position=value.position, mark=value.mark)


def _lists(speaker: str | None, sources: dict[str, Source]) -> list[int] | None:
    return None if speaker is None else [sources[speaker].id]


def _speaker(speaker: str, sources: dict[str, Source]) -> tuple[Origin, Source | None]:
    if speaker in sources:
        return (Origin.AUTHORITY if LISTS[speaker][2] else Origin.HOLDER), sources[speaker]
    return (Origin.SUBJECT if speaker == "subject" else Origin.STEWARD), None


def deliver(client: str) -> None:
    """Let a client take everything: lists, exports, feed."""
    with reading() as connected:
        reader = reader_of(connected, client)
        for kind in all_kinds().values():
            list(export(connected, reader, kind.name, None, 100))
            if kind.list_route:
                find(connected, reader, Question(kind.name, limit=200))
        changes(connected, reader, None, 1000)


def _name_tombstones() -> None:
    """Tombstones have random ids; here the nth one of a client is the nth one."""
    counts: dict[int, int] = {}
    for each in Tombstone.objects.order_by("id"):
        nth = counts[each.audience_id] = counts.get(each.audience_id, 0) + 1
        each.uid = uuid.UUID(int=each.audience_id << 64 | nth)
        each.save(update_fields=["uid"])
