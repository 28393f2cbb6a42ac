"""The voted default policy, read from the charter."""

from __future__ import annotations

from functools import cache
from typing import cast

from datacoop.charter.queries import current
from datacoop.disclosure.rules import Policy


@cache
def current_policy() -> Policy:
    """Return the default policy in force."""
    text = current("default-policy").text
    return Policy(cast(int, text["days_to_object"]), tuple(cast(list[str], text["sensitive_themes"])))
