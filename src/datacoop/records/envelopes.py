"""Per-subject envelopes: values about natural persons are stored sealed, and die with their key.

Sealing is AES-256-GCM (NIST SP 800-38D) under a random key for each subject; that key is wrapped by one derived from
the secret key of the installation.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Collection, Iterable, Sequence
from functools import cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from datacoop.lib.sql import placeholders, select
from datacoop.records.models import Envelope, Record, Statement

#: How the original of a statement begins that lies in its subject's envelope: contacts were taken out of the value.
SEALED = "sealed:"
_NONCE = 12


@cache
def _digesting(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"datacoop digest", "sha256")


def _derived(purpose: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), b"datacoop " + purpose.encode(), "sha256")


def digest(*parts: str) -> bytes:
    """Return the keyed digest (HMAC-SHA-256, 16 bytes) under which contacts are compared without being readable."""
    return hmac.digest(_digesting(settings.SECRET_KEY), "\x1f".join(parts).encode(), "sha256")[:16]


def seal_alone(plain: bytes, *, about: bytes) -> tuple[bytes, bytes]:
    """Return a fresh key, wrapped, and `plain` sealed under it: destroying the wrapped key erases this alone.

    `about` is bound to both: neither opens anything beside what it was made for.
    """
    key = AESGCM.generate_key(256)
    return _encrypted(AESGCM(_derived("alone")), key, about), _encrypted(AESGCM(key), plain, about)


def open_alone(wrapped: bytes, sealed: bytes, *, about: bytes) -> bytes:
    """Return what `seal_alone` sealed."""
    key = _decrypted(AESGCM(_derived("alone")), wrapped, about)
    return _decrypted(AESGCM(key), sealed, about)


def _encrypted(cipher: AESGCM, plain: bytes, about: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + cipher.encrypt(nonce, plain, about)


def _decrypted(cipher: AESGCM, sealed: bytes, about: bytes) -> bytes:
    return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], about)


def sweep(subjects: Collection[int]) -> None:
    """Remove the envelopes in which nothing lies (any more): a contribution was abandoned."""
    every = list(subjects)
    for start in range(0, len(every), 500):
        _sweep(every[start : start + 500])


def _sweep(part: Sequence[int]) -> None:
    with transaction.atomic():
        lying = Q(sealed__isnull=False) | Q(original__startswith=SEALED)
        own = Statement.objects.filter(lying, record_id__in=part).values_list("record_id", flat=True)
        # What is said of a person's roles lies in the person's envelope.
        persons = Record.objects.filter(id__in=part, kind="person").values_list("id", flat=True)
        Envelope.objects.filter(subject_id__in=set(part) - set(own) - set(persons)).delete()


class Envelopes:
    """The envelopes of some subjects, loaded at once. Missing ones are made on the first seal."""

    def __init__(self, subjects: Iterable[int]) -> None:
        """Load the keys of `subjects`; an erased subject simply has none."""
        self._master = AESGCM(_derived("envelopes"))
        self._ciphers: dict[int, AESGCM] = {}
        self._load(set(subjects))

    def ensure(self, subjects: Iterable[int]) -> None:
        """Make the missing envelopes of many subjects at once."""
        missing = sorted(set(subjects) - self._ciphers.keys())
        if missing:
            fresh = [Envelope(subject_id=subject, wrapped=self._wrapped(subject)) for subject in missing]
            Envelope.objects.bulk_create(fresh, ignore_conflicts=True)
            self._load(missing)

    def seal(self, subject: int, plain: bytes) -> bytes:
        """Return `plain` sealed for `subject`, making and storing its key where there is none yet."""
        if subject not in self._ciphers:
            self.ensure([subject])
        nonce = os.urandom(_NONCE)
        return nonce + self._ciphers[subject].encrypt(nonce, plain, None)

    def opened(self, subject: int, sealed: bytes) -> bytes | None:
        """Return the plain value, or None where the subject's key was destroyed."""
        cipher = self._ciphers.get(subject)
        return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None) if cipher else None

    def _load(self, subjects: Collection[int]) -> None:
        every = list(subjects)
        for start in range(0, len(every), 500):
            part = every[start : start + 500]
            sql = f"SELECT subject_id, wrapped FROM records_envelope WHERE subject_id IN ({placeholders(part)})"
            for subject, wrapped in select(sql, part):
                self._ciphers[subject] = AESGCM(self._unwrapped(subject, bytes(wrapped)))

    def _wrapped(self, subject: int) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._master.encrypt(nonce, AESGCM.generate_key(256), str(subject).encode())

    def _unwrapped(self, subject: int, wrapped: bytes) -> bytes:
        return self._master.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], str(subject).encode())
