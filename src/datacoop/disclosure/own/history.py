"""Everything that ever happened to what is said about a subject: for the subject alone, each with its proof.

Found by the private list that leads a record to its entries, and by what is kept of contributions and deliveries; an
erasure ends both.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from datacoop.consent.queries import list_agreements
from datacoop.consent.receipts import DECIDED, Decided, decided_by_revision, words_in
from datacoop.disclosure.acknowledging import ACKNOWLEDGED
from datacoop.disclosure.compile.burying import ISSUED, lost_words
from datacoop.disclosure.delivered import received
from datacoop.disclosure.models import Tombstone
from datacoop.disclosure.own.subjects import group_of, groups_of
from datacoop.ledger.queries import EntryFacts, entries
from datacoop.ledger.trees import subtrees
from datacoop.records.actions.tracing import contribution_name
from datacoop.records.proving import prove
from datacoop.records.queries import (
    RevisionFacts,
    TraceFacts,
    holder_uids,
    merge_reasons,
    namings_of,
    records_about,
    revisions,
    source_facts,
    traces_of,
)

#: What an entry tells, by its kind; a kind that is not here is told as NOTED.
NOTED = "noted"
_WHAT = {
    DECIDED: "decided",
    "consent.restricted": "restricted",
    "consent.restriction_lifted": "lifted",
    "consent.withheld": "withheld",
    "consent.withheld_no_more": "withheld_no_more",
    "consent.indexing": "indexing",
    "consent.objected": "objected",
    "notice.delivered": "told",
    "records.merged": "merged",
    "records.split": "split",
    "linking.judged": "judged",
    "record.entered": "entered",
    "record.corrected": "entered",
    "record.announced": "entered",
    "minors.age_corrected": "entered",
    "notice.sent": "sent",
    "notice.reminded": "reminded",
    "notice.returned": "returned",
    "text.confirmed": "confirmed",
    "disclosure.described": "looked",
    "contribution.accepted": "named",
    "contribution.undone": "named_undone",
    ISSUED: "erase",
    ACKNOWLEDGED: "settled",
}
RECEIVED = "received"
#: What several kinds that begin alike tell.
_WHAT_ALIKE = {
    "rights": "rights",
    "claims": "representing",
    "claim": "representing",
    "representatives": "representing",
    "removals": "representing",
}
WHATS = frozenset({*_WHAT.values(), *_WHAT_ALIKE.values(), RECEIVED, NOTED})

#: Who did it, as far as it is kept: the subject, somebody for it, a steward, a list's holder, the house by itself.
#: Who asks to represent it is none of them yet.
SELF, REPRESENTATIVE, GUARDIAN, STEWARD, HOLDER, HOUSE, CLIENT, CLAIMANT = WHOS = (
    "self",
    "representative",
    "guardian",
    "steward",
    "holder",
    "house",
    "client",
    "claimant",
)
_BY_ACTOR = {"link": SELF, "proof": SELF, "account": REPRESENTATIVE, "steward": STEWARD, "holder": HOLDER}
#: What nobody but whoever asks does, where no other hand is noted.
_BY_CLAIMANT = frozenset({"claims.opened", "claims.proven", "claims.withdrawn"})
#: What an account does as a holder's, never as the subject's.
_BY_HOLDER = frozenset({"rights.objection_answered"})
_BY_CAPACITY = {"subject": SELF, "representative": REPRESENTATIVE, "guardian": GUARDIAN, "steward": STEWARD}


@dataclass(frozen=True)
class Event:
    """One line of a history: `what` is one of WHATS, `who` one of WHOS.

    `of` names the holder whose list it was, or the client. `decided` and `receipt` (a revision) are there where
    something was decided; `entry` is None while the hour of a delivery is not yet entered. `kind` is the entry's, and
    `right` what was asked for where it tells of a right; `records` are the subject's own that it is about.
    """

    at: datetime
    what: str
    who: str
    entry: int | None
    reason: str = ""
    of: str = ""
    decided: Decided | None = None
    receipt: int | None = None
    kind: str = ""
    right: str = ""
    records: tuple[int, ...] = ()


def what_of(kind: str) -> str:
    """Return what an entry of a kind tells: one of WHATS."""
    return _WHAT.get(kind) or _WHAT_ALIKE.get(kind.partition(".")[0], NOTED)


def history(subject: UUID) -> list[Event]:
    """Return everything that is kept of what happened to what is said about a subject, the newest first."""
    record_ids = records_about(group_of(subject))
    heads = {member: each.facts.id for each in groups_of(subject) for member in each.members}
    found = [*_traced(record_ids, heads), *_named(record_ids), *_received(record_ids)]
    return sorted(found, key=lambda each: (each.at, each.entry or 0), reverse=True)


def proof(subject: UUID, entry: int, *, now: datetime) -> dict[str, object]:
    """Return all that is needed to check offline that an entry is about this subject: see `ledger.checking`.

    Raises: records.proving.NothingToProve; ledger.checkpoints.Forked; ledger.signing.KeyUnusable.
    """
    record_ids = records_about(group_of(subject))
    contents: dict[int, list[Mapping[str, object]]] = {each: [] for each in record_ids}
    for number in {t.revision for t in traces_of(record_ids) if t.entry == entry and t.revision is not None}:
        for record, words in words_in(number, record_ids).items():
            contents[record] += words
    notices: list[Mapping[str, object]] = [{"holder": each.hex} for each in holder_uids()]
    for record in record_ids:
        contents[record] += notices
    for record, properties in _tombstones(record_ids):
        contents[record].append(lost_words(properties))
    return prove(entry, record_ids=record_ids, now=now, contents=contents)


def was_answered_by(revision: int, actor: str) -> bool:
    """Return whether somebody, as actions name them, made a revision: who answered may keep the receipt."""
    found = revisions([revision]).get(revision)
    return found is not None and found.actor == actor


def _traced(record_ids: Collection[int], heads: Mapping[int, int]) -> Iterator[Event]:
    traces: dict[int, TraceFacts] = {}
    about: dict[int, list[int]] = {}
    for each in traces_of(record_ids):
        about.setdefault(each.entry, []).append(heads.get(each.record_id, each.record_id))
        if each.entry not in traces or each.note:
            traces[each.entry] = each
    facts = entries(traces)
    numbers = {each.revision for each in traces.values() if each.revision is not None}
    known, decided, merged = revisions(numbers), decided_by_revision(record_ids), merge_reasons(numbers)
    clients, holders = {a.uid: a.name for a in list_agreements()}, _holders(facts.values())
    repeated = _told_by_another(traces, facts, holders)
    for number, trace in traces.items():
        entry, made = facts[number], known.get(trace.revision) if trace.revision is not None else None
        if number in repeated:
            continue
        words = decided.get(trace.revision) if entry.kind == DECIDED and trace.revision is not None else None
        yield Event(
            entry.at,
            what_of(entry.kind),
            _who(entry, made, words),
            number,
            trace.note or _reason(entry, made, words, merged),
            clients.get(str(entry.payload.get("agreement", ""))) or holders.get(entry.payload.get("source"), ""),
            words,
            trace.revision if entry.kind == DECIDED else None,
            entry.kind,
            str(entry.payload.get("right", "")),
            tuple(dict.fromkeys(about[number])),
        )


def _told_by_another(
    traces: Mapping[int, TraceFacts], facts: Mapping[int, EntryFacts], holders: Mapping[object, str]
) -> set[int]:
    """Return entries that another line tells: a judgement by its merge or split, a notice by that of its holder."""
    merging = {t.revision for n, t in traces.items() if facts[n].kind in ("records.merged", "records.split")}
    found: set[int] = set()
    notices: dict[tuple[int | None, str], int] = {}
    for number, trace in sorted(traces.items()):
        entry = facts[number]
        if entry.kind == "linking.judged" and trace.revision in merging:
            found.add(number)
        elif entry.kind == "notice.delivered":
            of = holders.get(entry.payload.get("source"), "")
            if notices.setdefault((trace.revision, of), number) != number:
                found.add(number)
    named = {revision for revision, of in notices if of}
    return found | {number for (revision, of), number in notices.items() if not of and revision in named}


def _who(entry: EntryFacts, made: RevisionFacts | None, words: Decided | None) -> str:
    if words is not None:
        return _BY_CAPACITY.get(words.context.capacity, SELF)
    if entry.kind in (ISSUED, ACKNOWLEDGED):
        return HOUSE if entry.kind == ISSUED else CLIENT
    actor = made.actor if made else str(entry.payload.get("actor", ""))
    if entry.kind in _BY_CLAIMANT and not actor:
        return CLAIMANT
    how = actor.partition(":")[0]
    return HOLDER if how == "account" and entry.kind in _BY_HOLDER else _BY_ACTOR.get(how, HOUSE)


def _reason(entry: EntryFacts, made: RevisionFacts | None, words: Decided | None, merged: Mapping[int, str]) -> str:
    if words is not None:
        return words.reason
    if made is None:
        return ""
    if entry.kind == "records.merged":
        return merged.get(made.number, "")
    return made.why.removeprefix("entered: ") if entry.kind == "record.entered" else ""


def _named(record_ids: Collection[int]) -> Iterator[Event]:
    """Contributions that said something new, or no longer said it."""
    namings = {(each.source_id, each.number) for each in namings_of(record_ids)}
    known = subtrees([contribution_name(*each) for each in namings])
    facts = entries({each.entry for each in known.values() if each.entry is not None})
    holders = _holders(facts.values())
    for entry in facts.values():
        yield Event(entry.at, _WHAT[entry.kind], HOLDER, entry.number, of=holders.get(entry.payload.get("source"), ""))


def _received(record_ids: Collection[int]) -> Iterator[Event]:
    """What clients were sent for the first time, each hour's entry once."""
    told = set()
    for each in received(record_ids):
        about = each.client, each.entry or each.at
        if about not in told:
            told.add(about)
            yield Event(each.at, RECEIVED, CLIENT, each.entry, of=each.client)


def _holders(facts: Iterable[EntryFacts]) -> dict[object, str]:
    named = (each.payload.get("source") for each in facts)
    numbers = {each for each in named if isinstance(each, int)}
    return {number: source.holder for number, source in source_facts(numbers).items()}


def _tombstones(record_ids: Collection[int]) -> Iterator[tuple[int, list[str]]]:
    every = sorted(record_ids)
    for start in range(0, len(every), 500):
        rows = Tombstone.objects.filter(record_id__in=every[start : start + 500])
        for record, properties in rows.values_list("record_id", "properties"):
            yield record, json.loads(properties)
