"""Claiming: an account asks to represent an organisation, and shows it. Then it waits, so that others can object."""

from __future__ import annotations

from datetime import datetime

from datacoop.accounts.codes import make_code, redeem_code, text_of
from datacoop.accounts.rules import REPRESENTING
from datacoop.jobs.actions import enqueue
from datacoop.rights.actions.claim_steps import (
    ClaimRefused,
    Wanted,
    close,
    enter,
    holds,
    is_open,
    locked,
    make,
    not_own,
    note_hand,
    organisation,
    own_row,
    prove,
    row_of,
    tell,
)
from datacoop.rights.models.claims import Claim
from datacoop.rights.queries.claims import count_running
from datacoop.rights.queries.readiness import list_missing
from datacoop.rights.rules import claims as rules
from datacoop.rights.rules.claims import EXPIRED, OPEN, RUNNING, WITHDRAWN

#: The job that looks at a website, and what a claim's code is for.
LOOK, PURPOSE = "rights.look_at_site", "claim"


def open_claim(*, account_id: int, wanted: Wanted, possible: tuple[str, ...], now: datetime) -> int:
    """Open a claim and return its number; a code leaves for the mailbox, those asked are told.

    `possible`: the ways that can work from what everybody sees (`Published.methods`). Nothing here depends on what is
    not shown: not on who represents the organisation, nor on whether an address is kept.

    Raises: ClaimRefused (`impossible`, `represents`, `running`, `many`).
    """
    if wanted.method not in possible or wanted.scope not in REPRESENTING:
        raise ClaimRefused("impossible")
    with locked():
        uids = organisation(wanted.subject_uid)
        if holds(account_id, uids, wanted.scope, now):
            raise ClaimRefused("represents")
        running = Claim.objects.filter(account_id=account_id, subject_uid__in=uids, state__in=RUNNING).first()
        if running is not None and (running.state != OPEN or running.expires_at > now):
            raise ClaimRefused("running", running.pk)
        if running is not None:
            close(running, EXPIRED, now)
        if count_running(account_id) >= rules.MOST_RUNNING:
            raise ClaimRefused("many")
        row = make(account_id, wanted, now)
        enter("claims.opened", row, now, method=row.method)
        if row.method == rules.MAILBOX:
            _new_code(row, now)
        if row.method in (rules.MAILBOX, rules.REPRESENTATIVE):
            tell(row, "opened", now)
    return row.pk


def send_again(*, claim_id: int, account_id: int, now: datetime) -> None:
    """Make a new code and let it leave as the first did; the older one has ended. Raises: ClaimRefused."""
    with own_row(claim_id, account_id) as row:
        if not is_open(row, now) or row.method not in rules.BY_CODE:
            raise ClaimRefused("closed")
        _new_code(row, now)
        if row.method == rules.MAILBOX:
            tell(row, "opened", now)
        else:
            row.posted_at = None
            row.save()


def new_letter(*, claim_id: int, steward: int, now: datetime) -> int:
    """Return the number of the code that a letter carries, made where there is none that works. For stewards.

    A new one is to be posted anew.

    Raises: ClaimRefused (`own`: who claims reads their code from the letter that came, not from the one they print;
    `unready`: it would bear no sender, see `queries.readiness`).
    """
    if list_missing():
        raise ClaimRefused("unready")
    with locked():
        row = row_of(claim_id)
        not_own(row, steward)
        if not is_open(row, now) or row.method != rules.LETTER:
            raise ClaimRefused("closed")
        if row.code_id is None or text_of(row.code_id, now=now) is None:
            row.posted_at = None
            _new_code(row, now)
        note_hand(row, steward)
    assert row.code_id is not None
    return row.code_id


def note_posted(*, claim_id: int, steward: int, now: datetime) -> None:
    """Note that a steward posted the letter: from now on its code counts. Raises: ClaimRefused (`own`, `closed`)."""
    with locked():
        row = row_of(claim_id)
        not_own(row, steward)
        if not is_open(row, now) or row.method != rules.LETTER or row.code_id is None:
            raise ClaimRefused("closed")
        row.posted_at = now
        note_hand(row, steward)
        enter("claims.posted", row, now, actor=f"steward:{steward}")


def ask_to_look(*, claim_id: int, account_id: int, now: datetime) -> None:
    """Let a job look at the organisation's website; nobody waits for it. Raises: ClaimRefused."""
    with own_row(claim_id, account_id) as row:
        if not is_open(row, now) or row.method != rules.WEBSITE:
            raise ClaimRefused("closed")
        enqueue(name=LOOK, payload={"claim": row.pk}, due_at=now, now=now)


def note_looked(*, claim_id: int, found: bool, now: datetime) -> None:
    """Note that the website was looked at, and what it said."""
    with locked():
        row = Claim.objects.filter(pk=claim_id).first()
        if row is None or not is_open(row, now) or row.method != rules.WEBSITE:
            return
        row.checked_at = now
        row.save()
        if found:
            prove(row, now)


def prove_by_code(*, claim_id: int, account_id: int, text: str, now: datetime) -> bool:
    """Take the code that was sent to the organisation, typed by whoever claimed; False for a wrong or ended one.

    From then on it waits. Raises: ClaimRefused (`closed`; `not-posted`: whoever has a letter's code before it was
    noted as posted has it from who printed it, not from the letter-box; nothing is compared, no try is used up; `own`:
    whoever printed or posted it has the address of whoever claims).
    """
    with own_row(claim_id, account_id) as row:
        if not is_open(row, now) or row.method not in rules.BY_CODE:
            raise ClaimRefused("closed")
        if row.method == rules.LETTER and row.posted_at is None:
            raise ClaimRefused("not-posted")
        for hand in row.hands.split():
            # Whoever printed it may have got the claimant's address since.
            not_own(row, int(hand.partition(":")[2]))
        # Counted whatever follows: the try must not be rolled back with a refusal.
        right = redeem_code(purpose=PURPOSE, about=_code_about(row.pk), text=text, now=now)
        if right:
            prove(row, now)
    return right


def withdraw(*, claim_id: int, account_id: int, now: datetime) -> None:
    """End a claim of one's own, or decline an invitation. Raises: ClaimRefused."""
    with own_row(claim_id, account_id) as row:
        if row.state not in RUNNING:
            raise ClaimRefused("closed")
        close(row, WITHDRAWN, now)
        enter("claims.withdrawn", row, now)


def _new_code(row: Claim, now: datetime) -> None:
    lasts = rules.MAILBOX_CODE_LASTS if row.method == rules.MAILBOX else row.expires_at - now
    row.code_id = make_code(purpose=PURPOSE, about=_code_about(row.pk), now=now, lifetime=lasts)
    row.save()


def _code_about(claim_id: int) -> str:
    return f"claim:{claim_id}"
