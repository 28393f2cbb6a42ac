"""The served application over the test's database."""

from collections.abc import Iterator
from typing import Any

import pytest

from datacoop.api.asgi import wrap
from datacoop.api.site import Site
from datacoop.disclosure.reading import Reading, open_reading
from tests.api.world import BASE_URL, Caller


async def django(scope: Any, receive: Any, send: Any) -> None:
    """Stands where Django does: says that it was asked."""
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"django"})


@pytest.fixture
def caller(transactional_db: None) -> Iterator[Caller]:
    """Calls the application as wrapped for serving, with connections that end with the test."""
    opened: list[Reading] = []

    def opening() -> Reading:
        opened.append(open_reading())
        return opened[-1]

    yield Caller(wrap(django, Site(BASE_URL), opening))
    for each in opened:
        each.close()
