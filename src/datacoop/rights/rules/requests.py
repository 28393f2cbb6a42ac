"""Pure rules of requests: which there are, by when each is owed, what may be done at once and with which proof."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta

#: What somebody may ask for: LPD 25, 32(1), 32(2)(a), 30(2)(b), 32(2)(c), 28; GDPR 15, 16, 18, 21, 17, 20.
ACCESS, RECTIFY, RESTRICT, OBJECT, ERASE, PORT = KINDS = ("access", "rectify", "restrict", "object", "erase", "port")
RECEIVED, DONE, REFUSED = STATES = ("received", "done", "refused")
#: Why a request may be refused, wholly or in part (LPD 26(1), 27; GDPR 12(5), 17(3), 23): nobody refuses for another.
GROUNDS = ("not_them", "others", "law", "unfounded", "already")
#: Why it may take longer (OPDo 18(2); GDPR 12(3)).
LATER = ("complex", "many")
#: Answered within thirty days (LPD 25(7); OPDo 18(1)) and within a month (GDPR 12(3)): whichever is shorter.
DAYS = 30
#: Once, with a reason, two months more (GDPR 12(3)).
MONTHS_MORE = 2
#: They take effect the moment they are asked for, by a link alone: they only ever narrow.
AT_ONCE = frozenset({RESTRICT, OBJECT})
#: Answered by the package, for whoever proved who they are.
GIVEN = frozenset({ACCESS, PORT})
#: What is public of how requests are dealt with is counted from so many on (ARCHITECTURE.md, law 2).
K = 10


def due_of(asked_at: datetime) -> datetime:
    """Return by when a request is owed an answer.

    >>> from datetime import UTC
    >>> due_of(datetime(2026, 1, 31, 9, tzinfo=UTC)).date().isoformat()
    '2026-02-28'
    >>> due_of(datetime(2026, 3, 31, 9, tzinfo=UTC)).date().isoformat()
    '2026-04-30'
    >>> due_of(datetime(2026, 7, 1, 9, tzinfo=UTC)).date().isoformat()
    '2026-07-31'
    """
    return min(asked_at + timedelta(days=DAYS), _months_after(asked_at, 1))


def later_due(due_at: datetime) -> datetime:
    """Return by when an extended request is owed an answer: two months after it was owed first.

    >>> from datetime import UTC
    >>> later_due(datetime(2026, 12, 31, 9, tzinfo=UTC)).date().isoformat()
    '2027-02-28'
    """
    return _months_after(due_at, MONTHS_MORE)


def counted(number: int) -> int | None:
    """Return a count as everybody may know it: None where it is so small that it might tell of one person.

    >>> counted(9), counted(0), counted(10)
    (None, None, 10)
    """
    return number if number >= K else None


def _months_after(moment: datetime, months: int) -> datetime:
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))
