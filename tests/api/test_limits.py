"""What one network and one client may ask for: ordinary people never notice, who takes all is told where it is."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from datacoop.api import limits
from datacoop.api.answers import Answer
from datacoop.api.asgi import wrap
from datacoop.api.calls import Call, Standing
from datacoop.api.limits import EXPORTS, MISSED, PAGES, RECORDS, Limits
from datacoop.api.routes import Routes
from datacoop.api.site import Site
from datacoop.consent.actions import set_quota, suspend_agreement
from datacoop.disclosure.readers import Reader
from datacoop.kinds.definition import all_kinds
from datacoop.lib.buckets import Buckets
from tests.api import world
from tests.api.conftest import django
from tests.api.world import BASE_URL, Caller
from tests.lib.test_buckets import Clock

LIST, EXPORT = "/api/v1/organisations", "/api/v1/exports/organisations.ndjson"
ONE = f"{LIST}/6f1c9c7e-4d0a-4b1e-9d53-2a7f0c8e1b64"
ROUTES = Routes(all_kinds())


class Network:
    """Whoever asks from one address, as time goes by. It counts what was refused."""

    def __init__(self, limits: Limits, clock: Clock, address: str = "192.0.2.7") -> None:
        self._limits, self._clock, self._address = limits, clock, address
        self.refused = 0

    def ask(self, url: str, *, status: int = 200, token: str | None = None) -> Standing:
        path, _, query = url.partition("?")
        target = ROUTES.find(path.removeprefix("/api/v1/"))
        assert target is not None
        call = Call(path, target, query, authorization=token, address=self._address)
        standing = self._limits.count(call)
        if standing.lacking:
            self.refused += 1
        elif status >= 400:
            self._limits.miss(call, status)
        return standing

    def pass_time(self, seconds: float) -> None:
        self._clock.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def network(clock: Clock) -> Network:
    return Network(limits_at(clock), clock)


def limits_at(clock: Clock, site: Site = Site(BASE_URL)) -> Limits:  # noqa: B008 (frozen)
    return Limits(site, Buckets(b"secret", clock=clock))


def visit(network: Network, lot: random.Random) -> None:
    """One page of somebody who looks round: mostly the first page of something, sometimes more, a map, a record."""
    network.ask(
        *lot.choices(
            [
                f"{LIST}?q=chant&limit=20",
                f"{LIST}?theme=culture&cursor=abc",
                f"{LIST}.geojson?bbox=6,46,7,47&limit=200&count=false",
                ONE,
                "/api/v1/organisations/clusters?zoom=9",
                f"{LIST}/facets",
                EXPORT,
            ],
            [60, 8, 8, 8, 8, 8, 0.2],
        )
    )


class TestOrdinaryPeople:
    def test_a_visitor_of_200_pages_an_hour_is_never_stopped(self, network: Network) -> None:
        lot = random.Random(1)
        for _ in range(8 * 200):
            visit(network, lot)
            network.pass_time(3600 / 200)

        assert network.refused == 0

    def test_nor_is_a_class_behind_one_address(self, network: Network) -> None:
        """25 pupils, 60 pages each in a lesson, all from the school's address; five lessons in a row."""
        lot = random.Random(2)
        for _ in range(5 * 25 * 60):
            visit(network, lot)
            network.pass_time(45 * 60 / (25 * 60))

        assert network.refused == 0

    def test_a_few_dead_links_stop_nobody(self, network: Network) -> None:
        for _ in range(50):
            network.ask(ONE, status=404)

        assert not network.ask(ONE).lacking


