"""Checking a receipt with a published key alone: the signature, and that the ledger holds what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from datacoop.ledger.checking import faults_of
from datacoop.ledger.signing import NotSigned, signed_content

TYPE = "consent-receipt+jws"
_MALFORMED = "This is signed, but it is not a whole receipt."


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


def faults_in(token: str, keys: Mapping[str, Any]) -> list[str]:
    """Return a plain sentence for each thing in a receipt that does not fit, none where all does.

    `keys` is the JSON Web Key Set that the cooperative published.
    """
    try:
        return list(_faults(read_receipt(token, keys), keys))
    except NotSigned as error:
        return [str(error)]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return [_MALFORMED]


def _faults(said: Mapping[str, Any], keys: Mapping[str, Any]) -> Iterator[str]:
    if said["@type"] != "dpv:ConsentReceipt":
        yield "This is signed, but it is not a receipt of a decision."
        return
    proofs = said["dc:proof"]
    if not proofs:
        yield "The receipt holds no proof from the chain of entries."
    noted: dict[str, set[str]] = {}
    for number, proof in enumerate(proofs, start=1):
        faults = [f"Proof {number}: {each}" for each in faults_of(proof, keys)]
        yield from faults
        for opening in () if faults else proof["openings"]:
            noted.setdefault(_spelled(opening["content"]), set()).add(proof["entry"]["at"])
    for number, process in enumerate(said["dpv:hasRecordOfActivity"]["dpv:hasProcess"], start=1):
        times = noted.get(_spelled(process["dc:decided"]))
        if times is None:
            yield f"Decision {number} of the receipt is not what was noted in the chain of entries."
        elif process["dpv:hasConsentStatus"][0]["dpv:isIndicatedAtTime"] not in times:
            yield f"Decision {number} of the receipt was noted at another time than it says."


def _spelled(content: object) -> str:
    return json.dumps(content, sort_keys=True)
