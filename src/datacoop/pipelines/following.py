"""Follow other cooperatives' public feeds: read what changed there, take it in as lists of a holder, one of each kind.

Only what is public there comes here, of organisations and what they do, and only from the cooperative that was told it:
a record that came from somewhere else, or from here, is left to where it came from. What was taken away there is
taken away here with the next contribution, by the feed and by the signed list of retractions.
"""

from __future__ import annotations

import secrets
import shutil
import time
import uuid
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import orjson
from django.conf import settings

from datacoop.kinds.definition import Kind, all_kinds
from datacoop.ledger.rules import UnfitPayload, canonical
from datacoop.ledger.signing import NotSigned, signed_content
from datacoop.pipelines.contribute import ContributionRefused, contribute
from datacoop.pipelines.intake import Intake, Report
from datacoop.pipelines.pulling import agent, pulled_folder, reach
from datacoop.pipelines.walked import Walked
from datacoop.records.rules import is_natural
from datacoop.sources.actions import BusyError, SupersededError
from datacoop.sources.doubting import MANY_VANISHED
from datacoop.sources.feeds import (
    LIST,
    FeedFacts,
    claim_feed,
    find_list_of_feed,
    known_here,
    list_feeds,
    list_of_feed,
    note_followed,
    note_unfollowed,
    register_feed,
)
from datacoop.sources.fetching import Limits, fetch
from datacoop.sources.reaching import FetchFailed, check_address

ACTOR = "feed"
CHANGED, SAME, FAILED = "changed", "same", "failed"
PAGE = 1000
_PAGE_LIMITS = Limits(bytes=50_000_000, seconds=60.0)
#: All pages together: longer than any feed we know takes, shorter than its claim.
MOST_SECONDS, MOST_PAGES = 2 * 3600.0, 100_000
_CHANGES, _RETRACTIONS = "/api/v1/changes", "/api/v1/retractions"
_SIGNED = "retractions+jws"
_COUNTED = ("new", "changed", "vanished")
_UNKNOWN = "reference-unknown"

Clock = Callable[[], datetime]


class FeedRefused(Exception):
    """It cannot be followed; `code` says why, the message what to do."""

    def __init__(self, code: str, message: str) -> None:
        """Keep both."""
        super().__init__(message)
        self.code = code


class _Forgotten(Exception):
    """The other side does not know the position any more: it was restored from a backup."""


@dataclass(frozen=True)
class Followed:
    """What came of following one feed."""

    holder: str
    address: str
    outcome: str
    code: str = ""
    message: str = ""
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Asked:
    """Who follows, and whether many records may be gone where a feed is read from its beginning again."""

    actor: str = ACTOR
    accept_removals: bool = False
    clock: Clock = lambda: datetime.now(UTC)


def base_of(address: str) -> str:
    """Return the address of a cooperative, whichever of its addresses was given. Raises: FeedRefused."""
    try:
        base = check_address(address.strip(), reach()).partition("?")[0].rstrip("/")
    except FetchFailed as failed:
        raise FeedRefused(failed.code, f"{failed}.") from failed
    base = base.removesuffix(_CHANGES).removesuffix("/api/v1").rstrip("/")
    if base == settings.DATACOOP_BASE_URL.rstrip("/"):
        raise FeedRefused("own-feed", "This is our own feed.")
    return base


def follow(*, address: str, holder: str, pull_hours: int | None, asked: Asked) -> Followed:
    """Follow a feed from now on, under the name of a holder, and take in what it tells.

    Raises:
        FeedRefused, sources.feeds.FeedTakenError: nothing is registered.
    """
    base = base_of(address)
    register_feed(holder=holder.strip(), address=base, pull_hours=pull_hours, now=asked.clock())
    (followed,) = follow_all(address=base, asked=asked)
    return followed


def follow_due(*, now: datetime) -> int:
    """Follow every feed that is due, one after the other, and return how many were. The periodic job."""
    return len(follow_all(due_by=now))


def follow_all(
    *, address: str | None = None, due_by: datetime | None = None, asked: Asked = Asked()
) -> list[Followed]:  # fmt: skip
    """Follow feeds: one, those due, or all. What goes wrong with one is told, and stops no other."""
    found = []
    for each in [address] if address else list_feeds(due_by=due_by):
        feed = claim_feed(each, now=asked.clock(), due_by=due_by)
        if feed is not None:
            found.append(_followed(feed, asked))
    return found


