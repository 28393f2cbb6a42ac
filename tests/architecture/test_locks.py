"""The lock files agree with the project and name no host; each finding is seen once."""

import json

from linting import locks
from tests.architecture.source import ROOT


def test_the_lock_files_are_in_step() -> None:
    assert locks.findings(ROOT) == []


def test_misses_what_is_not_locked() -> None:
    lock = "django==5.2.19 \\\n    --hash=sha256:00\nclick==8.1.0 ; sys_platform == 'win32' \\\n"

    assert locks.unmet(["Django>=5.2,<5.3", "click>=8.3", "orjson"], lock) == ["click>=8.3", "orjson"]


def test_finds_addresses() -> None:
    assert locks.addresses("--index-url https://packages.example.org/simple\ndjango==5.2") != []
    assert locks.addresses("django==5.2 \\\n    --hash=sha256:00\n    # via datacoop\n") == []


def test_finds_npm_packages_with_an_address_or_without_digest() -> None:
    packages = {
        "": {},
        "node_modules/a": {"integrity": "sha512-x"},
        "node_modules/b": {"integrity": "sha512-x", "resolved": "https://packages.example.org/b"},
        "node_modules/c": {},
    }

    assert locks.resolved(json.dumps({"packages": packages})) == ["node_modules/b", "node_modules/c"]
