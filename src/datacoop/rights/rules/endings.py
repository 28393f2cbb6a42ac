"""What `withdrawals.log` calls what ends in this room. Never change a word: old logs are read by them."""

LINK, AGREEMENT, LOGO, CLAIM, REMOVAL = "link", "contribution-agreement", "logo", "claim", "removal"
REMINDER = "reminder"


def reminder_key(notice: int, generation: int) -> str:
    """Return what the one reminder of a notice is called: there is another where the list has something new to tell."""
    return f"{notice} {generation}"


def logo_key(holder_id: int, sha256: str) -> str:
    """Return what a holder's logo is called: another picture is another one."""
    return f"{holder_id} {sha256}"
