"""How much one network and one client may ask for: counted before any look-up, and told in `RateLimit` headers.

What is counted is the request alone, never what was found; only a record that is not there costs whoever guesses more.
What every anonymous reader is told is the same, for caches may keep it: how much is left stands where none keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_plus

from datacoop.api import parameters, routes
from datacoop.api.answers import Header
from datacoop.api.calls import UNCOUNTED, Call, Standing
from datacoop.api.site import Site
from datacoop.disclosure.readers import Reader
from datacoop.lib.buckets import Buckets, Budget, Spending
from datacoop.lib.networks import network

HOUR: Final = 3600
#: In an hour, of one network that shows no token: pages of lists, records, exports (decision 0056).
PAGES, RECORDS, EXPORTS = 6000, 600, 30
#: Pages after the first count so often, records that are not there so often.
FURTHER, MISSED = 3, 6
#: Once less than this part is left, answers to the public say how much.
_LAST: Final = 0.1
_MOST_QUERIES = 4096
#: Networks that showed a token which opens nothing, in this process: of all others none is looked up.
_MOST_GUESSERS = 10_000


class Limits:
    """The budgets of one installation."""

    def __init__(self, site: Site, buckets: Buckets | None = None) -> None:
        """Where no requests a minute are set there is no limit at all."""
        self._buckets = buckets or Buckets(site.secret, site.counted_in)
        self._address = _budget("address", 0, site.rate_per_minute, 60) if site.rate_per_minute else None
        self._hourly: Mapping[str, Budget] = {}
        if self._address is not None and site.anonymous_percent:
            share = site.anonymous_percent / 100
            self._hourly = {
                routes.LIST: _budget("pages", 1, PAGES * share, HOUR),
                routes.ONE: _budget("records", 2, RECORDS * share, HOUR),
                routes.EXPORT: _budget("exports", 3, EXPORTS * share, HOUR),
            }
        self._per_minute = site.client_rate_per_minute
        self._of_clients: dict[int, tuple[Spending, Header]] = {}
        self._spendings: dict[tuple[str, int], Spending] = {}
        self._guessers: set[str] = set()
        standing = {name: self._budgets(name) for name in ("", *self._hourly)}
        self._usual = {name: Standing((_policy(*budgets),)) for name, budgets in standing.items() if budgets}

    def count(self, call: Call) -> Standing:
        """Count a request. What shows a token is its client's, once that is known: here only guessing is limited."""
        if self._address is None or not call.address:
            return UNCOUNTED
        caller, route = network(call.address, 64, 32), call.target.route.name
        if call.authorization is not None and route not in routes.ALIKE:
            return self._count_guess(caller, self._address) if caller in self._guessers else UNCOUNTED
        cost = 1
        if route not in self._hourly:
            route = ""
        elif route == routes.LIST:
            cost = cost_of(call.query)
        spending = self._spendings.get((route, cost)) or self._work_out(route, cost)
        lacking, owed = self._buckets.spend(caller, spending)
        usual, first = self._usual[route], spending.budgets[0]
        if lacking is not None:
            return _refused(lacking, owed, usual.headers, cost if lacking is first else 1)
        if owed <= first.seconds * (1 - _LAST):
            return usual
        return Standing((*usual.headers, _left(first, owed)), makes_private=True)

    def _work_out(self, route: str, cost: int) -> Spending:
        first, *others = self._budgets(route)
        found = self._spendings[route, cost] = Spending((first, cost), *((each, 1) for each in others))
        return found

    def _count_guess(self, caller: str, budget: Budget) -> Standing:
        lacking, owed = self._buckets.spend(_guessing(caller), Spending((budget, 0)))
        return UNCOUNTED if lacking is None else _refused(lacking, owed)

    def count_client(self, reader: Reader) -> Standing:
        """Count a request of a client."""
        quota = self._per_minute if reader.per_minute is None else reader.per_minute
        if not quota:
            return UNCOUNTED
        spending, policy = self._of_clients.get(quota) or self._learn(quota)
        lacking, owed = self._buckets.spend(reader.agreement or "", spending)
        if lacking is not None:
            return _refused(lacking, owed, (policy,))
        return Standing((policy, _left(spending.budgets[0], owed)))

    def _learn(self, quota: int) -> tuple[Spending, Header]:
        budget = _budget("client", 0, quota, 60)
        found = self._of_clients[quota] = Spending((budget, 1)), _policy(budget)
        return found

    def miss(self, call: Call, status: int) -> None:
        """Note that something was asked for that is not there: a token, or a record."""
        if self._address is None or not call.address:
            return
        caller = network(call.address, 64, 32)
        if call.authorization is not None:
            if status == 401:
                if len(self._guessers) >= _MOST_GUESSERS:
                    self._guessers.clear()
                self._guessers.add(caller)
                self._buckets.charge(_guessing(caller), self._address, 1)
        elif status == 404 and call.target.route.name == routes.ONE and routes.ONE in self._hourly:
            self._buckets.charge(caller, self._hourly[routes.ONE], MISSED - 1)

    def _budgets(self, name: str) -> tuple[Budget, ...]:
        return tuple(each for each in (self._hourly.get(name), self._address) if each is not None)


@lru_cache(maxsize=_MOST_QUERIES)
def cost_of(query: str) -> int:
    """As how many pages of the usual length a page of a list counts.

    >>> [cost_of(query) for query in ("", "q=a&li%6dit=200", "limit=40&cursor=x", "page=2", "page=1", "limit=x")]
    [1, 10, 6, 3, 1, 1]
    """
    said = dict(unquote_plus(part).partition("=")[::2] for part in query.split("&"))
    size = said.get("limit", said.get("per_page", ""))
    size = size.lstrip("0")[:4] if size.isascii() and size.isdigit() else ""
    pages = -(-min(int(size or parameters.LIMIT), parameters.MOST) // parameters.LIMIT)
    return pages * (FURTHER if said.get("cursor") or said.get("page", "1") != "1" else 1)


@lru_cache(maxsize=1024)
def _budget(name: str, place: int, quota: float, seconds: int) -> Budget:
    return Budget(name, place, max(1, round(quota)), seconds)


def told(headers: Iterable[Header], standing: Standing) -> list[Header]:
    """The headers of an answer, with what its caller is told of their budgets; then perhaps no cache may keep it."""
    if not standing.makes_private:
        return [*headers, *standing.headers]
    kept = [each for each in headers if each[0].lower() != b"cache-control"]
    return [*kept, (b"cache-control", b"private, no-store"), *standing.headers]


def _guessing(caller: str) -> str:
    return f"guesses {caller}"


def _refused(budget: Budget, owed: float, headers: tuple[Header, ...] = (), cost: float = 1) -> Standing:
    wait = budget.wait(owed, cost)
    left = (b"ratelimit", f'"{budget.name}";r={budget.left(owed)};t={wait}'.encode())
    return Standing((*headers, left), budget.name, wait, makes_private=True)


def _left(budget: Budget, owed: float) -> Header:
    return b"ratelimit", b'"%b";r=%d;t=%d' % (budget.name.encode(), budget.left(owed), budget.seconds)


@lru_cache(maxsize=1024)
def _policy(*budgets: Budget) -> Header:
    items = (b'"%b";q=%d;w=%d' % (each.name.encode(), each.quota, each.seconds) for each in budgets)
    return b"ratelimit-policy", b", ".join(items)