class TestWhoTakesEverything:
    @pytest.mark.parametrize(
        ("url", "lacking", "most"),
        [
            (f"{LIST}?limit=200&cursor=abc", "pages", PAGES // 30),
            (f"{LIST}?lim%69t=200&curs%6fr=abc", "pages", PAGES // 30),
            (f"{LIST}?commune=5586&limit=200", "pages", PAGES // 10),
            (ONE, "records", RECORDS),
            (EXPORT, "exports", EXPORTS),
            ("/api/v1/changes", "address", 6000),
        ],
    )
    def test_is_stopped(self, network: Network, url: str, lacking: str, most: int) -> None:
        answers = [network.ask(url) for _ in range(most + 1)]

        assert [each.lacking for each in answers[-2:]] == ["", lacking]
        assert answers[-1].wait > 0
        network.pass_time(answers[-1].wait)
        assert not network.ask(url).lacking

    def test_what_stops_one_way_of_reading_stops_no_other(self, network: Network) -> None:
        while not network.ask(ONE).lacking:
            pass

        assert not network.ask(LIST).lacking
        assert not network.ask(EXPORT).lacking
        assert not network.ask("/api/v1/changes").lacking

    def test_guessing_costs_more_than_reading(self, network: Network) -> None:
        guesses = 0
        while not network.ask(ONE, status=404).lacking:
            guesses += 1

        assert guesses == RECORDS // MISSED

    def test_a_guess_beyond_is_refused_before_it_is_looked_up(self, network: Network) -> None:
        """Else 429 and 200 would tell what is there."""
        while not network.ask(ONE, status=404).lacking:
            pass

        assert network.ask(ONE, status=200).lacking == "records"

    def test_of_ipv6_the_whole_network_counts(self, clock: Clock) -> None:
        counted = limits_at(clock)
        for number in range(RECORDS):
            Network(counted, clock, f"2001:db8::{number:x}").ask(ONE)

        assert Network(counted, clock, "2001:db8::ffff:1").ask(ONE).lacking == "records"
        assert not Network(counted, clock, "2001:db8:0:1::1").ask(ONE).lacking


class TestSettings:
    def test_an_operator_gives_more_or_less_to_everybody(self, clock: Clock) -> None:
        network = Network(limits_at(clock, Site(BASE_URL, anonymous_percent=10)), clock)

        for _ in range(EXPORTS // 10):
            assert not network.ask(EXPORT).lacking
        assert network.ask(EXPORT).lacking == "exports"

    def test_zero_means_no_limit(self, clock: Clock) -> None:
        for site in (Site(BASE_URL, rate_per_minute=0), Site(BASE_URL, rate_per_minute=10**6, anonymous_percent=0)):
            network = Network(limits_at(clock, site), clock)
            for _ in range(7000):
                network.ask(f"{ONE}?fields=name")
            assert network.refused == 0

    def test_a_client_has_what_its_agreement_says_else_the_usual(self, clock: Clock) -> None:
        counted = limits_at(clock, Site(BASE_URL, client_rate_per_minute=10))

        def asked(reader: Reader) -> int:
            return sum(not counted.count_client(reader).lacking for _ in range(40))

        assert asked(Reader((1, 2, 3), "usual")) == 10
        assert asked(Reader((1, 2, 4), "more", per_minute=30)) == 30
        assert asked(Reader((1, 2, 5), "no limit", per_minute=0)) == 40


class TestTold:
    def test_everybody_is_told_the_same_policy(self, network: Network, clock: Clock) -> None:
        other = Network(limits_at(clock), clock, "192.0.2.8")
        first = network.ask(ONE)
        for _ in range(100):
            network.ask(ONE)

        assert network.ask(ONE) == first == other.ask(ONE)
        assert first.headers == ((b"ratelimit-policy", b'"records";q=600;w=3600, "address";q=6000;w=60'),)

    def test_who_has_little_left_is_told_how_much_and_no_cache_keeps_it(self, network: Network) -> None:
        for _ in range(RECORDS * 9 // 10):
            network.ask(ONE)

        standing = network.ask(ONE)

        assert standing.headers[1:] == ((b"ratelimit", b'"records";r=59;t=3600'),)
        answer = Answer(200, [(b"cache-control", b"no-cache"), (b"etag", b'"x"')])
        assert dict(limits.told(answer.headers, standing))[b"cache-control"] == b"private, no-store"
        assert dict(answer.headers)[b"cache-control"] == b"no-cache"

    def test_who_is_refused_may_come_back_when_told(self, network: Network) -> None:
        while not (standing := network.ask(EXPORT)).lacking:
            pass

        assert standing.headers[1:] == ((b"ratelimit", b'"exports";r=0;t=120'),)
        assert standing.wait == 120


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def served(transactional_db: None) -> Callable[..., Caller]:
    def make(**settings: int) -> Caller:
        return Caller(wrap(django, Site(BASE_URL, **settings)))  # type: ignore[arg-type]

    return make


class TestServed:
    def test_a_walk_through_everything_ends_where_the_exports_are_named(
        self, served: Callable[..., Caller], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("datacoop.api.limits.PAGES", 10)
        world.add_choirs(8)
        caller, url = served(), f"{LIST}?limit=1"

        read = []
        while (reply := caller.get(url)).status == 200:
            read += reply.json()["items"]
            url = reply.json()["next"]

        assert len(read) == 4
        assert (reply.status, reply.code, reply.json()["violated-policies"]) == (429, "too-many-requests", ["pages"])
        assert f"{BASE_URL}{EXPORT}" in reply.json()["exports"]
        assert reply.headers["cache-control"] == "private, no-store"
        assert reply.headers["access-control-allow-origin"] == "*"
        assert int(reply.headers["retry-after"]) == 3600 * 3 // 10
        whole = caller.get(next(each for each in reply.json()["exports"] if each.endswith("/organisations.ndjson")))
        assert len(whole.body.splitlines()) == 8
        assert caller.get(reply.json()["changes"]).status == 200

    def test_a_client_counts_by_itself_and_is_told(self, served: Callable[..., Caller]) -> None:
        caller = served(client_rate_per_minute=3, rate_per_minute=4)
        world.add_choirs(1)
        _, token = world.token_of_client()
        _, other = world.token_of_client("Another")

        replies = [caller.get(f"{LIST}?cursor=", authorization=f"Bearer {token}") for _ in range(4)]

        assert [each.headers["ratelimit"] for each in replies] == [
            '"client";r=2;t=60', '"client";r=1;t=60', '"client";r=0;t=60', '"client";r=0;t=20',
        ]  # fmt: skip
        assert {each.headers["ratelimit-policy"] for each in replies} == {'"client";q=3;w=60'}
        assert (replies[-1].status, replies[-1].headers["retry-after"]) == (429, "20")
        assert replies[-1].headers["cache-control"] == "private, no-store"
        assert caller.get(LIST, authorization=f"Bearer {other}").status == 200
        assert [caller.get(LIST).status for _ in range(5)] == [200] * 4 + [429]
        assert caller.get(EXPORT, authorization=f"Bearer {other}").headers["ratelimit"] == '"client";r=1;t=60'

    def test_the_quota_of_an_agreement_holds_from_the_next_request_on(self, served: Callable[..., Caller]) -> None:
        caller = served()
        agreement, token = world.token_of_client()
        set_quota(agreement=agreement, per_minute=7, actor="steward:1", now=datetime.now(UTC))

        reply = caller.get(LIST, authorization=f"Bearer {token}")

        assert reply.headers["ratelimit-policy"] == '"client";q=7;w=60'

    def test_guessing_tokens_is_limited_and_keeps_nobody_without_one(self, served: Callable[..., Caller]) -> None:
        caller = served(rate_per_minute=3)
        agreement, token = world.token_of_client()
        suspend_agreement(agreement=agreement, actor="steward:1", now=datetime.now(UTC))

        replies = [caller.get(LIST, authorization=f"Bearer {each}") for each in ("a", "b", token, "c")]

        assert [each.status for each in replies] == [401, 401, 401, 429]
        assert caller.get(LIST).status == 200

    @pytest.mark.parametrize(
        "url", ["/catalog.ttl", "/api/v1/ledger/checkpoints", "/api/v1/nothing", "/hsds/nothing", "/oauth/token"]
    )
    def test_an_invented_token_makes_nobody_a_client(self, served: Callable[..., Caller], url: str) -> None:
        """Where no token is looked at, one that is shown opens no budget of its own."""
        caller = served(rate_per_minute=3)

        replies = [caller.get(url, authorization="Bearer nope").status for _ in range(4)]

        assert 429 not in replies[:3]
        assert replies[3] == caller.get(url).status == 429

    @pytest.mark.parametrize("url", ["/hsds/organizations", "/catalog.ttl"])
    def test_what_is_only_read_says_so(self, served: Callable[..., Caller], url: str) -> None:
        caller = served()

        asked, changed = caller.get(url, "OPTIONS"), caller.get(url, "POST")

        assert (asked.status, asked.headers["access-control-allow-origin"]) == (204, "*")
        assert (changed.status, changed.code, changed.headers["allow"]) == (
            405, "method-not-allowed", "GET, HEAD, OPTIONS",
        )  # fmt: skip

    def test_what_is_kept_for_everybody_tells_of_nobody(self, served: Callable[..., Caller]) -> None:
        """Answers that a cache may keep are the same bytes and headers whoever asked for how much before."""
        world.add_choirs(1)
        caller, _, token = served(), *world.token_of_client()
        first = caller.get(LIST)
        for _ in range(5):
            caller.get(ONE)
            caller.get(LIST, authorization=f"Bearer {token}")

        again = served().get(LIST)

        assert (first.status, first.headers, first.body) == (again.status, again.headers, again.body)
        assert "ratelimit" not in first.headers
        kept = caller.get(LIST, if_none_match=first.headers["etag"])
        assert (kept.status, "ratelimit" in kept.headers) == (304, False)
        assert kept.headers["ratelimit-policy"] == first.headers["ratelimit-policy"]

    def test_what_django_answers_is_counted_as_what_it_is(self, served: Callable[..., Caller]) -> None:
        caller = served()
        asked = {"/hsds/organizations": "pages", "/hsds/organizations/x": "records", "/api/v1/acknowledgements": ""}

        for path, policy in asked.items():
            told = caller.get(path, "POST" if not policy else "GET").headers["ratelimit-policy"]
            assert told.startswith(f'"{policy or "address"}"')
