"""Two cooperatives, each really served, that follow each other's public feeds."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection  # noqa: F401 (what ONCE asks)

from tests.cli.installation import ONCE, row_of
from tests.cli.program import environment
from tests.cli.served import Served, serving
from tests.pipelines.pouring import write

pytestmark = [pytest.mark.django_db, ONCE]

CLUBS = {"K1": "Alpha", "K2": "Beta", "K3": "Gamma", "K4": "Delta", "K5": "Epsilon", "K6": "Zeta"}
NEVER_COMPARED = {"sources", "modified"}
CHANGES = """
import uuid
from pathlib import Path
from datacoop.consent.actions import Wish, decide
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.intake import Intake
from datacoop.records.actions.merging import merge
from datacoop.records.actions.revising import revision
from datacoop.records.rules import id_of
now = datetime.now(UTC)
contribute(Intake((Path("{folder}") / "liste.csv",), "Commune d'Exemple", published=True), actor="steward:1")
for uid, name in (("{Alpha}", "addresses"), ("{Beta}", None)):
    wish = Wish("public", False, name)
    decide(uid=uuid.UUID(uid), wish=wish, actor="steward:1", reason="test", now=now)
with revision(actor="steward:1", now=now, why="test") as draft:
    merge(draft, loser_id=id_of(uuid.UUID("{Gamma}")), survivor_id=id_of(uuid.UUID("{Delta}")), reason="the same")
"""
KILLED = """
import os, signal
from datacoop.cli.main import prepare_django, run
prepare_django()
from datacoop.pipelines import following
following.note_followed = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
run(["pull", "--holder", "{}"])
"""
Items = dict[str, dict[str, Any]]


@dataclass
class Cooperative:
    """One of the two, and how it calls the other."""

    served: Served
    neighbour: str
    feeds_of: str = ""

    def told(self) -> Items:
        """What it tells everybody, by name; what has none is not followed."""
        asked = f"{self.served.url}/api/v1/organisations?limit=200"
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return {each["name"]: each for each in json.load(answer)["items"] if "name" in each}

    def follow(self) -> Any:
        """Begin to follow the other."""
        return self._run("import", "--feed", self.feeds_of, "--holder", self.neighbour, "--every", "hourly")

    def pull(self) -> Any:
        """Ask it once more."""
        return self._run("pull", "--holder", self.neighbour)[0]

    def _run(self, *arguments: str) -> Any:
        more = {"DATACOOP_PULL_HOSTS": "127.0.0.1", "DATACOOP_BASE_URL": self.served.url}
        return json.loads(self.served.house.run(*arguments, "--json", **more))

    def pull_killed(self) -> None:
        """Pull, and be killed when all is taken in and before the position is noted."""
        house = self.served.house
        made = environment(
            house.folder,
            **house.environment(DATACOOP_PULL_HOSTS="127.0.0.1", DATACOOP_BASE_URL=self.served.url),
        )
        script = KILLED.format(self.neighbour)
        done = subprocess.run([sys.executable, "-c", script], env=made, capture_output=True, check=False)
        assert done.returncode < 0, done.stderr


def listed(**other: str) -> list[dict[str, str]]:
    """The first one's list, with other names for some keys."""
    clubs = CLUBS | other
    return [row_of(key, f"Club {club}", f"info@{club.lower()}.example.ch") for key, club in clubs.items()]


@pytest.fixture(scope="module")
def pair(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[tuple[Cooperative, Cooperative]]:
    """The first is followed by the second from here on."""
    folder = tmp_path_factory.mktemp("pair")
    own = [row_of("K9", "Guilde Oméga", "info@omega.example.ch") | {"Adresse": "Quai 9", "NPA": "1003"}]
    with (
        serving(folder / "a", django_db_blocker, listed()) as first,
        serving(folder / "b", django_db_blocker, own) as second,
    ):
        a = Cooperative(first, "Coopérative B", second.url)
        b = Cooperative(second, "Coopérative A", f"{first.url}/api/v1/changes")
        assert b.follow()["counts"]["new"] == 6
        yield a, b


def plain(items: Items) -> Items:
    return {name: {k: v for k, v in each.items() if k not in NEVER_COMPARED} for name, each in items.items()}


def test_two_follow_each_other_and_nothing_goes_round(pair: tuple[Cooperative, Cooperative]) -> None:
    a, b = pair
    first = a.told()
    assert plain(b.told()) == plain(first | {"Guilde Oméga": b.told()["Guilde Oméga"]})
    assert b.told()["Club Alpha"]["sources"] == [
        {"holder": "Coopérative A", "confirmed": False, "page": a.served.url, "origin": a.served.url}
    ]

    assert a.follow()["counts"]["new"] == 1

    assert (b.pull()["outcome"], a.pull()["outcome"]) == ("same", "same")
    assert sorted(a.told()) == sorted(b.told()) == sorted([*first, "Guilde Oméga"])


@pytest.mark.soak
def test_what_goes_there_goes_here_and_a_restore_brings_nothing_back(
    pair: tuple[Cooperative, Cooperative], tmp_path: Path
) -> None:
    a, b = pair
    b.served.shown()
    backup = tmp_path / "a.backup"
    a.served.house.run("backup", str(backup))
    ids = {name[5:]: each["id"] for name, each in a.told().items() if name.startswith("Club ")}
    write(tmp_path, listed(K6="Dzêta", K7="Êta"))
    a.served.house.run_script(CHANGES.format(folder=tmp_path, **ids))

    b.pull_killed()
    assert b.pull()["outcome"] == "same"

    told = b.told()
    assert plain(_firsts(told)) == plain(_firsts(a.told()))
    assert "addresses" not in told["Club Alpha"]
    assert "Club Êta" in told
    assert not {"Club Beta", "Club Gamma", "Club Zeta"} & set(told)
    # Its clients there are told to erase it.
    assert b.served.open_tombstones() > 0

    a.served.stop()
    a.served.house.run("restore", str(backup), "--force")
    a.served.start()
    # It does not know the position any more; what came since the backup is not told, what was withdrawn stays so.
    assert b.pull()["outcome"] == "changed"
    assert not {"Club Beta", "Club Zeta", "Club Êta"} & set(b.told())
    assert plain(_firsts(b.told())) == plain(_firsts(a.told()))
    assert "Club Gamma" in b.told()


def _firsts(items: Items) -> Items:
    """Those of the first one."""
    return {name: each for name, each in items.items() if name != "Guilde Oméga"}
