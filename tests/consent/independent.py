"""A verifier written from the standards alone (RFC 9162, 7515, 8037, 8785), without a line of the house."""

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _canonical(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def signed(token: str, keys: dict[str, Any], typ: str) -> dict[str, Any] | None:
    """What a compact JWS says, None where no key of the set signed it."""
    head, body, signature = token.split(".")
    header = json.loads(_decoded(head))
    assert header["alg"] in {"EdDSA", "Ed25519"}
    for key in keys["keys"]:
        if key["kid"] == header["kid"] and header["typ"] == typ:
            try:
                Ed25519PublicKey.from_public_bytes(_decoded(key["x"])).verify(
                    _decoded(signature), f"{head}.{body}".encode()
                )
            except InvalidSignature:
                return None
            found: dict[str, Any] = json.loads(_decoded(body))
            return found
    return None


def root(leaf: bytes, index: int, size: int, path: list[str]) -> str:
    """RFC 9162, 2.1.3.2, from the top: the tree of `size` leaves splits at the largest power of two below it."""
    if size == 1:
        assert not path, "The path is too long."
        return leaf.hex()
    split = 1
    while split * 2 < size:
        split *= 2
    *below, last = path
    if index < split:
        left, right = bytes.fromhex(root(leaf, index, split, below)), bytes.fromhex(last)
    else:
        left, right = bytes.fromhex(last), bytes.fromhex(root(leaf, index - split, size - split, below))
    return hashlib.sha256(b"\x01" + left + right).hexdigest()


def holds(proof: dict[str, Any], keys: dict[str, Any]) -> bool:
    """Whether a proof holds: every digest opened, in the entry or its subtree, the entry under the checkpoint."""
    checkpoint = signed(proof["checkpoint"], keys, "checkpoint+jws")
    if checkpoint is None:
        return False
    payload = proof["entry"]["payload"]
    for opening in proof["openings"]:
        digest = hmac.new(bytes.fromhex(opening["key"]), _canonical(opening["content"]), hashlib.sha256).digest()
        if "subtree" in payload:
            way = opening["inclusion"]
            leaf = hashlib.sha256(b"\x00" + digest).digest()
            if way["size"] != payload["leaves"]:
                return False
            if root(leaf, way["index"], way["size"], way["path"]) != payload["subtree"]:
                return False
        elif digest.hex() not in payload["about"]:
            return False
    leaf = hashlib.sha256(b"\x00" + hashlib.sha256(_canonical(proof["entry"])).digest()).digest()
    way = proof["inclusion"]
    fits = way["index"] == proof["entry"]["number"] - 1 and way["size"] == checkpoint["size"]
    return fits and root(leaf, way["index"], way["size"], way["path"]) == checkpoint["root"]