def _followed(feed: FeedFacts, asked: Asked) -> Followed:
    folder = pulled_folder() / secrets.token_urlsafe(24)
    folder.mkdir(parents=True, mode=0o700)
    try:
        return _Following(feed, asked, folder).run()
    except (FetchFailed, FeedRefused) as failed:
        note_unfollowed(feed, code=failed.code, detail=getattr(failed, "detail", ""), now=asked.clock())
        return Followed(feed.holder_name, feed.address, FAILED, failed.code, str(failed))
    except Exception as error:
        note_unfollowed(feed, code="inside", detail=type(error).__name__, now=asked.clock())
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Following:
    """The state of one run."""

    def __init__(self, feed: FeedFacts, asked: Asked, folder: Path) -> None:
        self._feed, self._asked, self._folder = feed, asked, folder
        self._until = time.monotonic() + MOST_SECONDS
        self._licence = ""
        self._keys: dict[str, Any] = {}
        self._is_anew = False
        self._counts: Counter[str] = Counter()

    def run(self) -> Followed:
        """Read to the end, take in, and only then note how far: whoever is killed reads the same once more."""
        walked = Walked(self._folder / "walked.sqlite3")
        try:
            position = self._changes(walked)
            retracted = self._retractions(walked)
            for kind in followed_kinds():
                self._take(kind, walked)
        finally:
            walked.close()
        note_followed(self._feed, position=position, retracted=retracted, now=self._asked.clock())
        outcome = CHANGED if self._counts.total() else SAME
        return Followed(self._feed.holder_name, self._feed.address, outcome, counts=+self._counts)

    def _changes(self, walked: Walked) -> str:
        try:
            return self._walk(_CHANGES, self._feed.position, lambda page: self._keep(page, walked))
        except _Forgotten:
            # Restored from a backup: what it does not tell any more is gone.
            self._is_anew = True
            walked.clear()
            return self._walk(_CHANGES, "", lambda page: self._keep(page, walked))

    def _retractions(self, walked: Walked) -> str:
        """Read after the feed: what was taken away since then is not shown until the next time, but taken away now."""

        def keep(page: dict[str, Any]) -> None:
            self._check_signed(page)
            for each in page["items"]:
                if each["state"] == "deleted":
                    walked.end(str(each["kind"]), _uid(each["id"]))

        try:
            return self._walk(_RETRACTIONS, self._feed.retracted, keep)
        except _Forgotten:
            return self._walk(_RETRACTIONS, "", keep)

    def _walk(self, path: str, position: str, keep: Callable[[dict[str, Any]], None]) -> str:
        """Hand every page after a position to `keep`, and return the position behind the last. Raises: _Forgotten."""
        for _ in range(MOST_PAGES):
            page = self._page(path, position)
            try:
                keep(page)
                # The position alone is taken from `next`: an address in an answer leads nowhere.
                after = parse_qs(urlsplit(page["next"]).query).get("after", [""])[0]
                is_last = not page["items"]
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise _no_feed() from error
            if is_last:
                return after or position
            if after == position:
                raise _no_feed()
            position = after
        raise FeedRefused("too-large", "The feed does not end.")

    def _page(self, path: str, position: str) -> dict[str, Any]:
        query = urlencode({"limit": PAGE, **({"after": position} if position else {})})
        try:
            page = self._fetched(f"{path}?{query}")
        except FetchFailed as failed:
            if position and (failed.code, failed.detail) == ("status", "400"):
                raise _Forgotten from failed
            raise
        if not isinstance(page.get("items"), list):
            raise _no_feed()
        return page

    def _fetched(self, path: str) -> dict[str, Any]:
        if time.monotonic() > self._until:
            raise FetchFailed("too-slow")
        address = f"{self._feed.address}{path}"
        fetched = fetch(address, into=self._folder, limits=_PAGE_LIMITS, reach=reach(), agent=agent())
        assert fetched.path is not None
        try:
            found = orjson.loads(fetched.path.read_bytes())
        except orjson.JSONDecodeError as error:
            raise _no_feed() from error
        finally:
            fetched.path.unlink()
        if not isinstance(found, dict):
            raise _no_feed()
        return found

    def _check_signed(self, page: dict[str, Any]) -> None:
        # Once, and after the first page: before anything is signed there may be no key.
        self._keys = self._keys or self._fetched("/.well-known/jwks.json")
        try:
            said = signed_content(str(page["signature"]), self._keys, typ=_SIGNED)
            is_so = said == canonical({"items": page["items"], "next": page["next"]})
        except (NotSigned, UnfitPayload) as error:
            raise _not_signed() from error
        if not is_so:
            raise _not_signed()

    def _keep(self, page: dict[str, Any], walked: Walked) -> None:
        self._licence = str(page.get("license", ""))
        kinds = {kind.name: kind for kind in followed_kinds()}
        for item in page["items"]:
            kind = kinds.get(item["kind"])
            if kind is None:
                continue
            body = _body(item, kind) if item["state"] == "updated" else None
            if body is None:
                walked.gone(kind.name, _uid(item["id"]))
            else:
                walked.keep(kind.name, _uid(item["id"]), orjson.dumps(body))

    def _take(self, kind: Kind, walked: Walked) -> None:
        """Take in what came of a kind; what is ours, or came to us otherwise, is not taken from here."""
        source_id = find_list_of_feed(self._feed, kind.name)
        path = self._folder / f"{kind.plural}.ndjson"
        count = walked.write(kind.name, path, without=lambda uids: known_here(source_id, uids))
        gone = walked.ended(kind.name)
        if source_id is None and not count:
            return
        if not count and not gone and not self._is_anew:
            return
        list_of_feed(self._feed, kind=kind.name, licence=self._licence, now=self._asked.clock())
        intake = Intake(
            files=(path,) if count else (), holder=self._feed.holder_name, source=LIST, kind=kind.name, published=True,
            page=self._feed.address, partial=True, gone=gone, accept_unlike=True, gives_way=True,
        )  # fmt: skip
        if count or gone:
            # What it says of each is done whatever is asked about the others.
            self._contribute(intake)
        if self._is_anew:
            whole = replace(intake, partial=False, gone=frozenset(), accept_removals=self._asked.accept_removals)
            self._contribute(whole)

    def _contribute(self, intake: Intake) -> None:
        if self._report_of(intake).codes[_UNKNOWN]:
            # What a record refers to stood behind it, or beside it: it is known now.
            self._report_of(intake)

    def _report_of(self, intake: Intake) -> Report:
        try:
            report = contribute(intake, actor=self._asked.actor, clock=self._asked.clock)
        except ContributionRefused as refused:
            if isinstance(refused.__cause__, BusyError | SupersededError):
                raise FeedRefused("busy", str(refused)) from refused
            told = refused.report.doubts if refused.report else []
            code = MANY_VANISHED if any(each.code == MANY_VANISHED for each in told) else "refused"
            raise FeedRefused(code, str(refused)) from refused
        self._counts.update({name: report.counts[name] for name in _COUNTED})
        return report


