"""Law 2 with limits on: what a caller is told of quotas, and when they are refused, tells of nothing undisclosed.

Feed, exports and retractions are compared elsewhere: a client's positions in them are sealed vectors of counters.
"""

from __future__ import annotations

import pytest

from datacoop.api.answering import Answering
from datacoop.api.limits import Limits
from datacoop.api.site import Site
from datacoop.lib.buckets import Buckets
from tests.laws.catalogue import CATALOGUE
from tests.laws.grammar import Request, standard_requests
from tests.laws.judging import Asker, Reply
from tests.laws.oracle import redacted
from tests.laws.replaying import replay
from tests.laws.worlds import LABELS, World, kind_of, uid_of

pytestmark = pytest.mark.django_db(transaction=True)

#: So little that much of what is asked below is refused.
SCARCE = Site("https://datacoop.example", rate_per_minute=60, anonymous_percent=1, client_rate_per_minute=40)
_SEALED = ("/changes", "/exports/", "/retractions")


class Counted(Asker):
    """Asks from one address at one moment, with limits on."""

    def __init__(self) -> None:
        super().__init__()
        limits = Limits(SCARCE, Buckets(b"secret", clock=lambda: 1000.0))
        self.application._limits = limits
        self.application._answering = Answering(SCARCE, limits)
        self.application = _FromOneAddress(self.application)  # type: ignore[assignment]


class _FromOneAddress:
    def __init__(self, inner: object) -> None:
        self._inner = inner

    async def __call__(self, scope: dict[str, object], receive: object, send: object) -> None:
        await self._inner({**scope, "client": ("192.0.2.7", 1)}, receive, send)  # type: ignore[operator]

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def told(world: World, reader: str) -> list[tuple[str, Reply]]:
    replay(world)
    asker = Counted()
    lists = [each for each in standard_requests()[::7] if not any(word in each.path for word in _SEALED)]
    ids = [Request(f"/api/v1/{kind_of(label)}s/{uid_of(label)}") for label in LABELS if kind_of(label) != "activity"]
    found = [(str(each), asker.ask(each, reader)) for each in [*ids, *lists[:60]]]
    asker.close()
    return found


@pytest.mark.parametrize("name", ["pointing to the hidden", "hidden from one before others see it"])
@pytest.mark.parametrize("reader", ["public", "A"])
def test_what_is_counted_tells_of_nothing_undisclosed(reader: str, name: str) -> None:

    real = told(CATALOGUE[name], reader)
    other = told(redacted(CATALOGUE[name], reader, "remove"), reader)

    assert real == other
    assert {reply.status for _, reply in real} >= {200, 404, 429}
