"""The lock files agree with pyproject.toml and name no place to download from. Run: `python -m linting.locks`.

Works offline: it says that a locked version does not satisfy the project, not that a newer one exists.
"""

import json
import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def pins(lock: str) -> dict[str, set[str]]:
    """Package → versions (several where markers choose)."""
    found: dict[str, set[str]] = {}
    for name, version in PINNED.findall(lock):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def unmet(wanted: list[str], lock: str) -> list[str]:
    """Requirements that no pinned version satisfies."""
    locked = pins(lock)
    asked = [Requirement(text) for text in wanted]
    return [
        str(requirement)
        for requirement in asked
        if not any(
            requirement.specifier.contains(version, prereleases=True)
            for version in locked.get(canonicalize_name(requirement.name), set())
        )
    ]


def addresses(lock: str) -> list[str]:
    """Anything in a lock file that says where a package came from."""
    return re.findall(r"[a-z+]+://[^\s\"]+|^--(?:index|extra-index|find-links)\S*", lock, re.MULTILINE)


def resolved(package_lock: str) -> list[str]:
    """Packages of an npm lock file that carry an address, or no digest to recognise them by."""
    packages = json.loads(package_lock)["packages"]
    return [name for name, entry in packages.items() if name and ("resolved" in entry or "integrity" not in entry)]


def findings(root: Path) -> list[str]:
    """Every disagreement, in words."""
    project = tomllib.loads((root / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    extras = project["project"]["optional-dependencies"]
    said = []
    for name, wanted in {
        "requirements.lock": [
            *project["project"]["dependencies"],
            *groups["dev"],
            *extras["linking"],
            *extras["parquet"],
        ],
        "requirements-node.lock": groups["node"],
        "requirements-soak.lock": groups["soak"],
        "requirements-bench.lock": groups["bench"],
        "requirements-spark.lock": [*project["project"]["dependencies"], *extras["spark"]],
    }.items():
        lock = (root / name).read_text()
        said += [f"{name}: {requirement} is not locked: run make lock" for requirement in unmet(wanted, lock)]
        said += [f"{name}: names an address: {address}" for address in addresses(lock)]
    for path in root.glob("src/datacoop/*/frontend/package-lock.json"):
        where = path.relative_to(root)
        said += [f"{where}: {package} has an address or no digest" for package in resolved(path.read_text())]
    return said


if __name__ == "__main__":
    found = findings(ROOT)
    sys.stderr.writelines(f"{line}\n" for line in found)
    sys.exit(1 if found else 0)
