"""Reading contribution agreements, and the documents they are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from datacoop.charter.queries import Document, current, list_names, version
from datacoop.rights.models.agreements import ContributionAgreement

AGREEMENT, TERMS, PRIVACY, ASSESSMENT = DOCUMENTS = (
    "contribution-agreement",
    "participation-terms",
    "privacy-notice",
    "impact-assessment",
)
#: The languages the documents ship in; the first is read by everybody else.
LANGUAGES = ("fr", "de")


@dataclass(frozen=True)
class AgreementFacts:
    """One signed agreement. `paper_on` is the date on the paper a steward keeps, None where it was signed here."""

    holder_uid: UUID
    version: int
    language: str
    sha256: str
    bases: Mapping[str, str]
    signatory: str
    signed_by: str
    signed_at: datetime
    paper_on: date | None
    leaves: str
    ended_at: datetime | None


@dataclass(frozen=True)
class Text:
    """One document as it is read: a heading with its paragraphs, in order."""

    title: str
    language: str
    version: int
    sha256: str
    sections: Sequence[Mapping[str, Any]]


def find_agreement(holder: UUID) -> AgreementFacts | None:
    """Return the agreement in force with a holder."""
    row = ContributionAgreement.objects.select_related("holder").filter(holder__uid=holder, ended_at=None).first()
    return _facts(row) if row else None


def has_agreement(holder: UUID) -> bool:
    """Return whether a holder signed, and did not leave."""
    return ContributionAgreement.objects.filter(holder__uid=holder, ended_at=None).exists()


def list_agreements(holder: UUID) -> list[AgreementFacts]:
    """Return every agreement a holder ever signed, newest first."""
    rows = ContributionAgreement.objects.select_related("holder").filter(holder__uid=holder)
    return [_facts(row) for row in rows.order_by("-pk")]


def find_text(name: str, language: str, number: int | None = None) -> Text | None:
    """Return a document in a language, else in the first; the newest version unless one is named. None: no such."""
    if name not in DOCUMENTS:
        return None
    chosen = f"{name}-{language if language in LANGUAGES else LANGUAGES[0]}"
    if chosen not in list_names():
        return None
    return _text(current(chosen) if number is None else version(chosen, number))


def _text(found: Document) -> Text:
    text = cast(Mapping[str, Any], found.text)
    return Text(str(text["title"]), str(text["language"]), found.version, found.sha256, text["sections"])


def _facts(row: ContributionAgreement) -> AgreementFacts:
    return AgreementFacts(
        row.holder.uid, row.version, row.language, row.sha256, row.bases, row.signatory, row.signed_by, row.signed_at,
        row.paper_on, row.leaves, row.ended_at,
    )  # fmt: skip
