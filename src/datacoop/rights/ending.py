"""What ends in this room that is no record, how it is found alive in an old backup, and ends again (decision 0037).

Links and letter codes, contribution agreements, logos, claims and removals that were objected to, refused or taken
back. What had waited its week rests until a steward looks at it: no old backup lets anybody in. A reminder that left
leaves no second time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from datacoop.lib.sql import in_parts
from datacoop.records.endings import Ending, register
from datacoop.rights.models.agreements import ContributionAgreement
from datacoop.rights.models.claims import Claim, Removal
from datacoop.rights.models.links import Link
from datacoop.rights.models.logos import Logo
from datacoop.rights.models.notices import Notice
from datacoop.rights.rules import endings
from datacoop.rights.rules.claims import FROZEN, OPEN, RUNNING, WAITING, WITHDRAWN

BY = "restore"


def register_endings() -> None:
    """Say how each ends again."""
    register(endings.LINK, Ending(_alive_links, _end_links, _revive_links))
    register(endings.AGREEMENT, Ending(_alive_agreements, _end_agreements, _revive_agreements))
    register(endings.LOGO, Ending(_alive_logos, _end_logos))
    register(endings.CLAIM, Ending(_alive_claims, _end_claims, _revive_claims))
    register(endings.REMINDER, Ending(_reminders_to_come, _remind_no_more))
    register(endings.REMOVAL, Ending(_alive_removals, _end_removals, _revive_removals))


def _alive_links() -> Iterator[tuple[str, str]]:
    numbers = Link.objects.filter(ended_at__isnull=True).order_by("pk").values_list("pk", flat=True)
    return ((str(number), "") for number in numbers.iterator())


def _end_links(keys: Collection[str], _until: datetime, now: datetime) -> int:
    rows = Link.objects.filter(ended_at__isnull=True)
    return sum(rows.filter(pk__in=part).update(ended_at=now) for part in _parts(keys))


def _revive_links(states: Mapping[str, str]) -> None:
    for part in _parts(states):
        Link.objects.filter(pk__in=part).update(ended_at=None)


def _alive_agreements() -> Iterator[tuple[str, str]]:
    for number in ContributionAgreement.objects.filter(ended_at__isnull=True).values_list("pk", flat=True):
        yield str(number), ""


def _end_agreements(keys: Collection[str], _until: datetime, now: datetime) -> int:
    rows = ContributionAgreement.objects.filter(ended_at__isnull=True)
    return sum(rows.filter(pk__in=part).update(ended_at=now, ended_by=BY) for part in _parts(keys))


def _revive_agreements(states: Mapping[str, str]) -> None:
    for part in _parts(states):
        ContributionAgreement.objects.filter(pk__in=part).update(ended_at=None, ended_by="")


def _alive_logos() -> Iterator[tuple[str, str]]:
    for holder, sha256 in Logo.objects.values_list("holder_id", "sha256"):
        yield endings.logo_key(holder, sha256), ""


def _end_logos(keys: Collection[str], _until: datetime, _now: datetime) -> int:
    holders = [key.partition(" ")[0] for key in keys]
    return sum(Logo.objects.filter(holder_id__in=part).delete()[0] for part in _parts(holders))


def _alive_claims() -> Iterator[tuple[str, str]]:
    for number, state in Claim.objects.filter(state__in=RUNNING).values_list("pk", "state"):
        yield str(number), state


def _end_claims(keys: Collection[str], _until: datetime, now: datetime) -> int:
    count = 0
    for part in _parts(keys):
        rows = Claim.objects.filter(pk__in=part)
        count += rows.filter(state=OPEN).update(state=WITHDRAWN, settled_at=now, settled_by=BY)
        count += rows.filter(state=WAITING).update(state=FROZEN, frozen_at=now)
    return count


def _revive_claims(states: Mapping[str, str]) -> None:
    for key, state in states.items():
        rows = Claim.objects.filter(pk=int(key))
        if state == OPEN:
            rows.filter(state=WITHDRAWN, settled_by=BY).update(state=OPEN, settled_at=None, settled_by="")
        elif state == WAITING:
            rows.filter(state=FROZEN).update(state=WAITING, frozen_at=None)


def _alive_removals() -> Iterator[tuple[str, str]]:
    for number, state in Removal.objects.filter(state__in=(WAITING, FROZEN)).values_list("pk", "state"):
        yield str(number), state


def _end_removals(keys: Collection[str], _until: datetime, now: datetime) -> int:
    rows = Removal.objects.filter(state=WAITING)
    return sum(rows.filter(pk__in=part).update(state=FROZEN, objected_at=now) for part in _parts(keys))


def _revive_removals(states: Mapping[str, str]) -> None:
    waited = [key for key, state in states.items() if state == WAITING]
    for part in _parts(waited):
        Removal.objects.filter(pk__in=part, state=FROZEN).update(state=WAITING, objected_at=None)


def _reminders_to_come() -> Iterator[tuple[str, str]]:
    rows = Notice.objects.filter(reminded_at=None).order_by("pk").values_list("pk", "generation")
    return ((endings.reminder_key(number, generation), "") for number, generation in rows.iterator())


def _remind_no_more(keys: Collection[str], _until: datetime, now: datetime) -> int:
    """Whoever was reminded once is not again: the keys are of this generation, or they would not be to come."""
    numbers = [key.partition(" ")[0] for key in keys]
    rows = Notice.objects.filter(reminded_at=None)
    return sum(rows.filter(pk__in=part).update(reminded_at=now) for part in _parts(numbers))


def _parts(keys: Iterable[str]) -> Iterator[Sequence[int]]:
    return in_parts(sorted(int(key) for key in keys))
