"""Checking a receipt with a published key alone: the signature, and that the ledger holds what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from datacoop.ledger.checking import faults_of
from datacoop.ledger.signing import NotSigned, signed_content
from datacoop.lib.phrases import Phrase

TYPE = "consent-receipt+jws"
_MALFORMED = "receipt_malformed"


def read_receipt(token: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a receipt says, once its signature fits. Raises: ledger.signing.NotSigned."""
    try:
        found = json.loads(signed_content(token.strip(), keys, typ=TYPE))
    except NotSigned:
        raise
    except (ValueError, RecursionError) as error:
        raise NotSigned(_MALFORMED) from error
    if not isinstance(found, dict):
        raise NotSigned(_MALFORMED)
    return found


def faults_in(token: str, keys: Mapping[str, Any]) -> list[Phrase]:
    """Return a phrase for each thing in a receipt that does not fit, none where all does.

    `keys` is the JSON Web Key Set that the cooperative published.
    """
    try:
        return list(_faults(read_receipt(token, keys), keys))
    except NotSigned as error:
        return [error.fault]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return [Phrase(_MALFORMED)]


def _faults(said: Mapping[str, Any], keys: Mapping[str, Any]) -> Iterator[Phrase]:
    if said["@type"] != "dpv:ConsentReceipt":
        yield Phrase("receipt_otherwise")
        return
    proofs = said["dc:proof"]
    if not proofs:
        yield Phrase("receipt_unproven")
    noted: dict[str, set[str]] = {}
    for number, proof in enumerate(proofs, start=1):
        faults = [Phrase("receipt_proof", {"number": number, "fault": each}) for each in faults_of(proof, keys)]
        yield from faults
        for opening in () if faults else proof["openings"]:
            noted.setdefault(_spelled(opening["content"]), set()).add(proof["entry"]["at"])
    for number, process in enumerate(said["dpv:hasRecordOfActivity"]["dpv:hasProcess"], start=1):
        times = noted.get(_spelled(process["dc:decided"]))
        if times is None:
            yield Phrase("decision_not_noted", {"number": number})
        elif process["dpv:hasConsentStatus"][0]["dpv:isIndicatedAtTime"] not in times:
            yield Phrase("decision_other_time", {"number": number})


def _spelled(content: object) -> str:
    return json.dumps(content, sort_keys=True)
