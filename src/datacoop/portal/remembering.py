"""What visits leave here of somebody: sessions, with links opened and proofs given in them, passkeys, authenticators.

The rows are Django's and allauth's. Whoever is erased is taken out of every session, whoever's it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session

from datacoop.records.erasers import Erasure
from datacoop.records.recognising import Traits
from datacoop.records.tellers import Chapter, Concerned

_AT_ONCE = 500


def forget(erasure: Erasure) -> int:
    """Remove the sessions in which somebody erased stands, by uid or by what is known of them; return how many.

    Somebody else's session (a representative's, a steward's) loses only what is about them.
    """
    gone, uids = 0, {uid.hex for uid in erasure.uids}
    for session in Session.objects.iterator(chunk_size=_AT_ONCE):
        data = session.get_decoded()
        if erasure.traits and erasure.traits.stand_in(_texts(data)):
            session.delete()
            gone += 1
        elif (kept := _without(data, uids)) != data:
            session.session_data = Session.objects.encode(kept)
            session.save(update_fields=["session_data"])
            gone += 1
    return gone


def tell(concerned: Concerned) -> Iterator[Chapter]:
    """Yield sessions, ways to sign in, and the addresses that allauth keeps of an account."""
    uids = {uid.hex for uid in concerned.records.values()}
    yield Chapter("sessions", list(_sessions(uids, concerned.accounts, concerned.traits)))
    keys = Authenticator.objects.filter(user_id__in=concerned.accounts).order_by("pk")
    yield Chapter(
        "ways_in",
        [
            {
                "actor": f"account:{k.user_id}",
                "sort": k.type,
                "name": str(k.data.get("name", "")),
                "at": k.created_at,
                "used_at": k.last_used_at,
            }
            for k in keys
        ],
    )
    addresses = EmailAddress.objects.filter(user_id__in=concerned.accounts).order_by("pk")
    yield Chapter(
        "addresses",
        [
            {"actor": f"account:{a.user_id}", "email": a.email, "verified": a.verified, "primary": a.primary}
            for a in addresses
        ],
    )


def _sessions(uids: set[str], accounts: frozenset[int], traits: Traits) -> Iterator[Mapping[str, object]]:
    for session in Session.objects.order_by("expire_date").iterator(chunk_size=_AT_ONCE):
        data = session.get_decoded()
        is_own = str(data.get("_auth_user_id", "")) in {str(each) for each in accounts}
        if is_own or _without(data, uids) != data or (traits and traits.stand_in(_texts(data))):
            yield {"until": session.expire_date, "what": sorted(key for key in data if not key.startswith("_"))}


def _without(data: Mapping[str, Any], uids: set[str]) -> dict[str, Any]:
    """Return a session's content without what it holds by the uid of one of these subjects."""
    return {
        key: {name: each for name, each in value.items() if not _names(name, uids)}
        if isinstance(value, dict)
        else value
        for key, value in data.items()
    }


def _names(key: str, uids: set[str]) -> bool:
    try:
        return UUID(key).hex in uids
    except ValueError:
        return False


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [str(value)] if isinstance(value, str) else []
