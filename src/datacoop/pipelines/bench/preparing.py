"""The addresses that are asked, each checked first: right rows in the right order, and how large the answers are."""

from __future__ import annotations

import http.client
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import orjson

from datacoop.lib.text import words as words_of
from datacoop.pipelines.bench.asking import PAGE, Asked, Questions, ordered
from datacoop.pipelines.bench.corpus import SEED
from datacoop.pipelines.bench.installation import MeasureFailed
from datacoop.pipelines.bench.load import Load
from datacoop.pipelines.bench.serving import Server

API = "/api/v1"
EXPORT = f"{API}/exports/organisations.ndjson"
CHANGES = 500
QUERIES = {
    "Q1": "by id",
    "Q2": "commune + theme, by name",
    "Q3": "two words, capped count",
    "Q4": "0.05° × 0.05° box",
    "Q5": "next 20 of a commune",
    "Q6": "whole export",
    "Q7": "500 changes",
}
_RECORDS, _OF_A_PIECE, _PAGES, _AT_ONCE = 500, 8, 20, 1 << 16


@dataclass(frozen=True)
class Prepared:
    """One query as one caller asks it."""

    load: Load
    size: int
    """Bytes of an answer, on average."""
    rows: int
    """Records in an answer, on average."""


class Caller:
    """Asks over one connection, as the public or with a token."""

    def __init__(self, server: Server, token: str | None) -> None:
        """Connect at the first question."""
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str) -> bytes:
        """The answer's body. Raises: MeasureFailed for anything but 200."""
        return b"".join(self.pieces(path))

    def pieces(self, path: str) -> Iterator[bytes]:
        """The answer's body as it comes."""
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        if answer.status != http.client.OK:
            raise MeasureFailed(f"{path} answered {answer.status}: {answer.read()[:300]!r}")
        while piece := answer.read(_AT_ONCE):
            yield piece


def prepare(server: Server, questions: Questions, token: str | None) -> dict[str, Prepared]:
    """Ask everything once as one caller, check it, and return it ready to be asked again.

    Raises:
        MeasureFailed: a wrong answer; nothing is measured then.
    """
    caller = Caller(server, token)
    organisations, activities = f"{API}/organisations?", f"{API}/activities?"
    export, ids = _export(caller, questions, token)
    asked: dict[str, list[tuple[str, Callable[[bytes], None]]]] = {
        "Q1": [(f"{API}/organisations/{uid}", _is(uid)) for uid in ids],
        "Q2": [_page(organisations, each, {"count": "false"}, "name") for each in questions.pairs],
        "Q3": [(organisations + urlencode({"q": " ".join(two)}), _holds(two)) for two in questions.words],
        "Q4": [_page(organisations, each, {"count": "false"}, "name") for each in questions.boxes],
        "Q5": [_page(activities, each, {"sort": "start", "count": "false"}, "start") for each in questions.agendas],
    }
    ready = {name: _checked(caller, each, token, 1 if name == "Q1" else PAGE) for name, each in asked.items()}
    ready["Q6"] = export
    ready["Q7"] = _changes(caller, token)
    return ready


def _checked(
    caller: Caller, asked: Sequence[tuple[str, Callable[[bytes], None]]], token: str | None, rows: int
) -> Prepared:
    if not asked:
        raise MeasureFailed("The corpus is too small for a full page.")
    size = 0
    for path, check in asked:
        body = caller.get(path)
        try:
            check(body)
        except (KeyError, AssertionError, ValueError) as error:
            raise MeasureFailed(f"{path} does not give the right rows: {error}") from error
        size += len(body)
    return Prepared(Load([path for path, _ in asked], token), size // len(asked), rows)


def _page(start: str, asked: Asked, more: dict[str, str], key: str) -> tuple[str, Callable[[bytes], None]]:
    def check(body: bytes) -> None:
        rows = [item[key] for item in orjson.loads(body)["items"]]
        found, right = (rows, list(asked.rows)) if key == "start" else _keys(rows, asked.rows)
        if found != right:
            raise ValueError(f"{rows[:3]} … instead of {asked.rows[:3]} …")

    return start + urlencode({**asked.parameters, **more}, safe="/,:"), check


def _keys(rows: Sequence[str], right: Sequence[str]) -> tuple[list[bytes], list[bytes]]:
    return [ordered(name) for name in rows], [ordered(name) for name in right]


def _is(uid: str) -> Callable[[bytes], None]:
    def check(body: bytes) -> None:
        if orjson.loads(body)["id"] != uid:
            raise ValueError("another record")

    return check


def _holds(two: Sequence[str]) -> Callable[[bytes], None]:
    wanted = {word for text in two for word in words_of(text)}

    def check(body: bytes) -> None:
        page = orjson.loads(body)
        if len(page["items"]) != PAGE or page["count"] < PAGE:
            raise ValueError(f"{len(page['items'])} items, count {page['count']}")
        for item in page["items"]:
            text = f"{item['name']} {item.get('description', {}).get('fr', '')}"
            if not wanted <= set(words_of(text)):
                raise ValueError(f"{item['name']} holds not all of {wanted}")

    return check


def _export(caller: Caller, questions: Questions, token: str | None) -> tuple[Prepared, list[str]]:
    """The whole export, and the ids of records here and there in it, as this caller knows them."""
    rng = random.Random(SEED)  # noqa: S311 (which records are asked)
    size = rows = 0
    found: list[str] = []
    for piece in caller.pieces(EXPORT):
        size += len(piece)
        rows += piece.count(b"\n")
        whole = piece.split(b"\n")[1:-1]
        found += [orjson.loads(line)["id"] for line in rng.sample(whole, min(len(whole), _OF_A_PIECE))]
    if rows != questions.organisations:
        raise MeasureFailed(f"The export has {rows} organisations instead of {questions.organisations}.")
    return Prepared(Load([EXPORT], token), size, rows), rng.sample(found, min(len(found), _RECORDS))


def _changes(caller: Caller, token: str | None) -> Prepared:
    """The first pages of the feed, each full."""
    path = f"{API}/changes?limit={CHANGES}"
    paths: list[str] = []
    size = 0
    while len(paths) < _PAGES:
        body = caller.get(path)
        page = orjson.loads(body)
        if len(page["items"]) < CHANGES:
            break
        if any(item["state"] != "updated" for item in page["items"]):
            raise MeasureFailed("The feed of a new corpus holds a deletion.")
        paths.append(path)
        size += len(body)
        following = urlsplit(page["next"])
        path = f"{following.path}?{following.query}"
    if not paths:
        raise MeasureFailed("The corpus is too small for a page of changes.")
    return Prepared(Load(paths, token), size // len(paths), CHANGES)
