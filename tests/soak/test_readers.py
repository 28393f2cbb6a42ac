"""No input makes a reader crash, compute for more than 5 s or hold more than 512 MB: SOAK_SECONDS (600) each, twice.

Fails on any exception but ListRefused. What fails is printed, so that it can become a test in `tests/sources`.
"""

import base64
import importlib.util
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings

from tests.soak.files import ANY, FILES, damaged
from tests.soak.limited import MOST_MEGABYTES, STANDSTILL_SECONDS, failure
from tests.soak.targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
SECONDS = int(os.environ.get("SOAK_SECONDS", "600"))
EXAMPLES = 200
pytestmark = pytest.mark.soak


def _shown(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this machine")
@pytest.mark.parametrize("target", TARGETS)
def test_survives_fuzzing(target, tmp_path, capsys):
    limits = [f"-timeout={STANDSTILL_SECONDS}", f"-rss_limit_mb={MOST_MEGABYTES}", f"-max_total_time={SECONDS}"]
    program = [sys.executable, "-m", "tests.soak.fuzzing", target, str(tmp_path), *limits]
    run = subprocess.run(
        [*program, "-max_len=20000", "-print_final_stats=1"],
        cwd=ROOT, capture_output=True, text=True, errors="replace", timeout=SECONDS + 300, check=False,
    )  # fmt: skip
    found = [path for sort in ("crash", "timeout", "oom", "slow") for path in tmp_path.glob(f"{sort}-*")]
    shown = "\n".join(f"{path.name}: {_shown(path.read_bytes())}" for path in found)
    assert run.returncode == 0, f"{run.stderr[-3000:]}\n{shown}"
    executions = int(re.findall(r"number_of_executed_units:\s+(\d+)", run.stderr)[0])
    peak = int(re.findall(r"peak_rss_mb:\s+(\d+)", run.stderr)[0])
    with capsys.disabled():
        sys.stdout.write(f"\n{target}: {executions} executions, at most {peak} MB, nothing found\n")
    assert executions > SECONDS


@pytest.mark.parametrize("target", [*FILES, "any"])
def test_survives_what_people_and_accidents_write(target, tmp_path, capsys):
    format, files = FILES.get(target, (None, ANY))
    path = tmp_path / "list"
    until = time.monotonic() + SECONDS
    count = 0

    def survives(content: bytes) -> None:
        nonlocal count
        count += 1
        path.write_bytes(content)
        assert failure(path, format) == "", _shown(content)

    while time.monotonic() < until:
        anew = seed(random.getrandbits(64))(given(damaged(files))(survives))
        settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))(anew)()
    with capsys.disabled():
        sys.stdout.write(f"\n{target}: {count} examples, nothing found\n")
