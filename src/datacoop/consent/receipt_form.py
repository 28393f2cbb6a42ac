"""The form of a receipt: JSON-LD in the words of DPV, as its guide to ISO/IEC TS 27560:2023 has it. Reads no table.

https://w3id.org/dpv/guides/consent-27560. One process for each thing decided; what happened to it since stands there
too. Swiss law has no words in DPV: ours stand under `dc`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from datacoop.charter.queries import current
from datacoop.consent.hearing import shipped_terms
from datacoop.consent.queries import AgreementFacts, list_agreements
from datacoop.consent.rules import DecisionContext
from datacoop.consent.statuses import GIVEN, RENEWED, UNKNOWN, Status
from datacoop.kinds.definition import kind as kind_named
from datacoop.ledger.rules import instant
from datacoop.records.rules import is_natural

Part = dict[str, object]
CONFORMS = "https://w3id.org/dpv/schema/dpv-27560#"
CONTEXT: Part = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "loc": "https://w3id.org/dpv/loc#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "dct": "http://purl.org/dc/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "schema": "https://schema.org/",
}
_PERSONAL = {
    "email": "pd:EmailAddress",
    "phone": "pd:TelephoneNumber",
    "address": "pd:PhysicalAddress",
    "name": "pd:Name",
    "birth_date": "pd:BirthDate",
}
_PURPOSES = {
    "directory": "dpv:PublicBenefit",
    "agenda": "dpv:PublicBenefit",
    "volunteering": "dpv:PublicBenefit",
    "civic-service": "dpv:ImprovePublicServices",
    "statistics": "dpv:ProvideOfficialStatistics",
    "membership": "dpv:MemberPartnerManagement",
    "message": "dpv:DirectMarketing",
}
#: What is public, and what cooperators see, is shown for, by kind; a directory for all others.
_SHOWN_FOR = {"activity": "agenda", "need": "volunteering", "offer": "volunteering"}
_INDICATED_BY = {
    "subject": "dpv:DataSubject",
    "representative": "dc:Representative",
    "guardian": "dpv:GuardianOfDataSubject",
    "steward": "dc:Steward",
}


@dataclass(frozen=True)
class Controller:
    """Who answers for the data: what the cooperative says of itself. `country` is where it is stored (ISO 3166)."""

    base_url: str
    name: str
    address: str
    contact: str
    country: str


@dataclass(frozen=True)
class Word:
    """One thing decided: of a record, a property (empty: all of it), for an audience, and what became of it since.

    `shows` None: the word before was taken back.
    """

    record: UUID
    kind: str
    property: str
    audience: str
    context: DecisionContext
    statuses: tuple[Status, ...]
    shows: bool | None = None
    until: datetime | None = None
    purpose: str = ""


@dataclass(frozen=True)
class Facts:
    """All that a receipt tells: what was decided in one revision about one subject, and the proofs of it."""

    subject: UUID
    revision: int
    controller: Controller
    words: tuple[Word, ...]
    proofs: tuple[Mapping[str, object], ...]
    now: datetime


def receipt_of(facts: Facts) -> Part:
    """Return the receipt as plain JSON values."""
    base = facts.controller.base_url
    address = f"{base}/my/{facts.subject}/receipts/{facts.revision}"
    number = uuid5(NAMESPACE_URL, f"{address}#{instant(facts.now)}")
    return {
        "@context": {**CONTEXT, "dc": f"{base}/ns#"},
        "@id": f"urn:uuid:{number}",
        "@type": "dpv:ConsentReceipt",
        "dct:identifier": str(number),
        "dct:conformsTo": f"{CONFORMS}receipt",
        "dct:created": instant(facts.now),
        "dct:publisher": base,
        "dpv:hasRecordOfActivity": _record(facts, uuid5(NAMESPACE_URL, address)),
        "dc:proof": [dict(each) for each in facts.proofs],
    }


def _record(facts: Facts, number: UUID) -> Part:
    base, natural = facts.controller.base_url, any(is_natural(kind_named(each.kind)) for each in facts.words)
    laws = ["dc:LPD", "eu-gdpr:GDPR"] if natural else ["dc:CC-28", "dc:Statutes"]
    return {
        "@id": f"urn:uuid:{number}",
        "@type": "dpv:ConsentRecord",
        "dct:identifier": str(number),
        "dct:conformsTo": f"{CONFORMS}record",
        "dpv:hasDataSubject": {"@id": f"urn:uuid:{facts.subject}", "dct:identifier": str(facts.subject)},
        "dpv:hasDataController": _controller(facts.controller),
        "dpv:hasJurisdiction": f"loc:{facts.controller.country}",
        "dpv:hasApplicableLaw": laws,
        "dpv:hasLegalBasis": "eu-gdpr:A6-1-a" if natural else "dc:Statutes",
        "dpv:hasConsentControl": {
            "@type": ["dpv:ProvideConsent", "dpv:WithdrawConsent"],
            "dpv:isExercisedAt": f"{base}/my/{facts.subject}/",
        },
        "dpv:hasProcess": [_process(each, facts) for each in facts.words],
    }


def _controller(said: Controller) -> Part:
    return {
        "@id": said.base_url,
        "@type": "dpv:DataController",
        "dct:identifier": said.base_url,
        "dpv:hasName": said.name,
        "dpv:hasAddress": said.address,
        "dpv:hasContact": said.contact,
        "dc:partyType": "dpv:NonProfitOrganisation",
    }


def _process(word: Word, facts: Facts) -> Part:
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": [
            {"@id": f"dc:purpose/{each}", "skos:broader": _PURPOSES.get(each, "dpv:Purpose")}
            for each in _purposes(word)
        ],
        "dpv:hasPersonalData": [_data(word)],
        "dpv:hasRecipient": [_recipient(word.audience, facts.controller.country)],
        "dpv:hasStorageCondition": [
            {"@type": "dpv:StorageLocation", "dpv:hasLocation": f"loc:{facts.controller.country}"},
            *_retention(word.audience),
        ],
        "dpv:hasNotice": _notice(word.context),
        "dpv:hasConsentStatus": [_status(each, word.context) for each in word.statuses],
        "dc:decided": {
            "record": str(word.record),
            "property": word.property,
            "audience": word.audience,
            "shows": word.shows,
            "until": word.until.astimezone(UTC).isoformat() if word.until else "",
        },
    }


def _purposes(word: Word) -> list[str]:
    if word.purpose:
        return [word.purpose]
    terms = _terms(word.audience)
    if terms is None:
        return [_SHOWN_FOR.get(word.kind, "directory")]
    return list(terms.purposes)


def _data(word: Word) -> Part:
    kind = kind_named(word.kind)
    broader = "dpv:PersonalData" if is_natural(kind) else "dpv:Data"
    if word.property:
        prop = kind.property(word.property)
        broader = _PERSONAL.get(prop.type) or _PERSONAL.get(prop.name) or broader
    return {
        "@id": f"dc:property/{word.kind}/{word.property or 'all'}",
        "skos:broader": broader,
        "dct:identifier": f"urn:uuid:{word.record}",
        "dpv:hasNecessity": "dpv:Optional",
    }


def _recipient(audience: str, here: str) -> Part:
    sort, _, name = audience.partition(":")
    told: Part = {"@id": f"dc:audience/{audience}", "@type": "dpv:Recipient", "dct:identifier": audience}
    if sort == "public":
        return told | {"@type": "dpv:Recipient", "dpv:hasName": "Everybody"}
    if sort == "agreement":
        signed = _signed(name)
        told |= {"@type": "dpv:ThirdParty", "dpv:hasName": signed.name if signed else name}
        return told | {"dpv:hasLocation": f"loc:{_country(signed, here)}"}
    if sort == "terms":
        return told | {"@type": "dpv:ThirdParty", "dpv:hasName": f"Whoever signed the terms {name}"}
    return told | {"dpv:hasName": "Members of the cooperative"}


def _retention(audience: str) -> list[Part]:
    terms = _terms(audience)
    if terms is None:
        return [{"@type": "dpv:StorageDuration", "dpv:hasDuration": "dpv:UntilEventDuration", "dc:until": "withdrawal"}]
    return [
        {"@type": "dpv:StorageDuration", "dpv:hasDuration": f"P{terms.retention_days}D"},
        {"@type": "dpv:StorageDeletion", "dpv:hasDuration": f"PT{terms.hours_to_erase}H"},
    ]


@dataclass(frozen=True)
class _Terms:
    purposes: tuple[str, ...]
    retention_days: int
    hours_to_erase: int


def _terms(audience: str) -> _Terms | None:
    """What a client signed, or what every client of a class signs."""
    sort, _, name = audience.partition(":")
    signed = _signed(name) if sort == "agreement" else None
    if signed is not None:
        return _Terms(signed.purposes, signed.retention_days, signed.hours_to_erase)
    shipped = shipped_terms().get(name) if sort == "terms" else None
    if shipped is None:
        return None
    purposes = shipped["purposes"]
    named = tuple(map(str, purposes)) if isinstance(purposes, list) else (str(purposes),)
    return _Terms(named, int(str(shipped["retention_days"])), int(str(shipped["hours_to_erase"])))


def _signed(uid: str) -> AgreementFacts | None:
    return next((each for each in list_agreements() if each.uid == uid), None)


def _country(signed: AgreementFacts | None, here: str) -> str:
    """A client that nobody asked is where the cooperative keeps its data: the first ones were all signed there."""
    return (signed.country if signed else "") or here


def _notice(context: DecisionContext) -> Part:
    """The text that was shown; where none is known, the rules that are in force, and that it is them."""
    if context.notice_sha256:
        told: Part = {"dct:identifier": context.notice_version, "dc:sha256": context.notice_sha256, "dc:shown": True}
    else:
        rules = current("default-policy")
        told = {"dct:identifier": f"{rules.name}.{rules.version}", "dc:sha256": rules.sha256, "dc:shown": False}
    return {"@type": "dpv:ConsentNotice", "dct:language": context.language or "und", **told}


def _status(each: Status, context: DecisionContext) -> Part:
    """One event. How it was given is told of the first, which the receipt is for; later ones have their own.

    What a steward entered is never called expressed by the subject; where nobody said how it came, nor given.
    """
    is_entered = context.capacity == "steward"
    types = [f"dpv:{each.status}"]
    if each.status in (GIVEN, RENEWED):
        if not is_entered:
            types.append("dpv:ExpressedConsent")
        elif not context.method:
            types = [f"dpv:{UNKNOWN}"]
    told: Part = {
        "@type": types,
        "dpv:isIndicatedAtTime": instant(each.at),
        "dct:valid": {"dc:from": instant(each.at), "dc:until": instant(each.until) if each.until else "withdrawal"},
    }
    if each.revision is None:
        return told | {"dpv:hasIndicationMethod": "time passed"}
    told |= {
        "dc:revision": each.revision,
        "dpv:isIndicatedBy": _INDICATED_BY[context.capacity or "subject"],
        "dc:capacity": context.capacity or "subject",
        "dpv:hasIndicationMethod": context.method or "unknown",
    }
    return told | {"dc:enteredBy": "dc:Steward", "dc:onBehalfOf": "dpv:DataSubject"} if is_entered else told
