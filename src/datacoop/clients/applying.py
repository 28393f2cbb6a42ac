"""A client applies: it says what it is and what it asks for, and signs the agreement. Nothing is open to it yet."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from datacoop.charter.queries import CharterError, version
from datacoop.clients.actions import ContactError, add_contact, check_contact
from datacoop.clients.models import Application
from datacoop.clients.rules import Asked, faults
from datacoop.consent.conditions import Conditions, ConditionsError, check_conditions
from datacoop.consent.hearing import shipped_terms
from datacoop.ledger.actions import append
from datacoop.records.actions.revising import take_writers_lock

#: What the charter calls the text that clients sign, in each language.
TEXT = "client-agreement"


class NotAcceptable(ValueError):
    """Something in the form is missing or asks for more than the terms; `field` says where."""

    def __init__(self, field: str, message: str = "") -> None:
        super().__init__(message or f"The field “{field}” is missing, or cannot be meant.")
        self.field = field


def apply(*, asked: Asked, applicant: int, now: datetime) -> str:
    """Keep a signed application for the stewards and return what it is called. Raises: NotAcceptable."""
    for field in faults(asked, terms=shipped_terms()):
        raise NotAcceptable(field)
    try:
        check_conditions(conditions_of(asked), terms=asked.terms)
        for each in asked.contacts:
            check_contact(email=each, language=asked.language)
        text = version(f"{TEXT}-{asked.language}", asked.text_version)
    except ConditionsError as error:
        raise NotAcceptable(error.code, str(error)) from error
    except (ContactError, CharterError) as error:
        raise NotAcceptable("contacts" if isinstance(error, ContactError) else "text", str(error)) from error
    with transaction.atomic():
        take_writers_lock()
        made = Application.objects.create(
            agreement=secrets.token_hex(8), name=asked.name.strip(), country=asked.country, regime=asked.regime,
            terms=asked.terms, purposes=" ".join(asked.purposes), properties=" ".join(asked.properties),
            retention_days=asked.retention_days, hours_to_erase=asked.hours_to_erase, live_only=asked.live_only,
            applicant=applicant, signatory=asked.signatory.strip(), text_version=text.version,
            text_language=asked.language, text_sha256=text.sha256, signed_at=now,
        )  # fmt: skip
        for each in asked.contacts:
            add_contact(agreement=made.agreement, email=each, language=asked.language)
        payload = {"agreement": made.agreement, "terms": asked.terms, "text": text.sha256}
        append(at=now, kind="client.applied", payload={**payload, "actor": f"account:{applicant}"})
    return made.agreement


def conditions_of(asked: Asked) -> Conditions:
    """Return what is signed below the terms."""
    return Conditions(
        country=asked.country,
        purposes=asked.purposes,
        properties=asked.properties,
        retention_days=asked.retention_days,
        hours_to_erase=asked.hours_to_erase,
        waits=True,
    )
