"""What no longer exists is shown to nobody any more, whoever was granted it; whoever it is about may show it again."""

from __future__ import annotations

import uuid
from datetime import datetime

from datacoop.consent.actions import decide_many
from datacoop.consent.audiences import ensure_audiences
from datacoop.consent.rules import DecisionContext
from datacoop.consent.speaking import subject_uids
from datacoop.disclosure.own.subjects import groups_of, spread
from datacoop.disclosure.own.telling import own_records
from datacoop.records.actions.revising import revision
from datacoop.records.rules import id_of
from datacoop.rights.queries.foreseeing import asked_of, wishes_of
from datacoop.rights.rules.answers import hidden


def retire(*, uid: uuid.UUID, actor: str, now: datetime) -> None:
    """Hide a record, and all that is one with it, from everybody but those it is about: a steward accepted it."""
    with revision(actor=actor, now=now, why="reported as gone") as draft:
        ensure_audiences()
        subject = next(iter(sorted(subject_uids(uid))), uid)
        groups = [group for group in groups_of(subject) if id_of(uid) in group.members]
        roots = {group.facts.id for group in groups}
        records = [each for each in own_records(subject, now=now) if each.id in roots]
        wishes = spread(wishes_of(hidden(asked_of(records))), groups)
        decide_many(draft, wishes=wishes, reason="reported as gone", context=DecisionContext(capacity="steward"))
