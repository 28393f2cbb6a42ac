"""When somebody is told, reminded, given up; how many leave in a day; which mailboxes are not safe. Pure."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta

#: A notice is due a month after the data was obtained (GDPR 14(3)(a); LPD 19(5)).
DAYS_TO_TELL = 30
#: Not told by then: a steward is alerted, and what is said of persons is erased.
DAYS_TO_ALERT, DAYS_TO_ERASE = 20, 28
#: Told and silent: one reminder.
DAYS_TO_REMIND = 14
#: How long what we sent takes to arrive, or to come back: only then does it count as delivered.
DAYS_TO_ARRIVE = {"mail": 3, "letter": 5, "merge": 5}
#: Several holders within so many days are one message.
DAYS_BETWEEN = 7
PER_DAY = 50
MOST_PER_DAY = 1000


def days_needed(count: int, per_day: int) -> int:
    """Return over how many days so many notices leave.

    >>> days_needed(120, 50)
    3
    """
    return max(1, math.ceil(count / per_day))


def last_day(first: date, count: int, per_day: int) -> date:
    """Return the day on which the last wave leaves."""
    return first + timedelta(days=days_needed(count, per_day) - 1)


def may_go_now(*, last_message: datetime | None, due_at: datetime, now: datetime) -> bool:
    """Return whether a subject may be written to: a week after the last message, sooner where the time runs out."""
    if last_message is None or last_message + timedelta(days=DAYS_BETWEEN) <= now:
        return True
    return due_at - timedelta(days=DAYS_TO_TELL - DAYS_TO_ALERT) <= now


#: Parts before the @ of mailboxes that several people read.
_SHARED = frozenset(
    {
        "accueil", "admin", "administration", "association", "bureau", "buero", "comitato", "comite", "commune",
        "contact", "contatti", "direction", "direktion", "foyer", "gemeinde", "geschaeftsstelle", "greffe", "hello",
        "info", "information", "infos", "kontakt", "kanzlei", "mail", "office", "post", "praesident", "president",
        "presidence", "presidente", "redaktion", "reception", "secretariat", "secretary", "segreteria",
        "sekretariat", "service", "treasurer", "tresorier", "verein", "vorstand", "welcome", "caissier", "kassier",
        "cassiere", "aktuar",
    }
)  # fmt: skip


def is_shared_mailbox(address: str, *, own_domains: frozenset[str] = frozenset()) -> bool:
    """Return whether somebody else may read a mailbox: it is named by a function, or by the association itself.

    >>> is_shared_mailbox("info@example.org"), is_shared_mailbox("ana.muster@example.org")
    (True, False)
    >>> is_shared_mailbox("choeur.cite@example.org", own_domains=frozenset({"example.org"}))
    True
    """
    local, _, domain = address.lower().partition("@")
    words = [word for word in local.replace("-", ".").replace("_", ".").split(".") if word]
    return domain in own_domains or any(word.rstrip("0123456789") in _SHARED for word in words)
