"""What a message to an organisation must be. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

from datacoop.kinds.values import fault

LONGEST_MESSAGE = 4000
LONGEST_NAME = 120
LONGEST_ADDRESS = 254
#: The job that hands a message on, and how long it waits for it: a steward may refuse it meanwhile, and how soon an
#: answer comes tells nothing.
RELAY, HELD_FOR = "directory.relay", timedelta(minutes=15)
STATES = ("waiting", "passed_on", "refused")


#: Characters that turn the direction of what follows: a name or an address would read as another.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LINES = frozenset("\n\r\t")


def has_controls(text: str, *, lines: bool = False) -> bool:
    """Return whether a text holds what nobody types: control characters, or a line break where there is one line.

    >>> has_controls("Nora\\r\\nBcc: all@example.org"), has_controls("Nora\\nExemple", lines=True)
    (True, False)
    """
    controls = (c for c in text if unicodedata.category(c) in {"Cc", "Zl", "Zp", "Cs"})
    return any(not (lines and c in _LINES) for c in controls) or (not lines and bool(_TURNING.search(text)))


def problems(*, sender_name: str, sender_email: str, text: str) -> dict[str, str]:
    """Return what is wrong, field by field, as a code; empty when the message can be kept."""
    found: dict[str, str] = {}
    if has_controls(sender_name):
        found["name"] = "control"
    elif len(sender_name) > LONGEST_NAME:
        found["name"] = "too_long"
    # One address alone: what is written to it goes into the header of an answer.
    if has_controls(sender_email) or len(sender_email) > LONGEST_ADDRESS or fault("email", sender_email):
        found["email"] = "not_an_email"
    if not text.strip():
        found["text"] = "empty"
    elif has_controls(text, lines=True):
        found["text"] = "control"
    elif len(text) > LONGEST_MESSAGE:
        found["text"] = "too_long"
    return found
