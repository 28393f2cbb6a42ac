"""A claim's code that somebody typed before they were asked who they are: kept for them, sealed, until they are back.

In the session alone, never in an address; for a quarter of an hour, and nowhere once it was used. It decides nothing
by itself: the form comes back filled in, and they press its button.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest

from datacoop.accounts.rules import plain_code

_KEY, _LASTS, _LONGEST = "typed_code", timedelta(minutes=15), 20
#: How many figures a claim's code has (`accounts.codes`).
_FIGURES = 8


def is_claim_code(text: str) -> bool:
    """Return whether a text has the shape of a claim's code; it tells nothing of which codes there are.

    >>> is_claim_code("3474 6538"), is_claim_code("3474-65 38."), is_claim_code("ABCD-EFGH-JKM"), is_claim_code("347")
    (True, True, False, False)
    """
    return len(plain_code(text)) == _FIGURES and not any(sign.isalpha() for sign in text)


def keep(request: HttpRequest, text: str, *, now: datetime) -> None:
    """Keep what was typed through the step-up that follows."""
    sealed = _seal().encrypt_at_time(text[:_LONGEST].encode(), int(now.timestamp())).decode()
    request.session[_KEY] = sealed


def kept(request: HttpRequest, *, now: datetime) -> str:
    """Return what was typed, empty where nothing was or it is too long ago."""
    try:
        sealed = str(request.session.get(_KEY, "")).encode()
        return _seal().decrypt_at_time(sealed, int(_LASTS.total_seconds()), int(now.timestamp())).decode()
    except InvalidToken:
        return ""


def drop(request: HttpRequest) -> None:
    """Forget it."""
    request.session.pop(_KEY, None)


def _seal() -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"datacoop typed codes").derive(settings.SECRET_KEY.encode())
    return Fernet(urlsafe_b64encode(derived))
