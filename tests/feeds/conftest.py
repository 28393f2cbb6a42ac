"""Exports are compared with what the API streams; a client's receiver stands on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.feeds.receiving import HOST, Clock, Receiver, receiving
from tests.laws.conftest import caller, city

__all__ = ["caller", "city"]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.DATACOOP_WEBHOOK_HOSTS = frozenset({HOST})
    with receiving() as one:
        yield one


@pytest.fixture
def clock() -> Clock:
    return Clock()
