"""Fetching: what is asked for, what is refused, and that no limit can be walked round."""

import doctest
import gzip
import hashlib
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from datacoop.sources import connecting, doubting, fetching, reaching
from datacoop.sources.fetching import Fetched, Known, Limits, fetch
from datacoop.sources.reaching import FetchFailed, Reach, check_address, is_public
from tests.pipelines.web import HOST, Answer, Web, served

OURS = Reach({HOST})
CSV = b"Nom;E-mail\nUn;un@example.org\n"


@pytest.fixture
def web() -> Iterator[Web]:
    with served() as web:
        yield web


@pytest.fixture
def code_of(tmp_path: Path) -> Callable[..., str]:
    def failed(url: str, **asked: Any) -> str:
        with pytest.raises(FetchFailed) as failure:
            fetch(url, into=tmp_path, **{"reach": OURS, **asked})
        assert list(tmp_path.iterdir()) == []
        return failure.value.code

    return failed


def got(web: Web, path: str, folder: Path, **asked: Any) -> Fetched:
    return fetch(web.url(path), into=folder, reach=OURS, **asked)


class TestAddresses:
    @pytest.mark.parametrize(
        ("address", "code"),
        [
            ("ftp://example.org/l.csv", "address-invalid"),
            ("file:///etc/passwd", "address-invalid"),
            ("gopher://example.org/", "address-invalid"),
            ("example.org/l.csv", "address-invalid"),
            ("https://", "address-invalid"),
            ("https://user:secret@example.org/l.csv", "address-invalid"),
            ("https://127.0.0.1@example.org/", "address-invalid"),
            ("https://example.org:99999/", "address-invalid"),
            ("https://exa mple.org/", "address-invalid"),
            ("https://example.org\\@127.0.0.1/", "address-invalid"),
            ("http://[::1/", "address-invalid"),
            ("https://example.org:22/", "address-port"),
            ("https://example.org:5432/", "address-port"),
        ],
    )
    def test_are_those_of_the_web_alone(self, address: str, code: str) -> None:
        with pytest.raises(FetchFailed) as failure:
            check_address(address)
        assert failure.value.code == code

    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1", "127.0.0.1.", "127.1", "10.0.0.1", "172.31.255.255", "192.168.0.10", "169.254.169.254", "0",
            "2130706433", "0x7f000001", "0X7F.1", "0x7f.0x0.0x0.0x1", "0177.0.0.1", "017700000001", "3232235521",
            "0xa9fea9fe", "１２７.0.0.1", "127。0。0。1", "[::1]", "[::]", "[fe80::1]", "[fe80::1%25eth0]", "[fd00::1]",
            "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:c0a8:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
            "[::7f00:1]", "localhost", "LocalHost", "localhost.", "app.localhost", "localhost.localdomain",
            "printer.local", "metadata.google.internal", "box.home.arpa",
        ],
    )  # fmt: skip
    def test_of_private_networks_are_refused_before_anybody_asks_for_them(
        self, host: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("asked the network"))

        for address in (f"http://{host}/l.csv", f"https://{host}:8443/"):
            with pytest.raises(FetchFailed) as failure:
                check_address(address)
            assert failure.value.code == "address-private"

    @pytest.mark.parametrize(
        "host",
        [
            "1.1.1.1",
            "0x01010101",
            "193.5.216.31",
            "[2606:4700::1111]",
            "example.org",
            "local.example.org",
            "0x.example",
        ],
    )
    def test_of_the_public_web_are_not(self, host: str) -> None:
        assert check_address(f"https://{host}/l.csv") == f"https://{host}/l.csv"

    @pytest.mark.parametrize(
        ("host", "named"), [("[::1]", "::1"), ("10.0.0.1", "10.0.0.1"), ("box.local", "box.local")]
    )
    def test_of_private_networks_are_taken_where_the_operator_named_them(self, host: str, named: str) -> None:
        assert check_address(f"http://{host}/l.csv", Reach({named})) == f"http://{host}/l.csv"

    def test_are_asked_for_in_ascii(self) -> None:
        assert check_address(" https://bücher.example/été liste.csv?a=é#x ") == (
            "https://xn--bcher-kva.example/%C3%A9t%C3%A9%20liste.csv?a=%C3%A9"
        )
        assert check_address("http://[2606:4700::1111]:8080/x") == "http://[2606:4700::1111]:8080/x"

    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
            "100.64.0.1", "100.100.100.200", "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "255.255.255.255",
            "168.63.129.16", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1",
            "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "::7f00:1",
            "192.0.0.1", "192.0.0.255", "::ffff:192.0.0.8", "3fff::1", "3fff:fff::1",
        ],
    )  # fmt: skip
    def test_that_are_not_public_are_known(self, address: str) -> None:
        assert not is_public(address)

    @pytest.mark.parametrize(
        "address", ["1.1.1.1", "193.5.216.31", "2606:4700::1111", "::ffff:1.1.1.1", "2002:101:101::"]
    )
    def test_that_are_public_are_known(self, address: str) -> None:
        assert is_public(address)

    @given(st.ip_addresses(v=4))
    def test_are_as_public_mapped_into_ipv6_as_they_are(self, address: Any) -> None:
        assert is_public(f"::ffff:{address}") == is_public(str(address))

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1/", "http://localhost/", "http://2130706433/", "http://0x7f.1/", "http://[::1]/",
            "http://[::ffff:7f00:1]/", "http://169.254.169.254/latest/meta-data/", "http://0/",
        ],
    )  # fmt: skip
    def test_of_this_machine_are_refused_however_they_are_written(self, url: str, code_of: Callable[..., str]) -> None:
        assert code_of(url, reach=Reach()) == "address-private"

    def test_are_refused_where_one_of_several_is_private(
        self, monkeypatch: pytest.MonkeyPatch, code_of: Callable[..., str]
    ) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", _resolving(["1.1.1.1", "10.0.0.1"]))

        assert code_of("http://trap.example/", reach=Reach()) == "address-private"

    def test_are_resolved_once_and_connected_to_as_they_were_checked(
        self, monkeypatch: pytest.MonkeyPatch, code_of: Callable[..., str]
    ) -> None:
        """A name that is public when it is checked and private when it is connected to (rebinding)."""
        answers = iter([["192.0.2.1"]])
        resolved: list[str] = []
        connected: list[str] = []

        def resolve(host: str, port: int, **_: object) -> list[Any]:
            resolved.append(host)
            return _resolving(next(answers))(host, port)

        def connect(place: tuple[str, int], *_: object, **__: object) -> socket.socket:
            connected.append(place[0])
            raise ConnectionRefusedError

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        monkeypatch.setattr(socket, "create_connection", connect)
        monkeypatch.setattr(connecting, "is_public", lambda address: address == "192.0.2.1")

        assert code_of("http://moving.example/", reach=Reach()) == "no-connection"
        assert (resolved, connected) == (["moving.example"], ["192.0.2.1"])

    def test_without_a_server_are_told(self, code_of: Callable[..., str]) -> None:
        assert code_of("http://nobody.invalid/") == "address-unknown"


