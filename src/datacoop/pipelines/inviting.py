"""Let somebody act for a holder: an account by e-mail address, and the right to the holder's own pages."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from datacoop.accounts.actions import end_mandates, give_mandate, open_account
from datacoop.accounts.queries import has_mandate
from datacoop.accounts.rules import HOLDER, LONGEST_EMAIL, plain_email
from datacoop.jobs.actions import enqueue
from datacoop.ledger.actions import append
from datacoop.records.actions.revising import take_writers_lock
from datacoop.rights.actions.desks import TELL, given_by

#: What a mandate on the uid of a holder is for: its lists, and nothing else of it.
SCOPE = HOLDER


class AccountClosed(Exception):
    """The account of this address was closed; it must be opened again before it can act for anybody."""

    def __init__(self) -> None:
        super().__init__("The account of this address was closed.")


class AddressTooLong(Exception):
    """No account is kept for so long an address; nothing was written."""

    def __init__(self) -> None:
        super().__init__(f"An e-mail address has {LONGEST_EMAIL} characters at most.")


def check_address(email: str) -> None:
    """Refuse an address that no account is kept for. Raises: AddressTooLong."""
    if len(plain_email(email)) > LONGEST_EMAIL:
        raise AddressTooLong


def invite(*, holder: uuid.UUID, email: str, actor: str, now: datetime, reason: str = "") -> bool:
    """Open the account of an address if there is none and let it act for a holder; False if it may already.

    Sends it nothing: whoever invites tells them, and they ask for a sign-in link themselves. Who has access already,
    and the holder's published contact, are told. `reason` is kept with the right. Entered in the ledger by the
    account's number, without the address. Raises: AccountClosed, AddressTooLong.
    """
    check_address(email)
    with transaction.atomic():
        take_writers_lock()
        account = open_account(email=email, name="", now=now)
        if not account.is_active:
            raise AccountClosed
        if has_mandate(account_id=account.pk, subject_uid=holder, scope=SCOPE, now=now):
            return False
        give_mandate(
            account_id=account.pk, subject_uid=holder, scope=SCOPE, valid_from=now, proof=given_by(actor, reason)
        )
        enqueue(name=TELL, payload={"holder": str(holder), "account": account.pk}, due_at=now, now=now)
        _enter("accounts.invited", holder, account.pk, actor, now)
    return True


def dismiss(*, holder: uuid.UUID, account_id: int, actor: str, now: datetime) -> bool:
    """End what an account may do for a holder, at once; False if it could do nothing."""
    with transaction.atomic():
        take_writers_lock()
        if not end_mandates(account_id=account_id, subject_uid=holder, scopes=(SCOPE,), now=now):
            return False
        _enter("accounts.dismissed", holder, account_id, actor, now)
    return True


def _enter(kind: str, holder: uuid.UUID, account_id: int, actor: str, now: datetime) -> None:
    append(at=now, kind=kind, payload={"holder": holder.hex, "account": account_id, "actor": actor})
