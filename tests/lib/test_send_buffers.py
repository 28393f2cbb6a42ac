"""What the kernel takes ahead of a slow reader is limited, for connections there are and for those to come."""

import socket
import sys

import pytest

from datacoop.lib.send_buffers import limit_send_buffers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Open files are listed on Linux alone.")


def _buffer(of: socket.socket) -> int:
    return of.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)


def test_limits_what_listens_here_and_its_connections_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socketpair()[0] as other:
        address = listening.getsockname()
        with socket.create_connection(address) as reader, listening.accept()[0] as served:
            untouched = _buffer(reader), _buffer(other)

            assert limit_send_buffers(20_000) >= 1

            with socket.create_connection(address), listening.accept()[0] as later:
                assert [_buffer(served), _buffer(later)] == [40_000, 40_000]
            assert (_buffer(reader), _buffer(other)) == untouched
            served.sendall(b"still open")
            assert reader.recv(20) == b"still open"
