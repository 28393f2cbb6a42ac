"""What a worker does from its start to its end: it writes what was counted, steadily, and once more when it ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from datacoop.api import living
from datacoop.api.asgi import wrap
from datacoop.api.site import Site
from tests.api.conftest import django
from tests.api.world import BASE_URL

pytestmark = pytest.mark.django_db


def lived(seconds: float) -> list[str]:
    """What a server is told by an application that lives so long."""
    application = wrap(django, Site(BASE_URL))  # type: ignore[arg-type]
    told: list[str] = []

    async def receive() -> dict[str, Any]:
        if told:
            await asyncio.sleep(seconds)
        return {"type": "lifespan.shutdown" if told else "lifespan.startup"}

    async def send(message: Any) -> None:
        told.append(message["type"])

    asyncio.run(application({"type": "lifespan"}, receive, send))  # type: ignore[arg-type]
    return told


def test_writes_steadily_and_at_the_end_and_survives_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(living, "WRITTEN_EACH", 0.02)
    writes = []

    def write() -> int:
        writes.append(len(writes))
        if len(writes) < 3:
            raise OSError("The disk is full.")
        return 0

    monkeypatch.setattr(living, "write_repeats", write)

    told = lived(0.5)

    assert told == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert len(writes) >= 4


def test_a_short_life_writes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[int] = []
    monkeypatch.setattr(living, "write_repeats", lambda: writes.append(1))

    lived(0)

    assert writes == [1]
