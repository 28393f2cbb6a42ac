"""Reports without an account: kept, settled with an answer, and emptied. Whoever writes always gets the same reply.

Whether a page, a representative or an address is known makes no difference here: a report is one row, whatever it is
about. What becomes of an accepted one is told by whoever settles it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from datacoop.accounts.queries import find_accounts, representatives_of
from datacoop.accounts.rules import REPRESENTING
from datacoop.consent.speaking import subject_uids
from datacoop.jobs.actions import enqueue
from datacoop.ledger.actions import append
from datacoop.post.mailing import Mail, send
from datacoop.records.actions.revising import take_writers_lock
from datacoop.records.erasers import Erasure
from datacoop.rights.actions.ruling import readers_of
from datacoop.rights.models.reports import Report
from datacoop.rights.rules.reports import ACCEPTED, DECLINED, GONE, KEEP_ADDRESS, KINDS, LONGEST_REASON
from datacoop.rights.wording import PHRASES

ANSWERED, ARRIVED, SWEEP = "rights.report_answered", "rights.report_arrived", "rights.sweep_reports"
RETIRED = "rights.report_retired"


class SettlingRefused(ValueError):
    """Somebody who reported something is told why nothing was changed: a reason is missing or too long."""


@dataclass(frozen=True)
class Written:
    """What a visitor reported; checked by `rules.reports.problems` before."""

    kind: str
    record_uid: UUID | None
    text: str
    email: str
    language: str
    cells: Mapping[str, object] = field(default_factory=dict)


def keep_report(*, written: Written, now: datetime) -> None:
    """Keep a report for whoever answers it. Raises: ValueError for a kind there is not."""
    if written.kind not in KINDS:
        raise ValueError(f"“{written.kind}” is no kind of report. Use one of: {', '.join(KINDS)}.")
    with transaction.atomic():
        row = _kept(written, now)
        enqueue(name=ARRIVED, payload={"number": row.pk}, due_at=now, now=now)


def tell_of_report(*, number: int, now: datetime) -> None:
    """Write to the representatives of the organisation a report is about that something waits. A job.

    What was written stands on their page alone. Where nobody represents it, the steward answers.
    """
    row = Report.objects.filter(pk=number, state="waiting", record_uid__isnull=False).first()
    for subject in sorted(subject_uids(row.record_uid)) if row and row.record_uid else ():
        page = f"{settings.DATACOOP_BASE_URL}/my/{subject}/correct"
        found = [one for scope in REPRESENTING for one in representatives_of(subject_uid=subject, scope=scope, now=now)]
        for each in {one.account_id: one for one in found}.values():
            text = PHRASES.say(each.language, "reports.arrived", page=page)
            send(Mail(each.email, PHRASES.say(each.language, "reports.arrived_subject"), text, each.language))


def _kept(written: Written, now: datetime) -> Report:
    return Report.objects.create(
        kind=written.kind, record_uid=written.record_uid, text=written.text, cells=dict(written.cells),
        email=written.email, language=written.language, created_at=now,
    )  # fmt: skip


def settle_report(*, number: int, accepted: bool, reason: str, actor: str, now: datetime) -> bool:
    """Settle a report that waits, empty it and let whoever left an address know; False if it was settled before.

    That something is gone is told to whoever it is about, too.

    The address stays until the answer has left, thirty days at the most (`sweep_reports`).

    Raises: SettlingRefused where one is declined without a reason.
    """
    reason = reason.strip()
    if len(reason) > LONGEST_REASON or not (accepted or reason):
        raise SettlingRefused("A reason is needed.")
    with transaction.atomic():
        take_writers_lock()
        waiting = Report.objects.filter(pk=number, state="waiting")
        settled = {"state": ACCEPTED if accepted else DECLINED, "settled_at": now, "settled_by": actor}
        if not waiting.update(**settled, reason=reason, text="", cells={}):
            return False
        append(at=now, kind="rights.report_settled", payload={"accepted": accepted, "actor": actor})
        if Report.objects.filter(pk=number).exclude(email="").exists():
            enqueue(name=ANSWERED, payload={"number": number}, due_at=now, now=now)
        if accepted and Report.objects.filter(pk=number, kind=GONE).exists():
            enqueue(name=RETIRED, payload={"number": number}, due_at=now, now=now)
    return True


def tell_of_retiring(*, number: int, now: datetime) -> None:
    """Write to whoever represents what was said to be gone, else to its address, that it is no longer shown. A job.

    Whoever accepted it for them knows.
    """
    row = Report.objects.filter(pk=number, state=ACCEPTED, kind=GONE).first()
    if row is None or row.record_uid is None:
        return
    sort, _, account = row.settled_by.partition(":")
    known = find_accounts([int(account)]) if sort == "account" and account.isdigit() else {}
    knows = {each.email for each in known.values()}
    for reader in readers_of(row.record_uid, now):
        if reader.email not in knows:
            text = PHRASES.say(reader.language, "reports.gone", address=reader.page)
            send(Mail(reader.email, PHRASES.say(reader.language, "reports.gone_subject"), text, reader.language))


def answer_report(*, number: int, now: datetime) -> None:
    """Write to whoever reported something what became of it, then forget the address. A job; may run twice."""
    row = Report.objects.filter(pk=number, settled_at__isnull=False).exclude(email="").first()
    if row is None:
        return
    text = PHRASES.say(row.language, f"reports.{row.state}", reason=row.reason)
    send(Mail(row.email, PHRASES.say(row.language, "reports.subject"), text, row.language))
    Report.objects.filter(pk=number).update(email="")


def sweep_reports(*, now: datetime) -> None:
    """Forget addresses that no answer reached within thirty days, and reports settled a year ago. A job."""
    settled = Report.objects.filter(settled_at__isnull=False)
    settled.filter(settled_at__lt=now - KEEP_ADDRESS).exclude(email="").update(email="")
    settled.filter(settled_at__lt=now - timedelta(days=365)).delete()


def forget(erasure: Erasure) -> None:
    """Remove the reports about somebody who is erased; inside the revision."""
    Report.objects.filter(record_uid__in=erasure.uids).delete()


def forget_naming(erasure: Erasure) -> None:
    """Remove the reports that somebody who is erased wrote or stands in."""
    kept = Report.objects.exclude(text="", email="", cells={}, reason="")
    found = [r.pk for r in kept.iterator() if erasure.traits.stand_in((r.text, r.email, r.reason, *_texts(r.cells)))]
    Report.objects.filter(pk__in=found).delete()


def _texts(cells: Mapping[str, object]) -> list[str]:
    found: list[str] = []
    for value in cells.values():
        found += [str(each) for each in value] if isinstance(value, list) else [str(value)]
    return found
