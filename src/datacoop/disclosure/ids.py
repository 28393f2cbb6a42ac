"""Ids as clients see them: of records that are not public each client has its own, so that views cannot be joined."""

from __future__ import annotations

import uuid

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


class ClientIds:
    """One AES block under the agreement's key turns a uid into this client's id and back."""

    def __init__(self, key: bytes) -> None:
        """Prepare the cipher: a single block of random bits needs no mode beyond ECB."""
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 -- one block, see above

    def of(self, uid: str) -> str:
        """Return the client's id of a uid."""
        encryptor = self._cipher.encryptor()
        return str(uuid.UUID(bytes=encryptor.update(uuid.UUID(uid).bytes) + encryptor.finalize()))

    def uid(self, client_id: str) -> uuid.UUID:
        """Return the uid behind a client's id."""
        decryptor = self._cipher.decryptor()
        return uuid.UUID(bytes=decryptor.update(uuid.UUID(client_id).bytes) + decryptor.finalize())

    def splice(self, body: bytes, private: str) -> bytes:
        """Return a stored body with its private uids (comma-separated in `private`) replaced."""
        for uid in private.split(","):
            body = body.replace(uid.encode(), self.of(uid).encode())
        return body
