"""An installation that is really served, on a free port, and clients that read from it."""

from __future__ import annotations

import json
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cli.installation import Installation
from tests.cli.program import ARGUMENTS, environment
from tests.database.fixtures import make_database_url

_OPEN = """
from datacoop.disclosure.models import Tombstone
print(Tombstone.objects.filter(acknowledged_at=None).count())
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(folder: Path, blocker: Any, rows: list[dict[str, str]]) -> Iterator[Served]:
    """Serve a new installation with a list and one client, until the end of a `with`."""
    house = Installation(folder / "data", make_database_url(folder / "datacoop.sqlite3", blocker), folder / "copy.log")
    house.run("init")
    house.take(rows)
    found = Served(house, secret=folder / "secret.txt")
    found.client = found.add_client("Commune", found.secret)
    found.start()
    yield found
    found.stop()


@dataclass
class Served:
    """An installation, its server, and the credentials of a client of it."""

    house: Installation
    client: str = ""
    secret: Path = Path()
    port: int = field(default_factory=_free_port)
    _token: str = ""
    _server: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve it by the production command."""
        made = environment(self.house.folder, **self.house.environment(DATACOOP_BASE_URL=self.url))
        command = [*ARGUMENTS, "serve", "--port", str(self.port), "--workers", "1", "--no-jobs"]
        self._server = subprocess.Popen(command, env=made, stdout=subprocess.PIPE, text=True)
        assert self._server.stdout is not None
        assert self._server.stdout.readline().startswith("READY")

    def stop(self) -> None:
        assert self._server is not None
        assert self._server.stdout is not None
        self._server.terminate()
        self._server.wait(30)
        self._server.stdout.close()

    def add_client(self, name: str, secret: Path) -> str:
        """Sign an agreement, keep its secret in a file, and return its id."""
        given = json.loads(self.house.run("clients", "add", name, "--terms", "public-bodies", "--json"))
        secret.write_text(given["client_secret"] + "\n")
        secret.chmod(0o600)
        return str(given["client_id"])

    def as_client(self, copy: Path) -> list[str]:
        """The arguments of a run as the client."""
        return [self.url, "--to", str(copy), "--client-id", self.client, "--secret-file", str(self.secret)]

    def shown(self) -> list[dict[str, object]]:
        """Every organisation as the API lists it to the client now, by id."""
        self._token = self._token or self.house.run("clients", "token", self.client).strip()
        asked = urllib.request.Request(f"{self.url}/api/v1/organisations?limit=200")
        asked.add_header("Authorization", f"Bearer {self._token}")
        with urllib.request.urlopen(asked, timeout=60) as answer:
            found: list[dict[str, object]] = json.load(answer)["items"]
        return sorted(found, key=lambda each: str(each["id"]))

    def open_tombstones(self) -> int:
        return int(self.house.run_script(_OPEN))
