"""What lets somebody in, ended at once: what was ended since a backup would live again when it is restored."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from datacoop.accounts.endings import client_key
from datacoop.accounts.models import AccessToken, Account, ClientCredential, Code, Mandate, SignInLink
from datacoop.lib.sql import in_parts


def end_everything_open() -> int:
    """End every session, sign-in link, code and access token; accounts, mandates and clients' secrets stay.

    Spare codes end too, since nobody can tell which were used after the backup: return how many accounts had some.
    """
    for table in (Session, SignInLink, Code, AccessToken):
        table.objects.all().delete()
    ended, _ = Authenticator.objects.filter(type=Authenticator.Type.RECOVERY_CODES).delete()
    return int(ended)


def alive_mandates() -> Iterator[tuple[str, str]]:
    """Yield each mandate by number, with its end."""
    for number, until in Mandate.objects.order_by("pk").values_list("pk", "valid_until"):
        yield str(number), until.isoformat() if until else ""


def stop_mandates(keys: Collection[str], until: datetime, _now: datetime) -> int:
    """End mandates at a moment, where they do not end before; those that did not begin yet, as they begin."""
    rows = Mandate.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=until))
    count = 0
    for part in in_parts(int(key) for key in keys):
        for row in rows.filter(pk__in=part):
            row.valid_until = max(until, row.valid_from)
            row.save(update_fields=["valid_until"])
            count += 1
    return count


def revive_mandates(states: Mapping[str, str]) -> None:
    """Let mandates end when they did."""
    for key, until in states.items():
        Mandate.objects.filter(pk=int(key)).update(valid_until=datetime.fromisoformat(until) if until else None)


def alive_clients() -> Iterator[tuple[str, str]]:
    """Yield each client's secret that opens something, the one before it with its end."""
    rows = ClientCredential.objects.filter(revoked_at__isnull=True)
    for client_id, secret_hash, former, until in rows.values_list(
        "client_id", "secret_hash", "former_hash", "former_until"
    ):
        if secret_hash:
            yield client_key(client_id, secret_hash), ""
        if former and until is not None:
            yield client_key(client_id, former), until.isoformat()


def stop_clients(keys: Collection[str], until: datetime, now: datetime) -> int:
    """Let secrets open nothing more; one that a new secret followed opens until its end."""
    count = 0
    for key in keys:
        former = _clients(key, "former_hash").filter(former_until__gt=max(until, now))
        count += former.update(former_until=max(until, now))
        current = _clients(key).filter(revoked_at__isnull=True)
        if until > now:
            _, _, secret_hash = key.rpartition(" ")
            count += current.update(secret_hash="", former_hash=secret_hash, former_until=until)
        else:
            count += current.update(revoked_at=now)
    return count


def revive_clients(states: Mapping[str, str]) -> None:
    """Let secrets open again what they did."""
    for key, until in states.items():
        if until:
            _clients(key, "former_hash").update(former_until=datetime.fromisoformat(until))
        else:
            _clients(key).update(revoked_at=None)


def alive_accounts() -> Iterator[tuple[str, str]]:
    """Yield each account that somebody can sign in to, by number."""
    for number in Account.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True):
        yield str(number), ""


def stop_accounts(keys: Collection[str], _until: datetime, _now: datetime) -> int:
    """Let nobody sign in to accounts: their sessions are gone with the restore."""
    rows = Account.objects.filter(is_active=True)
    return sum(rows.filter(pk__in=part).update(is_active=False) for part in in_parts(int(key) for key in keys))


def revive_accounts(states: Mapping[str, str]) -> None:
    """Open accounts again."""
    for part in in_parts(int(key) for key in states):
        Account.objects.filter(pk__in=part).update(is_active=True)


def _clients(key: str, column: str = "secret_hash") -> QuerySet[ClientCredential]:
    client_id, _, secret_hash = key.rpartition(" ")
    return ClientCredential.objects.filter(client_id=client_id, **{column: secret_hash})
