"""Checking what was proven: by the words of a proof and a published key alone, without a database. Reads nothing else.

A proof is JSON. `entry` is what stands in the chain; `openings` are the digests in it that its bearer may open: `key`
and `content`, whose HMAC-SHA-256 over the canonical form stands in the entry's `about`, or is a leaf of the subtree
whose root the entry holds (`inclusion`). SHA-256 over the canonical entry is the leaf of the tree over the chain;
`inclusion` leads from it to the root that `checkpoint` signs. Hashes are hex, paths are those of RFC 9162.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from datacoop.lib import merkle
from datacoop.lib.phrases import Phrase

from . import rules
from .signing import NotSigned, signed_content

FORM = "datacoop-proof/1"
CHECKPOINT_TYPE = "checkpoint+jws"


class Malformed(ValueError):
    """Not a proof at all, or one whose parts are not of their kind."""


def faults_of(proof: object, keys: Mapping[str, Any]) -> list[Phrase]:
    """Return one phrase for each thing in a proof that does not fit, none where all does.

    `keys` is a JSON Web Key Set, or one key: what the cooperative published.
    """
    try:
        return list(_faults(_mapping(proof), keys))
    except (Malformed, rules.UnfitPayload, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return [Phrase("proof_malformed")]


def statement_of(checkpoint: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a checkpoint says: `size`, `root`, `at`. Raises: signing.NotSigned; Malformed."""
    try:
        return _mapping(json.loads(signed_content(checkpoint, keys, typ=CHECKPOINT_TYPE)))
    except (ValueError, RecursionError) as error:
        if isinstance(error, NotSigned):
            raise
        raise Malformed("not a checkpoint") from error


def _faults(proof: Mapping[str, Any], keys: Mapping[str, Any]) -> Iterator[Phrase]:
    if proof["form"] != FORM:
        yield Phrase("proof_form")
        return
    entry = _mapping(proof["entry"])
    openings = list(proof["openings"])
    if not openings:
        yield Phrase("proof_opens_nothing")
    for number, opening in enumerate(openings, start=1):
        if not _is_open(_mapping(opening), _mapping(entry["payload"])):
            yield Phrase("proof_noted", {"number": number})
    leaf = merkle.leaf_hash(hashlib.sha256(rules.canonical(entry)).digest())
    inclusion = _mapping(proof["inclusion"])
    try:
        said = statement_of(proof["checkpoint"], keys)
    except NotSigned:
        yield Phrase("checkpoint_unfit")
        return
    if inclusion["index"] != _whole(entry["number"]) - 1 or inclusion["size"] != said["size"]:
        yield Phrase("proof_elsewhere")
    elif _root(leaf, inclusion) != said["root"]:
        yield Phrase("entry_unchained")


def _is_open(opening: Mapping[str, Any], payload: Mapping[str, Any]) -> bool:
    key = bytes.fromhex(opening["key"])
    digest = hmac.digest(key, rules.canonical(_mapping(opening["content"])), "sha256")
    if "subtree" not in payload:
        return digest.hex() in payload["about"]
    inclusion = _mapping(opening["inclusion"])
    if inclusion["size"] != payload["leaves"]:
        return False
    return bool(_root(merkle.leaf_hash(digest), inclusion) == payload["subtree"])


def _root(leaf: bytes, inclusion: Mapping[str, Any]) -> str | None:
    path: Sequence[bytes] = [bytes.fromhex(each) for each in inclusion["path"]]
    index, size = _whole(inclusion["index"]), _whole(inclusion["size"])
    found = merkle.root_by_inclusion(leaf, index=index, size=size, path=path)
    return None if found is None else found.hex()


def _mapping(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Malformed("not a whole proof")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed("not a whole proof")
    return value


def signed_in(text: str) -> str:
    """Return the signed checkpoint in a text: it is the text, or stands in the API's answer as `checkpoint`."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return str(found.get("checkpoint", "")) if isinstance(found, dict) else ""
