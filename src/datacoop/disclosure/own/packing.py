"""Everything about a subject, in every role, for the subject alone: the package of access (LPD 25; GDPR 15).

Made when it is asked for and kept nowhere. Whoever calls this has proof of who asks: nothing here is masked.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Sum
from django.db.models.functions import Coalesce

from datacoop.accounts.telling import accounts_told, mandates_told, own_accounts, sign_ins_told
from datacoop.charter.controller import controller
from datacoop.consent.queries import list_agreements
from datacoop.disclosure.compile.packing import record_of
from datacoop.disclosure.describe import self_body
from datacoop.disclosure.models import Delivery, Tombstone, View
from datacoop.disclosure.own.subjects import Group, group_of, groups_of
from datacoop.disclosure.own.telling import SPEAKERS, OwnRecord, own_records
from datacoop.kinds.definition import kind as kind_named
from datacoop.records.mentions import find_mentions
from datacoop.records.queries import EverySaid, every_statement, source_facts, statements_of, uids_of
from datacoop.records.recognising import Traits, traits_of
from datacoop.records.rules import MARK_CODES, State, is_natural
from datacoop.records.tellers import Chapter, Concerned, Row, told

STATES = {State.LIVE: "live", State.QUARANTINED: "waiting", State.RESTRICTED: "restricted"}


@dataclass(frozen=True)
class Package:
    """All of it: chapters of rows by code, and by kind the records as their subject sees them, ready for a format."""

    subject: uuid.UUID
    made_at: datetime
    chapters: Mapping[str, Sequence[Row]]
    bodies: Mapping[str, Sequence[Mapping[str, object]]]


def pack(subject: uuid.UUID, *, now: datetime) -> Package | None:
    """Return everything about a subject and all that is one with it; None where there is no such record."""
    groups = groups_of(subject)
    if not groups:
        return None
    ids = sorted({member for group in groups for member in group.members})
    own = group_of(subject)
    uids = uids_of(ids)
    said = list(every_statement(ids))
    concerned = Concerned(
        uids,
        frozenset(uids[each] for each in own),
        own_accounts([uids[each] for each in own]),
        now,
        _traits(groups, own, said),
        any(is_natural(kind_named(group.facts.kind)) for group in groups if group.facts.id in own),
    )
    records = own_records(subject, now=now, proven=True)
    titles = {record.id: record.title for record in records}
    chapters = [
        Chapter("records", [_record(group, concerned, titles.get(group.facts.id, "")) for group in groups]),
        Chapter("values", _values(said, concerned)),
        Chapter("lists", _lists({each.source_id for each in said if each.source_id is not None})),
        Chapter("mentions", _mentions(concerned)),
        Chapter("seen_by", [row for record in records for row in _sights(record)]),
        Chapter("recipients", _recipients(concerned)),
        Chapter("to_erase", _tombstones(concerned)),
        Chapter("accounts", accounts_told(concerned.accounts)),
        Chapter("mandates", mandates_told(concerned.subject_uids, concerned.accounts)),
        Chapter("sign_ins", sign_ins_told(concerned.subject_uids, concerned.accounts)),
        *told(concerned),
    ]
    return Package(subject, now, _together(chapters), bodies_of(groups, now=now))


def bodies_of(groups: Sequence[Group], *, now: datetime) -> dict[str, list[Mapping[str, object]]]:
    """Return by kind the records as their subject sees them: what stands, without who else may see it."""
    found: dict[str, list[Mapping[str, object]]] = {}
    for group in groups:
        body = self_body(uid=group.facts.uid, now=now)
        if body is not None:
            found.setdefault(group.facts.kind, []).append(body)
    return found


def _together(chapters: Sequence[Chapter]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for each in chapters:
        found.setdefault(each.name, []).extend(each.rows)
    return found


def _record(group: Group, concerned: Concerned, title: str) -> Row:
    facts = group.facts
    return {
        "record": str(facts.uid),
        "kind": facts.kind,
        "name": title,
        "about": concerned.name(facts.subject_id) or str(facts.uid),
        "one_with": [concerned.name(each) for each in facts.members],
        "restricted": group.rulings.restricted,
    }


def _values(said: Sequence[EverySaid], concerned: Concerned) -> list[Row]:
    lists = source_facts({each.source_id for each in said if each.source_id is not None})
    return [
        {
            "record": concerned.name(each.record_id),
            "property": each.property,
            "position": each.position,
            "value": each.value,
            "as_written": each.as_written,
            "unmasked": each.unmasked,
            "said_by": SPEAKERS[each.origin],
            "holder": lists[each.source_id].holder if each.source_id in lists else "",
            "list": lists[each.source_id].name if each.source_id in lists else "",
            "number": each.number,
            "since": each.since,
            "state": STATES[each.state],
            "mark": MARK_CODES.get(each.mark, ""),
            "stands": each.stands,
            "ended": each.ended_at,
            "actor": each.by,
            "why": each.why,
        }
        for each in said
    ]


def _lists(ids: Collection[int]) -> list[Row]:
    return [
        {"holder": each.holder, "list": each.name, "authority": each.authority, "published": each.published,
         "page": each.page}
        for _, each in sorted(source_facts(ids).items())
    ]  # fmt: skip


def _traits(groups: Sequence[Group], own: Collection[int], said: Sequence[EverySaid]) -> Traits:
    """By what the subject stands in texts: everything ever said of the records that are itself."""
    kinds = {member: kind_named(group.facts.kind) for group in groups for member in group.members if member in own}
    traits = Traits()
    for number, kind in kinds.items():
        traits |= traits_of(kind, [(each.property, each.value) for each in said if each.record_id == number])
    return traits


def _mentions(concerned: Concerned) -> list[Row]:
    """Where a person stands in what is said of others: their words there, not of whom."""
    if not concerned.is_person:
        return []
    found = find_mentions(concerned.traits, apart=set(concerned.records))
    said = list(statements_of([*found.values, *found.originals]))
    lists = source_facts({each.source_id for each in said if each.source_id is not None})
    return [
        {
            "property": each.property,
            "value": each.value if each.id in found.values else None,
            "unmasked": each.unmasked if each.id in found.originals else None,
            "said_by": SPEAKERS[each.origin],
            "holder": lists[each.source_id].holder if each.source_id in lists else "",
            "list": lists[each.source_id].name if each.source_id in lists else "",
            "since": each.since,
            "stands": each.stands,
        }
        for each in said
    ]


def _sights(record: OwnRecord) -> list[Row]:
    return [
        {
            "record": str(record.uid),
            "property": name,
            "audience": sight.audience,
            "shows": sight.shows,
            "why": sight.why,
            "since": sight.since,
            "until": sight.until,
        }
        for name, sights in record.sights.items()
        for sight in sights
    ]


def _recipients(concerned: Concerned) -> list[Row]:
    """Who received which record, first and last, for what and how long: by the terms they signed."""
    keys = View.objects.filter(record_id__in=concerned.ids).values_list("key", flat=True)
    sent = Delivery.objects.filter(key__in=list(keys)).values("audience_id", "key")
    last, read = Max(Coalesce("last_at", "first_at")), Count("pk") + Sum("repeats")
    found = sent.annotate(first=Min("first_at"), last=last, times=Count("pk"), read=read).order_by("audience_id", "key")
    agreements = {each.audience: each for each in list_agreements()}
    rows: list[Row] = []
    for each in found:
        agreement = agreements.get(each["audience_id"])
        rows.append(
            {
                "record": concerned.name(record_of(each["key"])),
                "recipient": agreement.name if agreement else "",
                "terms": agreement.terms if agreement else "",
                "purposes": list(agreement.purposes) if agreement else [],
                "country": (agreement.country or controller().country) if agreement else "",
                "kept_days": agreement.retention_days if agreement else None,
                "first": each["first"],
                "last": each["last"],
                "number": each["times"],
                "read": each["read"],
            }
        )
    return rows


def _tombstones(concerned: Concerned) -> list[Row]:
    """Who must erase what they received, by when, and who said that they did."""
    agreements = {each.audience: each.name for each in list_agreements()}
    return [
        {
            "mark": str(t.uid),
            "record": concerned.name(t.record_id),
            "recipient": agreements.get(t.audience_id, ""),
            "properties": t.properties,
            "whole": t.deletion,
            "at": t.issued_at,
            "due_at": t.deadline,
            "settled_at": t.acknowledged_at,
            "state": t.said,
            "legal_basis": t.legal_basis,
        }
        for t in Tombstone.objects.filter(record_id__in=concerned.ids).order_by("pk")
    ]


@dataclass(frozen=True)
class RecipientLeft:
    """A client that must still erase what it received, by when."""

    name: str
    until: datetime


def recipients_left(record_ids: Collection[int]) -> list[RecipientLeft]:
    """Return who must still erase something of some records, each client once with its first deadline."""
    agreements = {each.audience: each.name for each in list_agreements()}
    owed = Tombstone.objects.filter(record_id__in=list(record_ids), acknowledged_at__isnull=True).order_by("deadline")
    found: dict[str, datetime] = {}
    for tombstone in owed:
        found.setdefault(agreements.get(tombstone.audience_id, ""), tombstone.deadline)
    return [RecipientLeft(name, until) for name, until in found.items()]
