"""Codes that somebody is sent and types: made, derived when they are sent, and used up once.

What a code is for is said by its purpose; whom it is about, by a text of the caller's (`account:12`, a claim's
number, a subject's uid). Which address or letter-box it goes to is the caller's to decide: that is what it proves.
"""

import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F

from . import rules
from .models import Code


def make_code(*, purpose: str, about: str, now: datetime, lifetime: timedelta = rules.CODE_LIFETIME) -> int:
    """Make a code and return its number; those made before for the same no longer work."""
    Code.objects.filter(purpose=purpose, about=about, used_at__isnull=True, expires_at__gt=now).update(expires_at=now)
    made = Code.objects.create(purpose=purpose, about=about, created_at=now, expires_at=now + lifetime)
    return made.pk


def text_of(code_id: int, *, now: datetime) -> str | None:
    """Return a code as it is written to somebody, None once it has ended. Never store, queue or log it."""
    working = Code.objects.filter(used_at__isnull=True, expires_at__gt=now, tries__lt=rules.CODE_TRIES)
    row = working.filter(pk=code_id).first()
    return code_text(row.nonce) if row else None


def redeem_code(*, purpose: str, about: str, text: str, now: datetime) -> bool:
    """Use a code up; False for a wrong, ended or used one alike. After five wrong tries it has ended.

    A try is counted before it is compared, so that many at once get no more tries than one after the other.
    """
    row = Code.objects.filter(purpose=purpose, about=about).order_by("-pk").first()
    if row is None:
        return False
    open_ = Code.objects.filter(pk=row.pk, used_at__isnull=True, expires_at__gt=now)
    if open_.filter(tries__lt=rules.CODE_TRIES).update(tries=F("tries") + 1) != 1:
        return False
    if not hmac.compare_digest(rules.plain_code(text), rules.plain_code(code_text(row.nonce))):
        return False
    return open_.update(used_at=now) == 1


def code_text(nonce: str) -> str:
    """Return the code that follows from a nonce, as it is written to somebody."""
    key = hmac.digest(settings.SECRET_KEY.encode(), b"datacoop code", "sha256")
    return rules.code_of(key, nonce)
