"""Other cooperatives' feeds on the command line: begin to follow one, follow those that are due, tell how it went."""

from __future__ import annotations

from datetime import UTC, datetime

from datacoop.cli.answers import FINDINGS, Refused, answer
from datacoop.cli.lists import ACTOR, SCHEDULES
from datacoop.pipelines.following import CHANGED, FAILED, SAME, Asked, FeedRefused, Followed, follow, follow_all
from datacoop.sources.feeds import FeedTakenError, find_feed

WORDS = {CHANGED: "taken in", SAME: "unchanged", FAILED: "failed"}


def follow_feed(address: str, holder: str, *, every: str | None, accept_removals: bool, as_json: bool) -> int:
    """Follow a feed from now on, or change how often, and say what came of it. Raises: Refused."""
    before = find_feed(holder)
    hours = SCHEDULES[every] if every else before.pull_hours if before else None
    try:
        done = follow(
            address=address, holder=holder, pull_hours=hours, asked=Asked(ACTOR, accept_removals=accept_removals)
        )
    except (FeedRefused, FeedTakenError) as refused:
        raise Refused(str(refused)) from refused
    answer(told(done), words=in_words(done), as_json=as_json)
    return FINDINGS if done.outcome == FAILED else 0


def followed(holder: str | None, *, due: bool) -> list[Followed]:
    """Follow the feed of a holder, those that are due, or all."""
    now = datetime.now(UTC)
    feed = find_feed(holder) if holder else None
    if holder and feed is None:
        return []
    return follow_all(address=feed.address if feed else None, due_by=now if due else None)


def told(done: Followed) -> dict[str, object]:
    """Return what came of a feed as `pull` prints it."""
    return {
        "holder": done.holder,
        "source": done.address,
        "outcome": done.outcome,
        "code": done.code or None,
        "detail": None,
        "message": done.message or None,
        "doubts": [],
        "counts": {name: done.counts[name] for name in ("new", "changed", "vanished")},
    }


def in_words(done: Followed) -> str:
    """Return it for people."""
    counts = ", ".join(f"{done.counts[name]} {name}" for name in ("new", "changed", "vanished") if done.counts[name])
    said = f"{done.holder} – {done.address}: {WORDS[done.outcome]}"
    more = done.message or counts
    return f"{said}: {more}" if more else f"{said}."
