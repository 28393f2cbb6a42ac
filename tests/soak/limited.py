"""One input in a process of its own, with limits of time and memory: how it ended."""

import os
import resource
import signal
import traceback
from pathlib import Path

from tests.soak.targets import check

#: Of the processor, its own and that of what it starts: a machine with other work is no hang.
LONGEST_SECONDS = 5
STANDSTILL_SECONDS = 60
MOST_MEGABYTES = 512


def failure(path: Path, format: str | None) -> str:
    """Read the file in a fork of this process; what went wrong, "" if nothing did."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _read_and_exit(path, format, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    _pid, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code in {-signal.SIGALRM, -signal.SIGXCPU, -signal.SIGKILL}:
        return f"hangs for more than {LONGEST_SECONDS} s"
    return said or (f"ended with {code}" if code else "")


def _read_and_exit(path: Path, format: str | None, writing: int) -> None:
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    most = held + (MOST_MEGABYTES << 20)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST_SECONDS, LONGEST_SECONDS))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, STANDSTILL_SECONDS)
    code = 1
    try:
        check(path, format)
        code = 0
    except BaseException:  # whatever it is, it is the answer
        os.write(writing, traceback.format_exc()[-4000:].encode("utf-8", "replace"))
    finally:
        os._exit(code)
