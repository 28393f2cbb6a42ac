"""What is public of the ledger: a checkpoint a day, and proofs between them; never an entry, never a moment of ours."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.db import transaction
from django.test import Client, override_settings

from datacoop.api.chain_described import KEYS, TAG
from datacoop.api.openapi import document
from datacoop.api.site import Site
from datacoop.ledger.actions import append
from datacoop.ledger.checkpoints import covering
from datacoop.ledger.models import Entry
from datacoop.lib.merkle import leaf_hash
from datacoop.records.actions.closing import close_day
from tests.api.world import Caller
from tests.consent import independent
from tests.laws.grammar import BEYOND

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("datacoop.api.urls")]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> Iterator[None]:
    with override_settings(DATACOOP_DATA_DIR=tmp_path):
        yield


def grow(count: int) -> None:
    with transaction.atomic():
        for number in range(count):
            append(at=NOW, kind="consent.decided", payload={"about": [f"{number:064x}"]})


def ask(client: Client, route: str, **query: object) -> Any:
    return client.get(f"/api/v1/ledger/{route}", query)


class TestCheckpoints:
    def test_there_is_none_before_the_first_day(self, client: Client) -> None:
        grow(2)
        covering(2, now=NOW)

        assert ask(client, "checkpoints").status_code == 404

    def test_tells_the_newest_of_the_clock(self, client: Client) -> None:
        grow(3)
        close_day(now=NOW)

        found = ask(client, "checkpoints").json()

        said = independent.signed(found["checkpoint"], client.get(KEYS).json(), "checkpoint+jws")
        assert said is not None
        assert (said["size"], said["root"]) == (found["size"], found["root"]) == (4, found["root"])

    def test_never_tells_one_that_somebody_asked_for(self, client: Client) -> None:
        grow(3)
        close_day(now=NOW)
        grow(1)
        covering(5, now=NOW + timedelta(hours=7))

        assert ask(client, "checkpoints").json()["size"] == 4
        assert ask(client, "checkpoints", size=5).status_code == 404
        assert ask(client, "consistency", first=4, second=5).status_code == 404

    def test_moves_every_day_whether_or_not_anything_happened(self, client: Client) -> None:
        for day in range(3):
            close_day(now=NOW + timedelta(days=day))

        assert ask(client, "checkpoints").json()["size"] == 3


class TestProofs:
    def test_any_size_begins_any_later_checkpoint(self, client: Client) -> None:
        sizes = []
        for count in (1, 2, 4, 7):
            grow(count)
            made = close_day(now=NOW + timedelta(days=count))
            assert made is not None
            sizes.append(made.size)
        leaves = [
            leaf_hash(bytes.fromhex(each)) for each in Entry.objects.order_by("number").values_list("hash", flat=True)
        ]

        for second in sizes:
            for first in range(1, second + 1):
                found = ask(client, "consistency", first=first, second=second).json()
                assert _consistent(first, second, found["path"], leaves), (first, second)

    def test_an_entry_is_proven_to_whoever_knows_its_hash(self, client: Client) -> None:
        grow(5)
        close_day(now=NOW)
        digest = Entry.objects.get(number=2).hash

        found = ask(client, "inclusion", entry=2, hash=digest).json()

        way = found["inclusion"]
        root = independent.root(leaf_hash(bytes.fromhex(digest)), way["index"], way["size"], way["path"])
        assert root == found["root"]

    def test_others_are_told_nothing(self, client: Client) -> None:
        grow(5)
        close_day(now=NOW)
        known, wrong = Entry.objects.get(number=2).hash, "0" * 64

        answers = [
            ask(client, "inclusion", entry=entry, hash=digest)
            for entry, digest in ((2, wrong), (99, wrong), (3, known), (99, known))
        ]

        assert {(each.status_code, each.content) for each in answers} == {(404, answers[0].content)}

    @pytest.mark.parametrize(
        ("route", "query"),
        [
            ("consistency", {}),
            ("consistency", {"first": "0"}),
            ("consistency", {"first": "1e3"}),
            ("inclusion", {"entry": "1"}),
            ("inclusion", {"entry": "1", "hash": "xyz"}),
            ("checkpoints", {"sise": "1"}),
        ],
    )
    def test_a_malformed_question_is_a_problem(self, client: Client, route: str, query: dict[str, str]) -> None:
        close_day(now=NOW)

        answer = ask(client, route, **query)

        assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")


def _consistent(first: int, second: int, path: list[str], leaves: list[bytes]) -> bool:
    """Whether a path is the one that the definition of RFC 9162 (2.1.4.1) gives: computed from the leaves."""

    def root(part: list[bytes]) -> str:
        if len(part) == 1:
            return part[0].hex()
        split = _split(len(part))
        halves = bytes.fromhex(root(part[:split])) + bytes.fromhex(root(part[split:]))
        return sha256(b"\x01" + halves).hexdigest()

    def sub(m: int, part: list[bytes], whole: bool) -> list[str]:
        if m == len(part):
            return [] if whole else [root(part)]
        split = _split(len(part))
        if m <= split:
            return [*sub(m, part[:split], whole), root(part[split:])]
        return [*sub(m - split, part[split:], False), root(part[:split])]

    return path == sub(first, leaves[:second], True)


def _split(count: int) -> int:
    found = 1
    while found * 2 < count:
        found *= 2
    return found


class TestWhatIsTold:
    def test_is_as_described_and_no_entry(self, client: Client) -> None:
        grow(3)
        close_day(now=NOW)
        paths = document(Site("https://coop.example.org"))["paths"]
        entry = Entry.objects.get(number=1)
        queries: dict[str, dict[str, object]] = {
            "checkpoints": {},
            "consistency": {"first": 2},
            "inclusion": {"entry": 1, "hash": entry.hash},
        }

        for route, query in queries.items():
            found = ask(client, route, **query).json()
            schema = paths[f"/api/v1/ledger/{route}"]["get"]["responses"]["200"]["content"]["application/json"][
                "schema"
            ]
            jsonschema.validate(found, schema)
            assert found.keys() == set(schema["required"])
            assert "consent.decided" not in json.dumps(found)

    def test_the_exceptions_of_law_2_are_these_and_no_other(self) -> None:
        paths = document(Site("https://coop.example.org"))["paths"]
        tagged = {path for path, methods in paths.items() if TAG in methods.get("get", {}).get("tags", ())}

        assert tagged == BEYOND

    def test_the_read_application_hands_them_over(self, caller: Caller) -> None:
        for path in BEYOND:
            assert caller.get(path).status == 299
