"""The limit of the server: answers of a given size made of nothing.

`/1234` is 1234 bytes, `/9/1000` nine pieces of 1000 bytes.

Knows no Django and no room: served by the same command as the real application.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from typing import Any

Message = MutableMapping[str, Any]
APPLICATION = "datacoop.pipelines.bench.fixed:application"


async def application(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Answer anything; to the server that begins and ends as the real application does, that nothing is to be done."""
    if scope["type"] == "lifespan":
        for _ in ("startup", "shutdown"):
            await send({"type": f"{(await receive())['type']}.complete"})
        return
    pieces, body = _answer(scope["path"])
    if pieces == 1:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    for _ in range(pieces):
        await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@lru_cache(maxsize=64)
def _answer(path: str) -> tuple[int, bytes]:
    numbers = [int(part) for part in path.strip("/").split("/") if part.isdigit()] or [2]
    return (numbers[0] if len(numbers) > 1 else 1), b"x" * numbers[-1]
