"""docs/sending.md: every command of it, run as a holder would, against an installation that is really served."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection  # noqa: F401 (what ONCE asks)

from tests.cli.installation import ONCE, ROWS
from tests.cli.program import ARGUMENTS, environment
from tests.cli.served import Served, serving

pytestmark = [pytest.mark.django_db, ONCE]

DOCUMENT = (Path(__file__).parents[2] / "docs" / "sending.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)
SIGN = """
from django.conf import settings
settings.DATACOOP_CONTROLLER = "Coopérative de données de Clairière"
settings.DATACOOP_CONTROLLER_ADDRESS = "Rue du Lac 1; 1000 Clairière"
settings.DATACOOP_PHONE = "+41 21 555 00 00"
from datacoop.rights.actions.agreeing import Signature, sign
from datacoop.rights.rules.agreements import GROUPS
from datacoop.sources.owning import find_holder_named
said = Signature("fr", dict.fromkeys(GROUPS, "interest"), "withdraw", "Ana Muster, secrétaire")
sign(holder=find_holder_named("Commune d'Exemple").uid, signature=said, actor="account:1", now=datetime.now(UTC))
"""
WORK = """
from datacoop.jobs.actions import run_due
run_due(datetime.now(UTC))
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Iterator[Served]:
    """One for all, whose agreement is signed."""
    with serving(tmp_path_factory.mktemp("served"), django_db_blocker, ROWS) as found:
        found.house.run_script(SIGN)
        yield found


def run(command: str, served: Served, folder: Path, **variables: str) -> str:
    """Run a command of the page in a shell, at the address of the installation."""
    mine = command.replace("https://directory.example.org", served.url)
    mine = mine.replace("datacoop ", f"{shlex.join(ARGUMENTS)} ", 1) if mine.startswith("datacoop ") else mine
    made = environment(served.house.folder, **served.house.environment()) | variables
    done = subprocess.run(["sh", "-ec", mine], cwd=folder, env=made, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_is_true(served: Served, tmp_path: Path) -> None:
    giving, asking, sending, looking = COMMANDS
    (tmp_path / "changes.csv").write_text(
        "Clé;Nom;Adresse;NPA;Localité\nK3;Club Gamma;Rue 3;1005;Lausanne\nK4;;Rue 4;1005;Lausanne\n", encoding="utf-8"
    )

    client_id, secret = (line.split()[1] for line in run(giving, served, tmp_path).splitlines())
    token = json.loads(run(asking, served, tmp_path, CLIENT_ID=client_id, CLIENT_SECRET=secret))["access_token"]
    sent = run(sending, served, tmp_path, TOKEN=token)
    assert run(sending, served, tmp_path, TOKEN=token) == sent
    served.house.run_script(WORK)
    told = json.loads(run(looking, served, tmp_path, TOKEN=token, STATUS=json.loads(sent)["status"]))

    assert (told["state"], told["report"]["counts"]) == ("accepted", {"read": 2, "accepted": 1, "rejected": 1})
    assert [(each["row"], each["code"]) for each in told["report"]["rows"]] == [(3, "name-missing")]
    assert sorted(served.house.uids()) == ["Club Alpha", "Club Beta", "Club Gamma"]


def test_a_list_that_is_too_large_is_refused_while_it_comes(served: Served, tmp_path: Path) -> None:
    given = json.loads(served.house.run("holders", "key", "Commune d'Exemple", "--json"))
    asking, sending = COMMANDS[1:3]
    answer = run(asking, served, tmp_path, CLIENT_ID=given["client_id"], CLIENT_SECRET=given["client_secret"])
    with (tmp_path / "changes.csv").open("wb") as file:
        file.truncate(101_000_000)

    chunked = sending.replace("--data-binary", '--header "Transfer-Encoding: chunked" --data-binary')
    told = json.loads(run(chunked, served, tmp_path, TOKEN=json.loads(answer)["access_token"]))

    assert told["status"] == 413
    assert not list(served.house.folder.glob("submissions/*/*"))
    assert served.house.run("holders", "key", "Commune d'Exemple", "--end")
