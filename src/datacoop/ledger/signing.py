"""The key that signs checkpoints and receipts: Ed25519, in the data folder, its public half for everybody.

Signatures are JWS (RFC 7515) with `alg` Ed25519 (RFC 9864); keys are named by their thumbprint (RFC 7638). What was
signed with a key that is no longer used stays verifiable: its public half lies in `signing.retired.json`.
"""

import json
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from datacoop.lib.files import write_once
from datacoop.lib.phrases import Phrase

ALGORITHM: Final = "Ed25519"
KEY_FILE, RETIRED_FILE = "signing.key", "signing.retired.json"


class KeyUnusable(RuntimeError):
    """The signing key cannot be read; the message says what to do."""


class NotSigned(ValueError):
    """Not a signature of ours, or not over these words; `fault` says which."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.fault = Phrase(key)


def make_key() -> None:
    """Put a key into the data folder unless one is there; `datacoop init` does it. Readable by its owner alone.

    Raises: KeyUnusable.
    """
    _own(settings.DATACOOP_DATA_DIR / KEY_FILE)


def sign(content: bytes, *, typ: str) -> str:
    """Return a compact JWS over `content`: the same for the same content and key. `typ` says what kind of thing it is.

    Raises: KeyUnusable.
    """
    key = _own(settings.DATACOOP_DATA_DIR / KEY_FILE)
    return jws.serialize_compact({"alg": ALGORITHM, "typ": typ, "kid": key.kid}, content, key, algorithms=[ALGORITHM])


def public_keys() -> dict[str, Any]:
    """Return the JSON Web Key Set (RFC 7517) to publish: the key in use first, then the retired ones.

    Makes no key: before anything is signed there may be none. Raises: KeyUnusable.
    """
    folder = settings.DATACOOP_DATA_DIR
    own = [_public(_own(folder / KEY_FILE))] if (folder / KEY_FILE).exists() else []
    return {"keys": [*own, *_retired(folder / RETIRED_FILE)]}


def signed_content(token: str, keys: Mapping[str, Any], *, typ: str) -> bytes:
    """Return what a compact JWS says, if one of `keys` (a set, or a single key) signed it as a `typ`.

    Raises: NotSigned.
    """
    try:
        known = KeySet.import_key_set({"keys": list(keys["keys"]) if "keys" in keys else [dict(keys)]})
        found = jws.deserialize_compact(token, known, algorithms=[ALGORITHM])
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotSigned("signature_unfit") from error
    if found.protected.get("typ") != typ:
        raise NotSigned("signed_otherwise")
    return bytes(found.payload or b"")


def forget_keys() -> None:
    """Read the files anew: after a restore, and between tests."""
    _read.cache_clear()


def _own(path: Path) -> OKPKey:
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = OKPKey.generate_key(ALGORITHM, auto_kid=True).as_dict(private=True)
            write_once(path, json.dumps({**fresh, "alg": ALGORITHM, "use": "sig"}))
        return _read(path, os.stat(path).st_mtime_ns)
    except OSError as error:
        raise KeyUnusable(f"{path} cannot be read or written ({error.strerror}): set DATACOOP_DATA_DIR.") from error


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> OKPKey:
    del changed  # part of what is remembered: another file is another key
    try:
        key = OKPKey.import_key(json.loads(path.read_text(encoding="ascii")))
    except (ValueError, JoseError) as error:
        raise KeyUnusable(f"{path} holds no signing key: restore it from your backup.") from error
    if not key.is_private or key.curve_name != ALGORITHM:
        raise KeyUnusable(f"{path} holds no private {ALGORITHM} key: restore it from your backup.")
    key.ensure_kid()
    return key


def _public(key: OKPKey) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": key.kid, "alg": ALGORITHM, "use": "sig"}


def _retired(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    try:
        keys = [OKPKey.import_key(each) for each in json.loads(path.read_text(encoding="utf-8"))["keys"]]
    except (ValueError, KeyError, TypeError, JoseError) as error:
        raise KeyUnusable(f"{path} is not a set of keys (RFC 7517): mend it or move it away.") from error
    for key in keys:
        key.ensure_kid()
    return [_public(key) for key in keys]
