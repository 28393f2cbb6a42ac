"""Django's cache, where allauth counts wrong codes of authenticators: in the file of tallies, shared by all processes.

A cache in each process would give whoever guesses one budget for each. Kept are JSON values under keyed digests.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

from datacoop.lib.tallies import Tallies
from datacoop.portal.limits import TALLIES, digest_of


class SharedCache(BaseCache):
    """A cache of small values. Nothing is kept for longer than a day. Raises: sqlite3.Error; TypeError for no JSON."""

    _LONGEST = 24 * 3600.0

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return a value, or the default."""
        kept = _tallies().get(self._digest(key, version), time.time())
        return default if kept is None else json.loads(kept)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep a value."""
        made = json.dumps(value), time.time() + self._lasts(timeout)
        _tallies().change(self._digest(key, version), lambda _before: made, time.time())

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value where there is none, and say whether it was kept: of two at once, one is."""
        made = json.dumps(value), time.time() + self._lasts(timeout)
        is_added = False

        def put(before: str | None) -> tuple[str, float] | None:
            nonlocal is_added
            is_added = before is None
            return made if is_added else None

        _tallies().change(self._digest(key, version), put, time.time())
        return is_added

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget a value."""
        _tallies().remove(self._digest(key, version))
        return True

    def clear(self) -> None:
        """Forget everything that is counted, by limits too."""
        _tallies().begin_anew()

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value longer; False where there is none."""
        until, found = time.time() + self._lasts(timeout), False

        def prolong(before: str | None) -> tuple[str, float] | None:
            nonlocal found
            found = before is not None
            return None if before is None else (before, until)

        _tallies().change(self._digest(key, version), prolong, time.time())
        return found

    def _digest(self, key: str, version: int | None) -> bytes:
        return digest_of("cache", self.make_key(key, version=version))

    def _lasts(self, timeout: Any) -> float:
        given = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return min(float(given), self._LONGEST) if given is not None else self._LONGEST


def _tallies() -> Tallies:
    return Tallies(Path(settings.DATACOOP_DATA_DIR) / TALLIES)
