"""Processes that need not load what they stand on: forked from one that has loaded libraries, and no settings.

A process of the program takes seconds to load libraries, and tests start hundreds. Each is one of its own all the same:
its environment, its files, its exit; only modules that know no settings stand in it already.
"""

import atexit
import contextlib
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import traceback
from functools import cache
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
#: Libraries without settings, and the room that knows none.
_LOADED = (
    *("django.db.models", "django.forms", "django.urls", "django.core.management", "django.db.migrations.executor"),
    *("django.template.loader", "django.contrib.auth.hashers", "django.db.backends.sqlite3.base", "dj_database_url"),
    *("django.db.backends.postgresql.base", "numpy", "psycopg", "pyproj", "phonenumbers", "cryptography.x509", "click"),
    *("yaml", "joserfc.jws", "sqlparse", "rapidfuzz.fuzz", "PIL.Image", "email_validator", "httpcore", "ijson", "h11"),
    *("charset_normalizer", "icalendar", "fido2.webauthn", "openpyxl", "lxml.etree", "orjson", "datacoop.lib.geo"),
)  # fmt: skip


def run_forked(
    arguments: list[str], environment: dict[str, str], seconds: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run what `python` would run with these arguments: `-m datacoop …`, `-c program` or a file, to its end."""
    with tempfile.TemporaryDirectory(prefix="dc-forked-") as folder:
        said = Path(folder, "out"), Path(folder, "err")
        asked = {"arguments": arguments, "environment": environment, "seconds": seconds, "cwd": str(Path.cwd())}
        server = _started()
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps({**asked, "said": list(map(str, said))}) + "\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        out, err = (each.read_text(encoding="utf-8") for each in said)
    if code == -signal.SIGALRM:
        raise subprocess.TimeoutExpired(arguments, seconds, out, err)
    return subprocess.CompletedProcess(arguments, code, out, err)


@cache
def _started() -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DATACOOP_", "DJANGO_"))}
    server = subprocess.Popen(
        [sys.executable, __file__],
        env={**clean, "PYTHONPATH": str(_ROOT / "src")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(server.communicate)
    return server


def _serve() -> None:
    """Fork for each line read, and answer with the exit code. An interruption is for the tests to hear."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.path.pop(0)
    for name in _LOADED:
        __import__(name)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _become(json.loads(line))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(code, flush=True)


def _become(asked: dict[str, Any]) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, asked["seconds"])
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.path[:0] = [each for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each not in sys.path]
    for number, path in enumerate(asked["said"], 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    code = 1
    try:
        code = _ran(asked["arguments"])
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _ran(arguments: list[str]) -> int:
    how, *rest = arguments
    sys.argv = rest if how in {"-m", "-c"} else arguments
    try:
        if how == "-m":
            runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
        elif how == "-c":
            exec(compile(rest[0], "<string>", "exec"), {"__name__": "__main__"})
        else:
            runpy.run_path(how, run_name="__main__")
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    _serve()
