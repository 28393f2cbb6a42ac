"""Webhooks go to the public web alone: however an address is written, and whatever its name leads to."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from datacoop.feeds.actions import WebhookRefused, give_address
from datacoop.feeds.models import Message, Webhook
from datacoop.sources import connecting
from tests.api import world
from tests.feeds.receiving import Clock, Receiver, hook, receiving
from tests.laws.city import City

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("datacoop.api.urls")]

PRIVATE = pytest.mark.parametrize(
    ("family", "found"),
    [
        (socket.AF_INET, ["10.0.0.1"]),
        (socket.AF_INET, ["1.1.1.1", "127.0.0.1"]),
        (socket.AF_INET6, ["::1"]),
        (socket.AF_INET6, ["::ffff:192.168.1.1"]),
        (socket.AF_INET6, ["2606:4700::1111", "fd00:ec2::254"]),
    ],
)


class TestAddresses:
    @pytest.mark.parametrize(
        ("address", "code"),
        [
            ("http://hooks.example.org/", "not-https"),
            ("https://hooks.example.org:22/", "address-port"),
            ("https://user:secret@hooks.example.org/", "address-invalid"),
            ("ftp://hooks.example.org/", "address-invalid"),
            ("https://hooks.example.org/ho\nok", "characters"),
            ("https://hooks.exam\tple.org/hook", "characters"),
            ("https://hooks.example.org/hook\x00", "characters"),
            ("https://hooks.example.org/ho\x85ok", "characters"),
            ("https://hooks.example.org/ho\u202eok", "characters"),
            ("https://hooks.example.org/hook#part", "fragment"),
            ("https://hooks.example.org/hook#", "fragment"),
            (f"https://hooks.example.org/{'x' * 1000}", "too-long"),
            (f"https://hooks.example.org/{'é' * 400}", "too-long"),
            ("https://127.0.0.1/", "address-private"),
            ("https://127.1/", "address-private"),
            ("https://2130706433/", "address-private"),
            ("https://0x7f000001/", "address-private"),
            ("https://0177.0.0.1/", "address-private"),
            ("https://10.0.0.1/", "address-private"),
            ("https://169.254.169.254/latest/meta-data/", "address-private"),
            ("https://100.64.0.1/", "address-private"),
            ("https://[::1]/", "address-private"),
            ("https://[fd00::1]/", "address-private"),
            ("https://[fe80::1]/", "address-private"),
            ("https://[::ffff:10.0.0.1]/", "address-private"),
            ("https://[64:ff9b::7f00:1]/", "address-private"),
            ("https://[2002:7f00:1::]/", "address-private"),
            ("https://localhost/", "address-private"),
            ("https://metadata.google.internal/", "address-private"),
        ],
    )
    def test_are_those_of_the_public_web_by_https(self, city: City, clock: Clock, address: str, code: str) -> None:
        with pytest.raises(WebhookRefused) as refused:
            give_address(agreement=city.agreement, address=address, actor="test", now=clock.now)

        assert refused.value.code == code
        assert not Webhook.objects.exists()

    @PRIVATE
    def test_names_that_lead_to_a_private_one_now_are_refused_unless_the_operator_named_them(
        self, city: City, clock: Clock, monkeypatch: pytest.MonkeyPatch, settings: Any, family: int, found: list[str]
    ) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", lambda _h, port, **_: [(family, 1, 6, "", (a, port)) for a in found])

        def give() -> None:
            give_address(agreement=city.agreement, address="https://hooks.example.org/", actor="test", now=clock.now)

        with pytest.raises(WebhookRefused, match="address-private"):
            give()
        assert not Webhook.objects.exists()
        settings.DATACOOP_WEBHOOK_HOSTS = frozenset({"hooks.example.org"})
        give()
        assert Webhook.objects.exists()

    def test_a_name_that_nobody_knows_yet_is_accepted(
        self, city: City, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unknown(*_: object, **__: object) -> None:
            raise socket.gaierror

        monkeypatch.setattr(socket, "getaddrinfo", unknown)

        give_address(agreement=city.agreement, address="https://soon.example.org/", actor="test", now=clock.now)

        assert Webhook.objects.exists()

    @PRIVATE
    def test_names_that_lead_to_a_private_one_are_not_connected_to(
        self, city: City, clock: Clock, monkeypatch: pytest.MonkeyPatch, family: int, found: list[str]
    ) -> None:
        give_address(agreement=city.agreement, address="https://hooks.example.org/", actor="test", now=clock.now)
        monkeypatch.setattr(socket, "getaddrinfo", lambda _h, port, **_: [(family, 1, 6, "", (a, port)) for a in found])
        monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("connected"))
        world.add("organisation", 1, name="Chœur 1")

        clock.turn()

        assert Message.objects.get().problem == "address-private"

    def test_are_connected_to_as_they_were_checked(
        self, city: City, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A name that is public when it is given and checked and private when it is connected to (rebinding)."""
        answers = iter([["192.0.2.1"], ["192.0.2.1"], ["127.0.0.1"]])
        connected: list[str] = []

        def connect(place: tuple[str, int], *_: object, **__: object) -> socket.socket:
            connected.append(place[0])
            raise ConnectionRefusedError

        monkeypatch.setattr(
            socket, "getaddrinfo", lambda _h, port, **_: [(socket.AF_INET, 1, 6, "", (a, port)) for a in next(answers)]
        )
        monkeypatch.setattr(socket, "create_connection", connect)
        monkeypatch.setattr(connecting, "is_public", lambda address: address == "192.0.2.1")
        give_address(agreement=city.agreement, address="https://moving.example.org/", actor="test", now=clock.now)
        world.add("organisation", 1, name="Chœur 1")

        clock.turn()
        clock.turn()

        assert connected == ["192.0.2.1"]
        assert Message.objects.get().problem == "address-private"

    def test_lead_nowhere_else(self, city: City, receiver: Receiver, clock: Clock) -> None:
        with receiving() as elsewhere:
            hook(city, receiver, clock)
            receiver.answers = [(307, {"Location": elsewhere.url}), (302, {"Location": "http://169.254.169.254/"})]
            world.add("organisation", 1, name="Chœur 1")
            clock.turn()

            assert elsewhere.got == []
        assert (Message.objects.get().problem, Message.objects.get().status) == ("status", 307)

    def test_of_lists_and_of_clients_are_named_apart(self, city: City, clock: Clock, settings: Any) -> None:
        settings.DATACOOP_PULL_HOSTS = frozenset({"lists.local"})

        with pytest.raises(WebhookRefused, match="address-private"):
            give_address(agreement=city.agreement, address="https://lists.local/", actor="test", now=clock.now)
