"""What a report must be, and how long what is in it is kept. Pure."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

from datacoop.kinds.values import fault

ADD, ERROR, GONE = KINDS = ("add", "error", "gone")
ACCEPTED, DECLINED = "accepted", "declined"
LONGEST_TEXT, LONGEST_REASON, LONGEST_ADDRESS = 2000, 500, 254
#: An address left for the answer is kept so long after a report was settled, if the answer does not leave before.
KEEP_ADDRESS = timedelta(days=30)
#: What no representative answers for so long, a steward does.
ANSWER_WITHIN = timedelta(days=14)


def problems(*, kind: str, text: str, email: str) -> dict[str, str]:
    """Return what is wrong, field by field, as a code; empty when the report can be kept.

    >>> problems(kind="error", text="", email="nobody")
    {'text': 'empty', 'email': 'not_an_email'}
    >>> problems(kind="gone", text="", email="")
    {}
    """
    found: dict[str, str] = {}
    if kind == ERROR and not text.strip():
        found["text"] = "empty"
    elif len(text) > LONGEST_TEXT:
        found["text"] = "too_long"
    elif any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\n\r\t" for sign in text):
        found["text"] = "control"
    if email and (len(email) > LONGEST_ADDRESS or "\n" in email or fault("email", email)):
        found["email"] = "not_an_email"
    return found
