"""What the read application knows of its installation: read once, when the process starts."""

from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from datacoop.feeds.licensing import LICENCE, licence

RATE_PER_MINUTE = 6000
CLIENT_RATE_PER_MINUTE = 6000
MEMORY_MB = 32
#: The file in the data folder in which requests are counted; no backup holds it.
COUNTED = "requests.counted"


@dataclass(frozen=True, slots=True)
class Site:
    """Addresses and limits of this installation."""

    base_url: str
    licence: str = LICENCE
    """Of what anonymous readers get; clients come under their terms."""
    rate_per_minute: int = RATE_PER_MINUTE
    """Requests of one network without a token; 0: no limit, nor any of those by the hour."""
    anonymous_percent: int = 100
    """How much of the usual a network may ask for in an hour (`limits`); 0: no limit by the hour."""
    client_rate_per_minute: int = CLIENT_RATE_PER_MINUTE
    """Requests of a client whose agreement says nothing else; 0: no limit."""
    counted_in: Path | None = None
    """The file in which all processes of this machine count; None: each for itself."""
    secret: bytes = field(default=b"", repr=False)
    """Under which callers are kept there."""
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
        anonymous_percent=int(getattr(settings, "DATACOOP_ANONYMOUS_PERCENT", 100)),
        client_rate_per_minute=int(getattr(settings, "DATACOOP_CLIENT_RATE_PER_MINUTE", CLIENT_RATE_PER_MINUTE)),
        counted_in=Path(settings.DATACOOP_DATA_DIR) / COUNTED,
        secret=settings.SECRET_KEY.encode(),
    )
