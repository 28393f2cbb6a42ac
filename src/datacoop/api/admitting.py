"""Holders' programs at the door: who may come in, and how large a body may be, is settled before any of it is kept.

Django writes a whole body to disk before its view is asked: without this anybody could fill the disk. A body that grows
beyond what it announced is cut off by `BoundedBodies`, which tells its length.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from django.db import close_old_connections

from datacoop.accounts.holding import holder_of_token
from datacoop.api.answers import Answers
from datacoop.api.problems import Problem
from datacoop.pipelines.submitting import MOST_BYTES

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_NEEDED: Final = ((b"www-authenticate", b'Bearer realm="datacoop", scope="contributions"'),)
_REFUSED: Final = ((b"www-authenticate", b'Bearer realm="datacoop", error="invalid_token"'),)


async def admitted(
    inner: Callable[[Receive, Send], Awaitable[None]], receive: Receive, send: Send, scope: Message, answers: Answers
) -> None:
    """Let a request through whose token is of a holder's key, and whose body is not announced as too large."""
    problem = await _problem_of({name: value.decode("latin-1") for name, value in scope["headers"]})
    if problem is None:
        await inner(receive, send)
        return
    answer = answers.problem(problem, public=False)
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})


def token_of(authorization: str | None) -> str:
    """Return the bearer token of a header. Raises: Problem where there is none."""
    if authorization is None:
        raise Problem("invalid-token", "Lists are sent with a token of a holder's key.", headers=_NEEDED)
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise refused()
    return token.strip()


def refused() -> Problem:
    """Return the answer to a token that is not of a holder's key."""
    return Problem("invalid-token", "It is not a running token of a holder's key.", headers=_REFUSED)


def too_large() -> Problem:
    """Return the answer to a list that is too large."""
    return Problem("too-large", f"A list has {MOST_BYTES // 1_000_000} MB at most. Send it in parts (mode=patch).")


def is_too_large(length: str | None) -> bool:
    """Whether a body is longer than a list may be, by its Content-Length."""
    return length is not None and length.isdigit() and int(length) > MOST_BYTES


async def _problem_of(said: dict[bytes, str]) -> Problem | None:
    try:
        token = token_of(said.get(b"authorization"))
    except Problem as problem:
        return problem
    loop = asyncio.get_running_loop()
    if not await loop.run_in_executor(None, partial(_is_a_holders, token)):
        return refused()
    return too_large() if is_too_large(said.get(b"content-length")) else None


def _is_a_holders(token: str) -> bool:
    close_old_connections()
    try:
        return holder_of_token(token, now=datetime.now(UTC)) is not None
    finally:
        close_old_connections()
