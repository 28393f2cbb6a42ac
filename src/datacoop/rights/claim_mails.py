"""Mails about claims and removals: whom they concern is found when the job runs, address and text as each is sent.

To the organisation they go to the address everybody sees, never to one that somebody chose. No mail names who claims:
a stranger's name, which they write themselves, is no text of ours.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from datacoop.accounts.codes import text_of
from datacoop.accounts.queries import find_accounts, list_representing
from datacoop.accounts.rules import DECIDE
from datacoop.consent.speaking import organisation_uids
from datacoop.jobs.actions import enqueue
from datacoop.post.mailing import Mail, send
from datacoop.rights.claim_links import CLAIM, MAILBOX, REMOVAL, Objector, token_of
from datacoop.rights.published import published
from datacoop.rights.queries.claims import ClaimFacts, find_claim, find_removal
from datacoop.rights.rules import claims as rules
from datacoop.rights.wording import PHRASES

#: One mail to one reader: an account, or `MAILBOX`.
MAIL_CLAIM, MAIL_REMOVAL = "rights.mail_of_claim", "rights.mail_of_removal"
_HERE = ZoneInfo("Europe/Zurich")
#: Which text each reader gets of what happened: the one who claims, the mailbox, who represents it already.
_TO_CLAIMANT = {"granted": "granted", "frozen": "frozen", "refused": "refused", "invited": "invited",
                "called_back": "invitation_over"}  # fmt: skip
_TO_MAILBOX = {"proven": "mailbox_waits", "vouched": "mailbox_vouched", "granted": "mailbox_granted"}
_TO_OTHERS = {"opened": "asked", "proven": "others_wait", "vouched": "others_vouched", "granted": "others_granted",
              "frozen": "others_frozen"}  # fmt: skip


@dataclass(frozen=True)
class _Reader:
    email: str
    language: str


def tell_of_claim(*, now: datetime, claim: int, what: str) -> None:
    """Queue a mail for everybody whom it concerns, all of them or none."""
    found = find_claim(claim)
    if found is None:
        return
    readers = [(found.account_id, _TO_CLAIMANT.get(what)), (MAILBOX, _mailbox_text(found, what))]
    readers += [(each, _TO_OTHERS.get(what)) for each in _others(found, what, now)]
    with transaction.atomic():
        for account, text in readers:
            if text:
                payload = {"claim": claim, "text": text, "account": account}
                enqueue(name=MAIL_CLAIM, payload=payload, due_at=now, now=now)


def mail_of_claim(*, now: datetime, claim: int, text: str, account: int) -> None:
    """Write to one reader, as things are now; nothing to whom it no longer concerns."""
    found = find_claim(claim)
    if found is None:
        return
    seen = published(found.subject_uid)
    reader = _Reader(seen.email, found.language) if account == MAILBOX else _reader(account)
    if reader is None or not reader.email:
        return
    code = text_of(found.code_id, now=now) if found.code_id else None
    if text == "mailbox_code" and (code is None or not found.is_open(now)):
        return
    values = {
        "name": seen.name or PHRASES.say(reader.language, "claims.some_organisation"),
        "code": code if text == "mailbox_code" else "",
        "day": _day(found.due_at or (found.granted_at or now) + rules.TIME_TO_OBJECT),
        "object": _objecting(CLAIM, claim, account),
        "page": f"{_base()}/account/claims/{claim}",
        "organisation": f"{_base()}/account/organisations/{found.subject_uid}",
        "reason": found.reason,
    }
    _write(reader, text, values)


def tell_of_removal(*, now: datetime, removal: int, what: str) -> None:
    """Queue the mails about a removal: to whom it is about, and to whoever proposed it."""
    found = find_removal(removal)
    if found is None:
        return
    texts = {
        "proposed": [(found.account_id, "removal_proposed")],
        "frozen": [(found.proposed_by, "removal_frozen")],
        rules.DONE: [(found.account_id, "removal_done"), (found.proposed_by, "removal_done_other")],
        rules.DROPPED: [(found.account_id, "removal_dropped"), (found.proposed_by, "removal_dropped")],
    }
    with transaction.atomic():
        for account, text in texts.get(what, []):
            payload = {"removal": removal, "text": text, "account": account}
            enqueue(name=MAIL_REMOVAL, payload=payload, due_at=now, now=now)


def mail_of_removal(*, now: datetime, removal: int, text: str, account: int) -> None:
    """Write to one of the two."""
    found, reader = find_removal(removal), _reader(account)
    if found is None or reader is None:
        return
    name = published(found.subject_uid).name or PHRASES.say(reader.language, "claims.some_organisation")
    values = {
        "name": name,
        "day": _day(found.due_at),
        "object": _objecting(REMOVAL, removal, account),
        "organisation": f"{_base()}/account/organisations/{found.subject_uid}",
        "what": PHRASES.say(reader.language, f"claims.removal_{found.scope}"),
    }
    _write(reader, text, values)


def tell_of_leaving(*, now: datetime, subject: str) -> None:
    """Tell an organisation's mailbox that nobody represents it any more."""
    seen = published(uuid.UUID(subject))
    if seen.email and not list_representing(organisation_uids(uuid.UUID(subject)), now=now):
        values = {"name": seen.name, "claim": f"{_base()}/claim/{seen.uid}"}
        _write(_Reader(seen.email, "fr"), "mailbox_left", values)


def _mailbox_text(found: ClaimFacts, what: str) -> str | None:
    if what == "opened":
        return "mailbox_code" if found.method == rules.MAILBOX else None
    # Whoever waited was told when it began to wait.
    return None if what == "granted" and found.due_at is not None else _TO_MAILBOX.get(what)


def _others(found: ClaimFacts, what: str, now: datetime) -> list[int]:
    """Who represents it already, without whoever claims; those who are asked must be able to say yes."""
    if what == "opened" and found.method != rules.REPRESENTATIVE:
        return []
    every = list_representing(organisation_uids(found.subject_uid), now=now)
    return [
        each.account_id
        for each in every
        if each.account_id != found.account_id and (what != "opened" or DECIDE in each.scopes)
    ]


def _reader(account: int) -> _Reader | None:
    found = find_accounts([account]).get(account)
    return _Reader(found.email, found.language) if found else None


def _objecting(kind: str, number: int, account: int) -> str:
    return f"{_base()}/claims/{token_of(Objector(kind, number, account))}"


def _write(reader: _Reader, text: str, values: Mapping[str, object]) -> None:
    subject = PHRASES.say(reader.language, f"claims.{text}_subject", **values)
    if values["name"] == PHRASES.say(reader.language, "claims.some_organisation"):
        subject = subject[:1].upper() + subject[1:]
    body = PHRASES.say(reader.language, f"claims.{text}", **values)
    send(Mail(reader.email, subject, body, reader.language))


def _day(moment: datetime) -> str:
    """The first whole day on which it counts, as it is written here."""
    return f"{(moment + timedelta(minutes=1)).astimezone(_HERE):%d.%m.%Y}"


def _base() -> str:
    return str(settings.DATACOOP_BASE_URL)
