"""How many requests one address may make: a bucket of tokens for each, in this process, counted before any look-up."""

import ipaddress
import math
from collections.abc import Callable
from time import monotonic

MOST_ADDRESSES = 20_000


class Limiter:
    """A bucket holds one minute's requests and fills steadily; an empty one means waiting."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = monotonic) -> None:
        """Zero requests a minute means no limit."""
        self._most = float(per_minute)
        self._rate = per_minute / 60
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait_of(self, address: str | None) -> int:
        """Count one request: 0 if it may go on, else the seconds until the next one may."""
        if not self._most or not address:
            return 0
        if ":" in address:
            address = _network(address)
        now = self._clock()
        tokens, before = self._buckets.get(address, (self._most, now))
        tokens = min(self._most, tokens + (now - before) * self._rate)
        if tokens < 1:
            self._buckets[address] = (tokens, now)
            return math.ceil((1 - tokens) / self._rate)
        if len(self._buckets) >= MOST_ADDRESSES:
            self._forget_full(now)
        self._buckets[address] = (tokens - 1, now)
        return 0

    def _forget_full(self, now: float) -> None:
        """A bucket that is full again is as good as none; if none is, all start anew."""
        kept = {
            address: (tokens, before)
            for address, (tokens, before) in self._buckets.items()
            if tokens + (now - before) * self._rate < self._most
        }
        self._buckets = kept if len(kept) < MOST_ADDRESSES else {}


def _network(address: str) -> str:
    """One caller commands a whole /64 of IPv6."""
    try:
        return str(ipaddress.IPv6Network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return address
