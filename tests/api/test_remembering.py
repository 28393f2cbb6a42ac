"""Answers given again: never after a commit, never to somebody else, never beyond the memory there is."""

import time

import pytest
from django.db import connection

from datacoop.api import answering
from datacoop.api.answers import Answer
from datacoop.api.remembering import Answered
from datacoop.disclosure.errors import Due
from tests.api import world
from tests.api.world import Caller

LIST = "/api/v1/organisations"
KEY = (1, "/a", "", "", "", b"")


@pytest.fixture
def finds(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every question that reaches the database."""
    asked: list[object] = []
    find = answering.find

    def counted(reading: object, reader: object, question: object) -> object:
        asked.append(question)
        return find(reading, reader, question)  # type: ignore[arg-type]

    monkeypatch.setattr(answering, "find", counted)
    return asked


class TestServed:
    def test_asks_the_database_once_for_the_same_page(self, caller: Caller, finds: list[object]) -> None:
        world.add_choirs(3)

        first, second = caller.get(LIST), caller.get(LIST)

        assert (first.status, first.headers, first.body) == (second.status, second.headers, second.body)
        assert len(finds) == (1 if connection.vendor == "sqlite" else 2)

    def test_forgets_everything_when_anybody_commits(self, caller: Caller) -> None:
        uid = world.add_choirs(2)[0]
        assert caller.get(LIST).json()["count"] == 2

        world.wish(uid, "public", shows=False)

        assert caller.get(LIST).json()["count"] == 1
        world.wish(uid, "public", shows=True)
        assert caller.get(LIST).json()["count"] == 2

    def test_keeps_formats_languages_and_tags_apart(self, caller: Caller) -> None:
        world.add_choirs(1)
        plain = caller.get(LIST)

        assert caller.get(LIST, accept="text/csv").headers["content-type"].startswith("text/csv")
        assert caller.get(LIST, if_none_match=plain.headers["etag"]).status == 304
        assert caller.get(LIST).body == plain.body
        german, english = (caller.get(f"{LIST}/facets", accept_language=code) for code in ("de", "en"))
        assert german.body != english.body

    def test_refuses_a_problem_anew_each_time(self, caller: Caller, finds: list[object]) -> None:
        assert caller.get(f"{LIST}?limit=0").code == caller.get(f"{LIST}?limit=0").code == "invalid-parameter"
        assert finds == []


class TestMemory:
    def test_answers_nothing_from_the_moment_something_is_due(self) -> None:
        memory = Answered(time.time_ns() // 1000 + 30_000, 1 << 20)
        memory.keep(KEY, Answer(200))
        assert memory.find(KEY) == Answer(200)

        time.sleep(0.04)

        with pytest.raises(Due):
            memory.find(KEY)

    def test_never_holds_more_than_it_may(self) -> None:
        memory = Answered(None, 100_000)
        for number in range(1000):
            memory.keep((number, *KEY[1:]), Answer(200, [], b"x" * 1500))  # type: ignore[arg-type]

        held = [number for number in range(1000) if memory.find((number, *KEY[1:]))]  # type: ignore[arg-type]

        assert held[-1] == 999
        assert len(held) * 2500 <= 100_000

    def test_keeps_no_answer_that_would_push_out_all_others(self) -> None:
        memory = Answered(None, 100_000)

        memory.keep(KEY, Answer(200, [], b"x" * 5000))

        assert memory.find(KEY) is None
