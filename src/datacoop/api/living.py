"""What a worker process does beside answering, from its start to its end: write once a minute what was counted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from django.db import close_old_connections

from datacoop.disclosure.repeating import write_repeats

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

WRITTEN_EACH: Final = 60.0
log = logging.getLogger(__name__)


async def live(receive: Receive, send: Send) -> None:
    """Speak the lifespan protocol until the server ends, and write what is left then."""
    writing: asyncio.Task[None] | None = None
    while True:
        event = (await receive())["type"]
        if event == "lifespan.startup":
            writing = asyncio.create_task(_write_steadily())
        elif writing is not None:
            writing.cancel()
            await asyncio.to_thread(_write)
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return


async def _write_steadily() -> None:
    while True:
        await asyncio.sleep(WRITTEN_EACH)
        await asyncio.to_thread(_write)


def _write() -> None:
    """A failure waits for the next minute: what was counted is kept until then."""
    close_old_connections()
    try:
        write_repeats()
    except Exception:
        log.exception("What clients got again could not be written.")
    finally:
        close_old_connections()
