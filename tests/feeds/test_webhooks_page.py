"""What docs/webhooks.md shows works as it stands: its receiver, and the commands for operators."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from datacoop.cli import main
from datacoop.feeds.models import Message
from datacoop.feeds.notifying import post
from datacoop.feeds.queries import find_webhook
from datacoop.feeds.rules import LADDER, body_of, headers_of, new_secret
from datacoop.sources.reaching import Reach
from tests.api import world
from tests.feeds.receiving import HOST, Clock, last_chance, receiving

DOCUMENT = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
(RECEIVER,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.S)


def free_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])


def test_its_receiver_answers_what_is_genuine_and_runs_the_command(tmp_path: Path) -> None:
    port, old, new = free_port(), new_secret(), new_secret()
    (tmp_path / "receiver.py").write_text(RECEIVER, encoding="utf-8")
    ran = [sys.executable, "-c", f"open({str(tmp_path / 'ran')!r}, 'a').write('x')"]
    environment = {**os.environ, "WEBHOOK_SECRETS": f"{old}\n{new}"}
    process = subprocess.Popen([sys.executable, str(tmp_path / "receiver.py"), str(port), *ran], env=environment)
    try:
        now = datetime.now(UTC)
        body = body_of(now)

        def answered(keys: list[str], at: datetime = now, sent: bytes = body) -> Any:
            headers = headers_of(message="msg_1", body=body, keys=keys, now=at)
            outcome = post(f"http://{HOST}:{port}/", headers, sent, Reach({HOST}))
            return outcome.status if outcome.problem == "status" else outcome.problem

        until = time.monotonic() + 10
        while answered([new]) == "no-connection" and time.monotonic() < until:
            time.sleep(0.05)

        assert answered([new_secret(), old]) == ""
        assert answered([new_secret()]) == 401
        assert answered([old], sent=body + b" ") == 401
        assert answered([old], at=now - timedelta(minutes=6)) == 401
        while not (tmp_path / "ran").exists() or len((tmp_path / "ran").read_text()) < 2:
            assert time.monotonic() < until, "the command did not run"
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait()


@pytest.mark.django_db(transaction=True)
def test_its_requests_do_what_they_say(settings: Any) -> None:
    settings.DATACOOP_WEBHOOK_HOSTS = frozenset({HOST})
    (shown,) = re.findall(r"## By your program.*?```sh\n(.*?)```", DOCUMENT, re.S)
    given = dict(zip(("CLIENT_ID", "TOKEN"), world.token_of_client(), strict=True))
    token, give, ask, secret, replay, remove = shown.strip().splitlines()
    assert "/oauth/token" in token

    def curl(line: str, url: str = "https://ville.example.org/hook") -> Any:
        line = re.sub(r"\$(\w+)", lambda found: given[found[1]], line).replace("https://ville.example.org/hook", url)
        words = shlex.split(line)[1:]
        address = words.pop().removeprefix("https://directory.example.org")
        said = dict(zip(words[::2], words[1::2], strict=True))
        name, value = said["-H"].split(": ")
        method = said.get("-X", "POST" if "--json" in said else "GET")
        body = said.get("--json", "")
        return Client().generic(method, address, body, content_type="application/json", headers={name: value})

    clock = Clock()
    with receiving() as receiver:
        first = curl(give, receiver.url)
        assert (first.status_code, curl(give, receiver.url).status_code) == (201, 200)
        assert curl(secret).json()["secret"] != first.json()["secret"]
        receiver.answers = [(500, {})]
        world.add("organisation", 1, name="Chœur 1")
        clock.turn()
        last_chance(clock)
        assert [each["state"] for each in curl(ask).json()["items"][0]["messages"]] == ["given_up"]
        assert curl(replay).json() == {"replayed": 1}
        assert curl(remove).status_code == 204
    assert curl(remove).status_code == 404
    assert curl(give, "https://localhost/").json()["parameter"] == "url"


@pytest.mark.django_db(transaction=True)
def test_its_commands_do_what_they_say(capsys: pytest.CaptureFixture[str], settings: Any) -> None:
    settings.DATACOOP_WEBHOOK_HOSTS = frozenset({HOST})
    agreement, _ = world.token_of_client()
    clock = Clock()
    with receiving() as receiver:

        def run(line: str) -> Any:
            words = shlex.split(line.replace("ID", agreement).replace("https://…", receiver.url))[1:]
            assert main.run([*words, "--json"]) == 0, line
            return json.loads(capsys.readouterr().out)

        lines = dict(re.findall(r"^(datacoop clients webhooks (\w+)[^#\n]*)", DOCUMENT, re.M))
        commands = {name: line for line, name in lines.items()}
        assert set(commands) == {"list", "set", "secret", "replay", "remove"}
        first = run(commands["set"])["webhook_secret"]
        assert run(commands["secret"])["webhook_secret"] not in {None, first}
        receiver.answers = [(500, {})]
        world.add("organisation", 1, name="Chœur 1")
        clock.turn()
        last_chance(clock)
        (listed,) = run(commands["list"])
        (message,) = listed["messages"]
        assert (message["state"], message["attempts"], message["status"]) == ("given up", len(LADDER) + 1, 500)
        assert run(commands["replay"])["replayed"] == 1
        assert Message.objects.get().state == "waiting"
        main.run(["clients", "webhooks", "list"])
        assert "waits until" in capsys.readouterr().out
        run(commands["remove"])
    assert find_webhook(agreement, now=clock.now) is None
    assert main.run(["clients", "webhooks", "replay", agreement]) == 2
    assert main.run(["clients", "webhooks", "set", agreement, "https://localhost/"]) == 2
    assert "private network" in capsys.readouterr().err