def _resolving(addresses: list[str]) -> Callable[..., list[Any]]:
    return lambda host, port, *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]


class TestFetching:
    def test_keeps_the_file_and_what_was_said_of_it(self, web: Web, tmp_path: Path) -> None:
        said = {"ETag": '"v1"', "Last-Modified": "Mon, 23 Nov 2026 10:00:00 GMT", "Content-Type": "text/csv; charset=x"}
        web.answers["/vereine"] = Answer(CSV, headers=said)

        found = got(web, "/vereine", tmp_path)

        assert found.path is not None
        assert (found.path.name, found.path.read_bytes(), found.size) == ("vereine.csv", CSV, len(CSV))
        assert found.sha256 == hashlib.sha256(CSV).hexdigest()
        assert found.known == Known('"v1"', "Mon, 23 Nov 2026 10:00:00 GMT")
        assert found.path.stat().st_mode & 0o077 == 0

    def test_asks_only_for_what_changed(self, web: Web, tmp_path: Path) -> None:
        web.answers["/l.csv"] = Answer(CSV, headers={"ETag": '"v1"'})

        found = got(web, "/l.csv", tmp_path, known=Known('"v1"', "Mon, 23 Nov 2026 10:00:00 GMT"))

        assert found.path is None
        _, headers = web.asked[0]
        assert headers["if-none-match"] == '"v1"'
        assert headers["if-modified-since"] == "Mon, 23 Nov 2026 10:00:00 GMT"

    @pytest.mark.parametrize(
        ("path", "headers", "name"),
        [
            ("/a/liste%20des%20clubs.csv", {}, "liste_des_clubs.csv"),
            ("/x", {"Content-Disposition": 'attachment; filename="../../etc/passwd"'}, "passwd"),
            ("/x", {"Content-Disposition": "attachment; filename*=UTF-8''soci%C3%A9t%C3%A9s.xlsx"}, "sociétés.xlsx"),
            ("/", {"Content-Type": "application/json"}, "list.json"),
            ("/..%2f..%2f.hidden", {}, "hidden"),
            ("/liste%20zq@example.org.csv", {}, "liste_….csv"),
            ("/zq@example.org", {"Content-Type": "text/csv"}, "….csv"),
        ],
    )
    def test_gives_the_file_a_plain_name(
        self, web: Web, tmp_path: Path, path: str, headers: dict[str, str], name: str
    ) -> None:
        web.answers[path] = Answer(CSV, headers=headers)

        found = got(web, path, tmp_path)

        assert found.path == tmp_path / name

    @pytest.mark.parametrize("packed", [gzip.compress(CSV), zlib.compress(CSV)], ids=["gzip", "deflate"])
    def test_unpacks(self, web: Web, tmp_path: Path, packed: bytes) -> None:
        encoding = "gzip" if packed[:1] == b"\x1f" else "deflate"
        web.answers["/l.csv"] = Answer(packed, headers={"Content-Encoding": encoding}, pieces=5)

        found = got(web, "/l.csv", tmp_path)

        assert found.path is not None
        assert found.path.read_bytes() == CSV

    def test_follows_redirects_of_every_sort(self, web: Web, tmp_path: Path) -> None:
        web.answers["/a"] = Answer(status=301, headers={"Location": "/b"})
        web.answers["/b"] = Answer(status=302, headers={"Location": web.url("/l.csv")})
        web.answers["/l.csv"] = Answer(CSV)

        assert got(web, "/a", tmp_path).size == len(CSV)


