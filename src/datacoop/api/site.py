"""What the read application knows of its installation: read once, when the process starts."""

from dataclasses import dataclass

from django.conf import settings

from datacoop.feeds.licensing import LICENCE, licence

RATE_PER_MINUTE = 6000
MEMORY_MB = 32


@dataclass(frozen=True, slots=True)
class Site:
    """Addresses and limits of this installation."""

    base_url: str
    licence: str = LICENCE
    """Of what anonymous readers get; clients come under their terms."""
    rate_per_minute: int = RATE_PER_MINUTE
    """Requests of one address, in each worker process; 0: no limit."""
    is_behind_proxy: bool = False
    """Whether the last `X-Forwarded-For` is the caller's address."""
    memory_bytes: int = MEMORY_MB << 20
    """For answers given before, on each connection; 0: none are kept."""

    @property
    def terms(self) -> str:
        """Where the terms of use stand."""
        return f"{self.base_url}/api/#terms"


def current_site() -> Site:
    """The installation as the settings have it; absent settings have our defaults."""
    return Site(
        base_url=settings.DATACOOP_BASE_URL,
        licence=licence(public=True),
        rate_per_minute=int(getattr(settings, "DATACOOP_RATE_PER_MINUTE", RATE_PER_MINUTE)),
        memory_bytes=int(getattr(settings, "DATACOOP_ANSWER_MEMORY_MB", MEMORY_MB)) << 20,
        is_behind_proxy=bool(getattr(settings, "DATACOOP_BEHIND_PROXY", False)),
    )
