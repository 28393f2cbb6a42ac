"""Checks a receipt or a proof that somebody holds, by the published key alone: the database is not asked."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datacoop.cli.answers import FINDINGS, Refused, answer
from datacoop.consent.receipt_checks import faults_in, read_receipt
from datacoop.ledger.checking import faults_of
from datacoop.ledger.signing import KeyUnusable, public_keys
from datacoop.lib.phrases import Phrase, Phrases

LANGUAGES = ("en", "fr", "de", "it")
PHRASES = Phrases(Path(__file__).with_name("messages"), LANGUAGES)
_SHOWN = frozenset({"Given", "RenewedConsentGiven"})
_LONGEST = 50_000_000


def keys_from(path: Path | None) -> Mapping[str, Any]:
    """Return the published keys in a file (a JSON Web Key Set, or one key), or this installation's own.

    Raises: Refused.
    """
    if path is None:
        try:
            own = public_keys()
        except KeyUnusable as error:
            raise Refused(str(error)) from error
        if not own["keys"]:
            raise Refused("This installation has signed nothing: give the published keys with --keys FILE.")
        return own
    try:
        found = json.loads(read(path))
    except ValueError as error:
        raise Refused(f"{path} holds no key: save what stands at /.well-known/jwks.json.") from error
    if not isinstance(found, dict) or not ("keys" in found or "kty" in found):
        raise Refused(f"{path} holds no key: save what stands at /.well-known/jwks.json.")
    return found


def read(path: Path) -> str:
    """Return the text of a file that somebody gave. Raises: Refused."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror}).") from error
    if len(content) > _LONGEST:
        raise Refused(f"{path} is too large to be a receipt or a proof.")
    return content.decode("utf-8", "replace")


def reason(language: str, fault: Phrase) -> str:
    """Return why something does not hold, as one sentence."""
    values = {k: reason(language, v) if isinstance(v, Phrase) else v for k, v in fault.values.items()}
    return PHRASES.say(language, f"verify.faults.{fault.key}", **values)


def check_receipt(path: Path, keys: Mapping[str, Any], *, as_json: bool, language: str = "en") -> int:
    """Say whether a receipt holds, and what it says was decided; return the exit code."""
    token = read(path)
    faults = faults_in(token, keys)
    decided = [] if faults else _decided(read_receipt(token, keys))

    def line(each: Mapping[str, str]) -> str:
        status = "given" if each["status"] in _SHOWN else "withheld"
        what = each["property"] or PHRASES.say(language, "verify.everything")
        whom = PHRASES.say(language, "verify.everybody") if each["audience"] == "public" else each["audience"]
        said = {"status": PHRASES.say(language, f"verify.{status}"), "property": what, "audience": whom}
        return PHRASES.say(language, "verify.decided", at=each["at"], record=each["record"], **said)

    content = [{**each, "property": each["property"] or "everything"} for each in decided]
    return _told(
        "receipt", faults, {"decided": content}, [line(e) for e in decided], as_json=as_json, language=language
    )


def check_proof(path: Path, keys: Mapping[str, Any], *, as_json: bool, language: str = "en") -> int:
    """Say whether a proof holds, and of which entry; return the exit code."""
    try:
        proof = json.loads(read(path))
    except (ValueError, RecursionError):
        proof = None
    faults = faults_of(proof, keys)
    entry = {} if faults else {name: proof["entry"][name] for name in ("number", "at", "kind")}
    words = [PHRASES.say(language, "verify.entry", **entry)] if entry else []
    return _told("proof", faults, {"entry": entry}, words, as_json=as_json, language=language)


def _told(
    name: str, found: list[Phrase], content: dict[str, object], words: list[str], *, as_json: bool, language: str
) -> int:
    """Say what was checked, what it means, and what to do where it does not hold."""
    faults = [reason(language, each) for each in found]
    if faults:
        keys, lines = (f"verify.{name}_fails", "verify.fails_means", "verify.fails_do"), faults
    else:
        keys, lines = (f"verify.{name}_holds", f"verify.{name}_checked", f"verify.{name}_means"), words
    first, *explained = (PHRASES.say(language, key) for key in keys)
    said = "\n".join([first, *lines, *explained])
    answer({"holds": not faults, "faults": faults, **content}, words=said, as_json=as_json)
    return FINDINGS if faults else 0


def _decided(receipt: Mapping[str, Any]) -> list[dict[str, str]]:
    found = []
    for process in receipt["dpv:hasRecordOfActivity"]["dpv:hasProcess"]:
        for status in process["dpv:hasConsentStatus"]:
            found.append(
                {
                    "at": status["dpv:isIndicatedAtTime"],
                    "status": status["@type"][0].removeprefix("dpv:Consent").removeprefix("dpv:"),
                    "record": process["dc:decided"]["record"],
                    "property": process["dc:decided"]["property"],
                    "audience": process["dc:decided"]["audience"],
                }
            )
    return found
