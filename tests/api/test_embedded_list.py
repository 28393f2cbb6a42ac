"""The list that docs/embedding.md shows on another site: the address it fetches, and what its script reads."""

import re
from pathlib import Path

import orjson

from tests.api import world
from tests.api.world import Caller

DOCUMENT = (Path(__file__).parents[2] / "docs" / "embedding.md").read_text(encoding="utf-8")


def test_answers_other_sites_with_what_the_script_reads(caller: Caller) -> None:
    world.add_choirs(2)
    (address,) = re.findall(r'fetch\("https://directory\.example\.org(/[^"]+)"\)', DOCUMENT)
    assert "found.items" in DOCUMENT
    assert "each.name" in DOCUMENT

    answer = caller.get(address.replace("theme=culture&", ""))

    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert all(each["name"] for each in orjson.loads(answer.body)["items"])
    assert caller.get(address).status == 200