class TestRefusing:
    def test_checks_each_redirect_anew(self, web: Web, code_of: Callable[..., str]) -> None:
        web.answers["/a"] = Answer(status=302, headers={"Location": f"http://lists.example.org:{web.port}/secret"})
        web.answers["/b"] = Answer(status=302, headers={"Location": "http://169.254.169.254/latest/"})
        web.answers["/c"] = Answer(status=302, headers={"Location": "file:///etc/passwd"})

        assert code_of(web.url("/a")) == "address-port"
        assert code_of(web.url("/b")) == "address-private"
        assert code_of(web.url("/c")) == "address-invalid"
        assert [path for path, _ in web.asked] == ["/a", "/b", "/c"]

    def test_follows_no_redirect_from_a_public_address_into_the_operators_network(
        self, web: Web, code_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reaching, "PORTS", {web.port})
        for module in (connecting, reaching):
            monkeypatch.setattr(module, "is_public", lambda address: address == HOST)
        web.answers["/l"] = Answer(status=302, headers={"Location": f"http://127.0.0.2:{web.port}/l"})

        assert code_of(web.url("/l"), reach=Reach({"127.0.0.2"})) == "address-private"
        assert code_of(web.url("/l"), reach=Reach({HOST, "127.0.0.2"})) == "no-connection"

    @pytest.mark.parametrize("between", [b"", b"\0\0\0"])
    def test_unpacks_every_member_of_a_packed_file(self, web: Web, tmp_path: Path, between: bytes) -> None:
        packed = gzip.compress(CSV) + between + gzip.compress(b"Deux;deux@example.org\n" * 200_000) + between
        web.answers["/l"] = Answer(packed, headers={"Content-Encoding": "gzip"}, pieces=7)

        fetched = got(web, "/l", tmp_path)

        assert fetched.path is not None
        assert fetched.path.read_bytes() == CSV + b"Deux;deux@example.org\n" * 200_000

    def test_fails_where_nothing_follows_but_rubbish(self, web: Web, code_of: Callable[..., str]) -> None:
        web.answers["/l"] = Answer(gzip.compress(CSV) + b"rubbish", headers={"Content-Encoding": "gzip"})

        assert code_of(web.url("/l")) == "incomplete"

    def test_fails_where_nobody_asked_whether_it_changed(self, web: Web, code_of: Callable[..., str]) -> None:
        web.answers["/l"] = Answer(status=304)

        assert code_of(web.url("/l")) == "status"

    def test_gives_up_a_ring_of_redirects(self, web: Web, code_of: Callable[..., str]) -> None:
        web.answers["/a"] = Answer(status=302, headers={"Location": "/a"})

        assert code_of(web.url("/a"), limits=Limits(redirects=3)) == "too-many-redirects"
        assert len(web.asked) == 4

    @pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503, 204, 300])
    def test_tells_the_status(self, web: Web, code_of: Callable[..., str], status: int) -> None:
        web.answers["/l.csv"] = Answer(b"" if status == 204 else b"no", status=status)

        assert code_of(web.url("/l.csv")) == "status"

    def test_stops_at_the_size_announced_or_sent(self, web: Web, code_of: Callable[..., str]) -> None:
        web.answers["/announced"] = Answer(b"", length=10_000)
        web.answers["/sent"] = Answer(b"x" * 5000)

        assert code_of(web.url("/announced"), limits=Limits(bytes=1000)) == "too-large"
        assert code_of(web.url("/sent"), limits=Limits(bytes=1000)) == "too-large"

    def test_stops_a_bomb_before_it_is_unpacked(self, web: Web, code_of: Callable[..., str]) -> None:
        bomb = gzip.compress(b"\0" * 300_000_000, 9)
        web.answers["/bomb"] = Answer(bomb, headers={"Content-Encoding": "gzip"})
        began = time.monotonic()

        assert code_of(web.url("/bomb"), limits=Limits(bytes=5_000_000)) == "too-large"
        assert time.monotonic() - began < 2

    @pytest.mark.parametrize(
        ("body", "headers", "length", "code"),
        [
            (CSV, {}, 1000, "incomplete"),
            (gzip.compress(CSV)[:-9], {"Content-Encoding": "gzip"}, None, "incomplete"),
            (b"no gzip", {"Content-Encoding": "gzip"}, None, "incomplete"),
            (CSV, {"Content-Encoding": "br"}, None, "encoding"),
        ],
    )
    def test_takes_no_half_file(
        self, web: Web, code_of: Callable[..., str], body: bytes, headers: dict[str, str], length: int | None, code: str
    ) -> None:
        web.answers["/l.csv"] = Answer(body, headers=headers, length=length)

        assert code_of(web.url("/l.csv")) == code

    def test_ends_with_the_time_in_all_though_every_step_is_quick(self, web: Web, code_of: Callable[..., str]) -> None:
        web.answers["/slow"] = Answer(b"x" * 100, pieces=100, before_piece=lambda: time.sleep(0.05))
        began = time.monotonic()

        assert code_of(web.url("/slow"), limits=Limits(seconds=0.5)) == "too-slow"
        assert time.monotonic() - began < 1.5

    def test_ends_a_step_that_hangs(self, web: Web, code_of: Callable[..., str]) -> None:
        web.answers["/slow"] = Answer(b"x", before_piece=lambda: time.sleep(2))

        assert code_of(web.url("/slow"), limits=Limits(step_seconds=0.2)) == "too-slow"

    def test_never_goes_from_encrypted_to_plain(self) -> None:
        with pytest.raises(FetchFailed):
            fetching._next("https://example.org/a", "http://example.org/b")

    def test_trusts_no_unknown_certificate(self, web: Web, code_of: Callable[..., str]) -> None:
        # A plain server is no TLS server: the handshake fails, nothing is sent.
        assert code_of(web.url("/l.csv").replace("http:", "https:")) == "certificate"
        assert web.asked == []


