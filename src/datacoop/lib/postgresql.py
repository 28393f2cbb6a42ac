"""A private PostgreSQL server: own folder, own socket, no port, no root; never for data to keep."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

#: Nothing survives a power cut: for tests.
FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=64MB")
_TRIES = 300


class Missing(Exception):
    """PostgreSQL's programs are not on this machine; the message says how to get them."""


def programs() -> Path:
    """The folder of `initdb` and `postgres`: newest of Debian's versions, else from PATH. Raises: Missing."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).resolve().parent
    raise Missing("PostgreSQL is missing: run `make install-system` as root, or install your system's package.")


def url_of(folder: Path, database: str) -> str:
    """The address of a database on the server whose socket is in `folder`."""
    return f"postgresql://postgres@{quote(str(folder), safe='')}/{database}"


class Server:
    """Clients connect by the socket in the server's folder, as user `postgres`, without a password."""

    def __init__(self, folder: Path, options: Sequence[str] = FAST) -> None:
        """Nothing is made before `start`; `folder` must be one that other users may enter."""
        self.folder = folder / "pg"
        self.process: subprocess.Popen[bytes] | None = None
        self._options = options

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return url_of(self.folder, database)

    def start(self) -> None:
        """Make the cluster and wait until it answers (about two seconds)."""
        binaries = programs()
        self.folder.mkdir(mode=0o700)
        self.folder.parent.chmod(0o755)
        identity = self._identity()
        data = self.folder / "data"
        making: list[str | Path] = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
        subprocess.run(  # noqa: S603 (PostgreSQL's own program)
            [binaries / "initdb", *making], check=True, stdout=subprocess.DEVNULL, cwd="/", **identity
        )
        options = [
            *self._options,
            "listen_addresses=",
            f"unix_socket_directories={self.folder}",
            "max_connections=100",
        ]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 (PostgreSQL's own program)
                [binaries / "postgres", "-D", data, *(part for option in options for part in ("-c", option))],
                stdout=log,
                stderr=log,
                cwd="/",
                **identity,
            )
        self._wait(binaries)

    def _identity(self) -> dict[str, Any]:
        """PostgreSQL refuses to run as root: lend the folder to an unprivileged user."""
        if os.geteuid() != 0:
            return {}
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        user = names.get("postgres") or names["nobody"]
        shutil.chown(self.folder, user.pw_uid, user.pw_gid)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def _wait(self, binaries: Path) -> None:
        ready: list[str | Path] = [binaries / "pg_isready", "-q", "-h", self.folder, "-U", "postgres"]
        for _ in range(_TRIES):
            if subprocess.run(ready, check=False).returncode == 0:  # noqa: S603 (PostgreSQL's own program)
                return
            if self.process is None or self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()}")

    def stop(self) -> None:
        """End it at once; nothing in it is worth a checkpoint."""
        if self.process is not None:
            self.process.send_signal(3)
            self.process.wait(timeout=20)
            self.process = None
