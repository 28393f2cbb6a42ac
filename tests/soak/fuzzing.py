"""Coverage-guided fuzzing of one reader: `python -m tests.soak.fuzzing TARGET FOLDER [options of libFuzzer]`.

Ends by itself (-max_total_time); exits with 0, or with what libFuzzer says of a crash, a hang or too much memory.
A workbook is unpacked in a process apart here too, but forked instead of started anew: hundreds a second, not ten.
"""

import os
import signal
import sys
from pathlib import Path
from typing import IO

import atheris

with atheris.instrument_imports(include=["datacoop.sources.readers", "datacoop.lib"]):
    from datacoop.sources.readers import csv, geojson, html, json, osm, reading, unpacking, workbook

from tests.soak.limited import LONGEST_SECONDS
from tests.soak.targets import TARGETS, check

READERS = (csv, geojson, html, json, osm, reading)
ENDING = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGALRM, signal.SIGXFSZ)


def run_forked(arguments: list[str], answer: IO[bytes]) -> int:
    """Unpack in a fork of this process, with the same limits beyond what it already holds."""
    path, megabytes, seconds = arguments
    child = os.fork()
    if child:
        _pid, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)
    for each in ENDING:
        signal.signal(each, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    held = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGESIZE") >> 20
    code = 1
    try:
        with os.fdopen(os.dup(answer.fileno()), "wb") as out:
            code = unpacking.main([path, str(int(megabytes) + held), seconds], out.write)
    finally:
        os._exit(code)


def _escaped(word: bytes) -> str:
    """The word as a dictionary of libFuzzer writes it."""
    return "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02X}" for byte in word)


def main() -> None:
    """Fuzz until libFuzzer's own limits end it."""
    target, folder = TARGETS[sys.argv[1]], Path(sys.argv[2])
    workbook.run_apart = run_forked
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = folder / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.dictionary), encoding="ascii")
    path = folder / "list"

    def one(data: bytes) -> None:
        path.write_bytes(target.wrap(data))
        began = sum(os.times()[:4])
        check(path, target.format)
        assert sum(os.times()[:4]) - began < LONGEST_SECONDS, "hangs"

    options = [*([f"-dict={words}"] if target.dictionary else []), f"-artifact_prefix={folder}/", str(corpus)]
    atheris.Setup([sys.argv[0], *sys.argv[3:], *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
