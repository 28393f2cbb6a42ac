"""Reading applications: for their applicant, for stewards, and what everybody may know of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from datacoop.clients.joining import list_joining as _joining
from datacoop.clients.models import Application, Contact
from datacoop.clients.rules import ANNOUNCED, OPEN, Asked


@dataclass(frozen=True)
class ApplicationFacts(Asked):
    """One application as whoever made it and stewards see it. `assents` are the stewards who approve so far."""

    agreement: str
    applicant: int
    signed_at: datetime
    state: str
    notice_until: datetime | None
    reason: str
    vote: str
    vote_at: str
    joins_at: datetime | None
    assents: tuple[int, ...]


def find_application(agreement: str) -> ApplicationFacts | None:
    """Return one by what its agreement is called."""
    row = Application.objects.filter(agreement=agreement).first()
    return facts_of(row) if row else None


def list_waiting() -> list[ApplicationFacts]:
    """Return what waits for stewards, the oldest first."""
    return _all(Application.objects.filter(state__in=(OPEN, ANNOUNCED)).order_by("signed_at", "pk"))


def list_announced() -> list[ApplicationFacts]:
    """Return what one steward approved and everybody may speak up about, the first to end first."""
    return _all(Application.objects.filter(state=ANNOUNCED).order_by("notice_until", "pk"))


def list_joining(*, now: datetime) -> list[ApplicationFacts]:
    """Return the clients that are about to join their class, the next first."""
    return _all(_joining(now=now))


def list_of(applicant: int) -> list[ApplicationFacts]:
    """Return what an account applied for, the newest first."""
    return _all(Application.objects.filter(applicant=applicant).order_by("-signed_at", "-pk"))


def contacts_of(agreement: str) -> list[tuple[str, str]]:
    """Return where a client is written to, with the language that is read there."""
    return list(Contact.objects.filter(agreement=agreement).order_by("pk").values_list("email", "language"))


def _all(rows: Iterable[Application]) -> list[ApplicationFacts]:
    return [facts_of(each) for each in rows]


def facts_of(a: Application) -> ApplicationFacts:
    """Return an application as it stands."""
    contacts = Contact.objects.filter(agreement=a.agreement).order_by("pk").values_list("email", flat=True)
    return ApplicationFacts(
        name=a.name, country=a.country, regime=a.regime, terms=a.terms, contacts=tuple(contacts),
        purposes=tuple(a.purposes.split()), properties=tuple(a.properties.split()), retention_days=a.retention_days,
        hours_to_erase=a.hours_to_erase, live_only=a.live_only, signatory=a.signatory, language=a.text_language,
        text_version=a.text_version, agreement=a.agreement, applicant=a.applicant, signed_at=a.signed_at,
        state=a.state, notice_until=a.notice_until, reason=a.reason, vote=a.vote, vote_at=a.vote_at,
        joins_at=a.joins_at, assents=tuple(each.steward for each in a.assents.order_by("pk")),
    )  # fmt: skip
