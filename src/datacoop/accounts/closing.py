"""What lets somebody in, ended at once: what was ended since a backup would live again when it is restored."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from datacoop.accounts.endings import client_key
from datacoop.accounts.models import AccessToken, Account, ClientCredential, Code, Mandate, SignInLink

_AT_ONCE = 500


def end_everything_open() -> None:
    """End every session, sign-in link, code and access token; accounts, mandates and clients' secrets stay."""
    for table in (Session, SignInLink, Code, AccessToken):
        table.objects.all().delete()


def alive_mandates() -> Iterator[tuple[str, str]]:
    """Yield each mandate by number, with its end."""
    for number, until in Mandate.objects.order_by("pk").values_list("pk", "valid_until"):
        yield str(number), until.isoformat() if until else ""


def stop_mandates(keys: Collection[str], until: datetime, _now: datetime) -> int:
    """End mandates at a moment, where they do not end before; those that did not begin yet, as they begin."""
    rows = Mandate.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=until))
    count = 0
    for part in _parts(int(key) for key in keys):
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
    """Yield each client's secret that opens something."""
    rows = ClientCredential.objects.filter(revoked_at__isnull=True)
    for client_id, secret_hash in rows.values_list("client_id", "secret_hash"):
        yield client_key(client_id, secret_hash), ""


def stop_clients(keys: Collection[str], _until: datetime, now: datetime) -> int:
    """Let secrets open nothing more."""
    return sum(_clients(key).filter(revoked_at__isnull=True).update(revoked_at=now) for key in keys)


def revive_clients(states: Mapping[str, str]) -> None:
    """Let secrets open again what they did."""
    for key in states:
        _clients(key).update(revoked_at=None)


def alive_accounts() -> Iterator[tuple[str, str]]:
    """Yield each account that somebody can sign in to, by number."""
    for number in Account.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True):
        yield str(number), ""


def stop_accounts(keys: Collection[str], _until: datetime, _now: datetime) -> int:
    """Let nobody sign in to accounts: their sessions are gone with the restore."""
    rows = Account.objects.filter(is_active=True)
    return sum(rows.filter(pk__in=part).update(is_active=False) for part in _parts(int(key) for key in keys))


def revive_accounts(states: Mapping[str, str]) -> None:
    """Open accounts again."""
    for part in _parts(int(key) for key in states):
        Account.objects.filter(pk__in=part).update(is_active=True)


def _clients(key: str) -> QuerySet[ClientCredential]:
    client_id, _, secret_hash = key.rpartition(" ")
    return ClientCredential.objects.filter(client_id=client_id, secret_hash=secret_hash)


def _parts(numbers: Iterable[int]) -> Iterator[Sequence[int]]:
    every = list(numbers)
    for start in range(0, len(every), _AT_ONCE):
        yield every[start : start + _AT_ONCE]
