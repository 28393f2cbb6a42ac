"""How much of an answer the kernel takes before its reader does: what lies there can no longer be taken back.

Linux lets it grow to megabytes for each connection; an accepted connection has the limit of the socket that listens.
"""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_OPEN_FILES = Path("/proc/self/fd")


def limit_send_buffers(most: int) -> int:
    """Limit, to about so many bytes, what waits in each connection to a port this process listens on; how many ports.

    For those accepted from now on, and those there are. Where open files cannot be listed (not Linux) nothing is done.
    """
    found = list(_sockets())
    listening = [each for each in found if each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)]
    # First what new ones inherit from, so that none is missed.
    ports = {each.getsockname()[1] for each in listening}
    for each in [*listening, *_sockets()]:
        with each, suppress(OSError):
            if each.getsockname()[1] in ports:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, most)
    for each in found:
        each.close()
    return len(ports)


def _sockets() -> Iterator[socket.socket]:
    """Yield the TCP sockets of this process, each as a duplicate: closing it changes nothing."""
    with suppress(OSError):
        for name in os.listdir(_OPEN_FILES):
            with suppress(OSError):
                if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                    opened = socket.socket(fileno=os.dup(int(name)))
                    if opened.family in (socket.AF_INET, socket.AF_INET6) and opened.type == socket.SOCK_STREAM:
                        yield opened
                    else:
                        opened.close()