@contextmanager
def encrypted(folder: Path, name: str) -> Iterator[int]:
    """A server that answers encrypted, for one name, vouched for by an authority in `folder`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "authority.pem").write_bytes(made.public_bytes(encoding))
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    (folder / "server.pem").write_bytes(private + made.public_bytes(encoding))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    with socket.create_server((HOST, 0)) as listening:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listening.accept()
                    with suppress(OSError), context.wrap_socket(client, server_side=True) as stream:
                        stream.recv(4096)
                        stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(CSV), CSV))

        threading.Thread(target=answer, daemon=True).start()
        yield listening.getsockname()[1]


class TestEncrypted:
    @pytest.mark.parametrize(("asked", "code"), [("liste.example", ""), ("autre.example", "certificate")])
    def test_servers_must_prove_their_name_though_connected_by_address(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, code: str
    ) -> None:
        (folder := tmp_path / "keys").mkdir()
        with encrypted(folder, "liste.example") as port:
            monkeypatch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))
            monkeypatch.setattr(socket, "getaddrinfo", _resolving([HOST]))
            found = ""
            try:
                assert fetch(f"https://{asked}:{port}/l.csv", into=tmp_path, reach=Reach({asked})).size == len(CSV)
            except FetchFailed as failed:
                found = failed.code

        assert found == code


def test_a_header_without_end_is_cut_off(code_of: Callable[..., str]) -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]

        def drip() -> None:
            client, _ = server.accept()
            with suppress(OSError), client:
                client.sendall(b"HTTP/1.1 200 OK\r\n")
                while True:
                    client.sendall(b"X: yyyyyyyyyy\r\n")
                    time.sleep(0.05)

        threading.Thread(target=drip, daemon=True).start()
        began = time.monotonic()

        assert code_of(f"http://{HOST}:{port}/", limits=Limits(seconds=0.5)) == "too-slow"
        assert time.monotonic() - began < 1.5


def test_examples_in_the_code_hold() -> None:
    assert doctest.testmod(doubting).failed == 0
