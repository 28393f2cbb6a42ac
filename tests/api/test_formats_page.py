"""The page of formats: it names every format there is, and its examples run."""

import re
from pathlib import Path

from datacoop.feeds.registry import all_formats
from tests.api import world
from tests.api.world import Caller

PAGE = Path(__file__).resolve().parents[2] / "docs" / "formats.md"


def test_names_every_format_and_no_other() -> None:
    rows = re.findall(r"^\| .* \| `\.(\w+)` \| `([^`]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert dict(rows) == {e.EXTENSION: e.MEDIA_TYPES[0].partition(";")[0] for e in all_formats().values()}


def test_its_examples_run(caller: Caller) -> None:
    world.add_choirs(2)
    world.add("activity", 50, title="Concert", start="2030-06-01T19:30:00+02:00", commune={"bfs": 5586})
    media = {each.EXTENSION: each.MEDIA_TYPES[0] for each in all_formats().values()}
    examples = re.findall(
        r"^curl (?:-H 'Accept: ([^']+)' )?'https://directory.example.org([^']+)'$",
        PAGE.read_text(encoding="utf-8"),
        re.MULTILINE,
    )

    assert len(examples) == 8
    for accept, address in examples:
        reply = caller.get(address, **({"accept": accept} if accept else {}))
        ending = address.partition("?")[0].partition(".")[2]
        assert (reply.status, reply.headers["content-type"].partition(";")[0]) == (
            200,
            accept or media[ending or "json"].partition(";")[0],
        )
        assert b"Ch" in reply.body or b"Concert" in reply.body or "theme=" in address
