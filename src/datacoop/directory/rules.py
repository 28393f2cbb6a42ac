"""What a message to an organisation must be. Pure."""

from __future__ import annotations

LONGEST_MESSAGE = 4000
LONGEST_NAME = 120
STATES = ("waiting", "passed_on", "refused")


def problems(*, sender_name: str, sender_email: str, text: str) -> dict[str, str]:
    """Return what is wrong, field by field, as a code; empty when the message can be kept."""
    found: dict[str, str] = {}
    if len(sender_name) > LONGEST_NAME:
        found["name"] = "too_long"
    local, at, domain = sender_email.partition("@")
    reaches = local and at and "." in domain.strip(".") and not any(char.isspace() for char in sender_email)
    if not reaches or len(sender_email) > 254:
        found["email"] = "not_an_email"
    if not text.strip():
        found["text"] = "empty"
    elif len(text) > LONGEST_MESSAGE:
        found["text"] = "too_long"
    return found
