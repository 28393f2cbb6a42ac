"""What a visitor has proven in this session: that they can receive what is sent to a subject. No account is needed.

Kept on the server, in the session's own row: what a browser sends is the session's key alone. Signing out forgets it.
"""

from collections.abc import MutableMapping
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

#: How it was proven: a code to a personal address, a code by letter, a passkey, an authenticator's code, and the
#: address a subject's organisation publishes (several people may read it: it proves less than the others).
EMAIL_CODE, LETTER_CODE, PASSKEY, AUTHENTICATOR, SHARED_MAILBOX = (
    "email_code",
    "letter_code",
    "passkey",
    "authenticator",
    "shared_mailbox",
)
METHODS = (EMAIL_CODE, LETTER_CODE, PASSKEY, AUTHENTICATOR, SHARED_MAILBOX)
#: Proofs of the person themselves: the only ones that let somebody widen or see values in full.
PERSONAL = frozenset((EMAIL_CODE, LETTER_CODE, PASSKEY, AUTHENTICATOR))
LASTS = timedelta(minutes=30)

_KEY = "proofs"
_MOST = 100


class HasSession(Protocol):
    """A request, as far as it matters here."""

    session: Any


def record(request: HasSession, subject_uid: UUID, method: str, at: datetime) -> None:
    """Note that whoever has this session proved, at `at`, by `method`, to be who `subject_uid` names.

    A later proof takes an earlier one's place only if it is personal or the earlier one was not. The session's key
    changes, so that a key known before the proof is worth nothing after it. Raises: ValueError for an unknown method.
    """
    if method not in METHODS:
        raise ValueError(f"“{method}” is no way of proving oneself. Use one of: {', '.join(METHODS)}.")
    kept = _kept(request)
    known = kept.get(subject_uid.hex)
    if known and known[0] in PERSONAL and method not in PERSONAL and at - _moment(known) < LASTS:
        return
    kept.pop(subject_uid.hex, None)
    kept[subject_uid.hex] = [method, at.isoformat()]
    while len(kept) > _MOST:
        del kept[next(iter(kept))]
    request.session[_KEY] = kept
    request.session.cycle_key()


def proven(request: HasSession, subject_uid: UUID, *, now: datetime, within: timedelta = LASTS) -> str | None:
    """Return how the subject was proven in this session less than `within` ago; None if it was not.

    A proof from the future, after a clock was set back, counts for nothing.
    """
    found = _kept(request).get(subject_uid.hex)
    if not found:
        return None
    return str(found[0]) if timedelta(0) <= now - _moment(found) < within else None


def proven_subjects(request: HasSession, *, now: datetime, within: timedelta = LASTS) -> dict[UUID, str]:
    """Return subject → method of everything that was proven in this session less than `within` ago."""
    found = {UUID(hex=key): proven(request, UUID(hex=key), now=now, within=within) for key in _kept(request)}
    return {uid: method for uid, method in found.items() if method}


def forget(request: HasSession, subject_uid: UUID) -> None:
    """Forget a proof: what it was needed for is done, or the subject spoke against it."""
    kept = _kept(request)
    if kept.pop(subject_uid.hex, None):
        request.session[_KEY] = kept


def _kept(request: HasSession) -> MutableMapping[str, Any]:
    return dict(request.session.get(_KEY) or {})


def _moment(found: list[str]) -> datetime:
    return datetime.fromisoformat(found[1])
