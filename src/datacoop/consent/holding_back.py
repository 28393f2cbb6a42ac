"""Personal values held back after a restore without `withdrawals.log`, until a steward lets them go (decision 0031).

Nobody knows then what was withdrawn since the backup. Records about natural persons are restricted; of all others the
contacts, and what was marked as personal, are hidden beside what was decided, which stands and holds again afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from datacoop.consent.audiences import ensure_audiences
from datacoop.consent.models import Decision, Restriction
from datacoop.consent.replaying import audiences_decided, restrict_many
from datacoop.consent.rules import PUBLIC
from datacoop.kinds.definition import kind as kind_named
from datacoop.records.actions.revising import revision
from datacoop.records.resolving import Named, every_record, personal_properties
from datacoop.records.rules import is_natural

ACTOR = "restore:held"
GROUND = "restored"
_AT_ONCE = 200


def hold_back(*, now: datetime) -> int:
    """Hide every personal value from everybody and return how many records have some; repeatable."""
    ensure_audiences()
    held, waiting = 0, list[Named]()
    for record in every_record():
        waiting.append(record)
        if len(waiting) == _AT_ONCE:
            held += _hold(waiting, now)
            waiting = []
    return held + (_hold(waiting, now) if waiting else 0)


def is_holding_back() -> bool:
    """Whether personal values are still held back."""
    return _restrictions().exists() or _decisions().exists()


def let_go(*, now: datetime) -> int:
    """End what was held back and return of how many records: what was decided holds again. Repeatable."""
    count = 0
    while ids := _held()[:_AT_ONCE]:
        with revision(actor=ACTOR, now=now, why="restore confirmed") as draft:
            _decisions().filter(record_id__in=ids).update(end_revision=draft.number)
            _restrictions().filter(record_id__in=ids).update(end_revision=draft.number)
            draft.touch(*ids)
            draft.enter("consent.held_let_go", records=len(ids))
        count += len(ids)
    return count


def _held() -> list[int]:
    """Return some records of which something is held back."""
    found = list(_decisions().values_list("record_id", flat=True).distinct()[:_AT_ONCE])
    return found or list(_restrictions().values_list("record_id", flat=True).distinct()[:_AT_ONCE])


def _hold(records: Sequence[Named], now: datetime) -> int:
    natural = [r.id for r in records if is_natural(kind_named(r.kind))]
    others = [r for r in records if not is_natural(kind_named(r.kind))]
    marked = personal_properties([r.id for r in others])
    decided = audiences_decided([r.id for r in others])
    held = set(_decisions().filter(record_id__in=[r.id for r in others]).values_list("record_id", flat=True))
    with revision(actor=ACTOR, now=now, why="restore without withdrawals") as draft:
        if natural:
            restrict_many(draft, natural, ground=GROUND)
        hidden = [
            Decision(record_id=r.id, property=name, audience_id=audience, shows=False, valid_from=now, actor=ACTOR,
                     reason="restored without withdrawals.log", begin_revision=draft.number)
            for r in others
            if r.id not in held
            for name in sorted(_personal(r.kind) | marked.get(r.id, set()))
            for audience in sorted({PUBLIC, *decided.get(r.id, ())})
        ]  # fmt: skip
        Decision.objects.bulk_create(hidden, batch_size=500)
        draft.touch(*{each.record_id for each in hidden})
        draft.enter("consent.held_back", records=len(records))
    return len(natural) + len({each.record_id for each in hidden})


def _personal(kind: str) -> set[str]:
    return {p.name for p in kind_named(kind).properties if p.personal != "none"}


def _decisions() -> QuerySet[Decision]:
    return Decision.objects.filter(actor=ACTOR, end_revision__isnull=True)


def _restrictions() -> QuerySet[Restriction]:
    return Restriction.objects.filter(ground=GROUND, end_revision__isnull=True)
