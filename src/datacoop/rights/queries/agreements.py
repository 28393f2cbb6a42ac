"""Reading contribution agreements, and the documents they are made of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from datacoop.charter.controller import controller, country_name, missing
from datacoop.charter.queries import Document, current, list_names, version
from datacoop.lib import french
from datacoop.rights.models.agreements import ContributionAgreement

AGREEMENT, TERMS, PRIVACY, ASSESSMENT, CLIENTS = DOCUMENTS = (
    "contribution-agreement",
    "participation-terms",
    "privacy-notice",
    "impact-assessment",
    "client-agreement",
)
#: The languages a document may ship in; the first is read by everybody else.
LANGUAGES = ("fr", "de", "it", "en")
_GAP = re.compile(r"\{(\w+)\}")


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
    ships = languages_of(name)
    chosen = f"{name}-{language if language in ships else ships[0]}"
    return _text(current(chosen) if number is None else version(chosen, number))


def languages_of(name: str) -> tuple[str, ...]:
    """Return the languages one of the documents ships in, the first for everybody else."""
    names = list_names()
    return tuple(each for each in LANGUAGES if f"{name}-{each}" in names)


def _text(found: Document) -> Text:
    text = cast(Mapping[str, Any], found.text)
    sections = [
        {**each, "paragraphs": [_filled(words, str(text["language"])) for words in each["paragraphs"]]}
        for each in text["sections"]
    ]
    return Text(str(text["title"]), str(text["language"]), found.version, found.sha256, sections)


def _filled(words: str, language: str) -> str:
    """A paragraph with who answers for the data; what nobody said yet stays open, in square brackets."""
    said = controller()
    lacking = missing()
    values = {
        "controller": "" if "CONTROLLER" in lacking else said.name,
        "address": ", ".join(said.address),
        "contact": said.contact,
        "phone": said.phone,
        "country": country_name(said.country, language),
    }
    filled = _GAP.sub(lambda gap: values[gap[1]] or "[…]", words)
    return french.spaced(filled) if language == "fr" else filled


def _facts(row: ContributionAgreement) -> AgreementFacts:
    return AgreementFacts(
        row.holder.uid, row.version, row.language, row.sha256, row.bases, row.signatory, row.signed_by, row.signed_at,
        row.paper_on, row.leaves, row.ended_at,
    )  # fmt: skip
