"""An import killed before each of its writes, as many as SOAK_SECONDS (600) allow: all of it or nothing is left."""

import random
import shutil
import sys
import time
from pathlib import Path

import pytest

from tests.pipelines.killing import survives_kill, writes_of
from tests.pipelines.pouring import club, clubs, write
from tests.soak.test_readers import SECONDS

pytestmark = pytest.mark.soak


def test_survives_a_kill_before_every_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, [*clubs(299), club(300, Adresse="c/o Jeanne Exemple, Rue Haute 3")])
    writes = writes_of(path, tmp_path / "whole")
    numbers = list(range(1, writes))
    random.Random(writes).shuffle(numbers)
    until = time.monotonic() + SECONDS
    done = 0
    for number in numbers:
        if time.monotonic() > until:
            break
        data = tmp_path / f"data{number}"
        survives_kill(number, path, data, "", rows=300)
        shutil.rmtree(data)
        done += 1

    with capsys.disabled():
        sys.stdout.write(f"\nkilled before {done} of {writes} writes, nothing half done\n")
    assert done
