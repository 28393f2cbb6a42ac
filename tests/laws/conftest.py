"""A served application over the test's database, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from datacoop.api.asgi import wrap
from datacoop.api.site import Site
from datacoop.disclosure.deliveries import forget_durable
from datacoop.disclosure.reading import Reading, open_reading
from tests.api.conftest import django
from tests.api.world import BASE_URL, Caller
from tests.laws.city import City


@pytest.fixture
def caller(transactional_db: None) -> Iterator[Caller]:
    opened: list[Reading] = []

    def opening() -> Reading:
        opened.append(open_reading())
        return opened[-1]

    forget_durable()
    yield Caller(wrap(django, Site(BASE_URL), opening))
    for each in opened:
        each.close()


@pytest.fixture
def city(caller: Caller) -> City:
    return City(caller)