def followed_kinds() -> list[Kind]:
    """Return the kinds that are followed: those that feeds tell and that are about no natural person.

    A person's consent was given to the other cooperative alone. In the order in which one may refer to another.
    """
    told = [kind for kind in all_kinds().values() if kind.list_route and not is_natural(kind)]
    return sorted(told, key=lambda kind: (kind.subject != "self", kind.name))


def _body(item: dict[str, Any], kind: Kind) -> dict[str, Any] | None:
    """Return what is taken of a record: what everybody is told in lists.

    None for one whose name nobody is told any more, and for one that another cooperative told it: it is taken from
    there, so that nothing goes round, however many follow each other.
    """
    data = item["data"]
    if data["id"] != item["id"] or data["kind"] != kind.name or not isinstance(data["modified"], int):
        raise _no_feed()
    has_name = "name" not in kind.slots or kind.slots["name"].name in data
    if not has_name or any("origin" in each for each in data.get("sources", ())):
        return None
    told: Collection[str] = {"kind", "modified", *(each.name for each in kind.properties if each.open)}
    return {"id": str(_uid(item["id"]))} | {name: value for name, value in data.items() if name in told}


def _uid(text: object) -> uuid.UUID:
    return uuid.UUID(str(text))


def _no_feed() -> FeedRefused:
    return FeedRefused("no-feed", "It does not answer as a cooperative does: is the address right?")


def _not_signed() -> FeedRefused:
    return FeedRefused("signature", "What it says was taken away is not signed by it: nothing was taken in.")
