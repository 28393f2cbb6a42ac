"""What `withdrawals.log` calls what ends in this room. Never change a word: old logs are read by them."""

LINK, AGREEMENT, LOGO, CLAIM, REMOVAL = "link", "contribution-agreement", "logo", "claim", "removal"


def logo_key(holder_id: int, sha256: str) -> str:
    """Return what a holder's logo is called: another picture is another one."""
    return f"{holder_id} {sha256}"
