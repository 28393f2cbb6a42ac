"""What the served application adds to every answer and every log line."""

import io
import logging

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_exempt

from datacoop.config.headers import SecurityHeaders
from datacoop.config.logs import Discreet

CANARY = "canary@example.org"


def _policy(response: HttpResponse) -> str:
    return SecurityHeaders(lambda _request: response)(HttpRequest()).headers["Content-Security-Policy"]


class TestHeaders:
    def test_nothing_is_loaded_from_elsewhere(self) -> None:
        policy = _policy(HttpResponse())

        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "http" not in policy
        assert "unsafe" not in policy

    def test_pages_made_for_embedding_may_be_embedded(self) -> None:
        response = xframe_options_exempt(lambda _request: HttpResponse())(HttpRequest())

        assert "frame-ancestors *" in _policy(response)

    def test_a_view_may_have_a_policy_of_its_own(self) -> None:
        response = HttpResponse(headers={"Content-Security-Policy": "default-src 'none'"})

        assert _policy(response) == "default-src 'none'"


class TestLogs:
    @pytest.mark.parametrize(
        "path", ["/try/k3y-k3y", "/try/k3y-k3y/table.csv", "/sign-in/k3y-k3y", "/steward/upload/k3y-k3y", "/n/k3y-k3y"]
    )
    def test_leave_out_the_keys_in_addresses(self, path: str) -> None:
        record = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s: %s", ("Not Found", path), None)

        told = Discreet("{message}", style="{").format(record)

        assert "k3y" not in told
        assert told == f"Not Found: {path.partition('k3y')[0]}…"

    def test_leave_out_the_numbers_of_records(self) -> None:
        path = "/my/abdfd906-6f10-4a11-8c3e-0d3b8e6f4a11/correct/0b7f5d0a6c1e4b7d8a9c3f2e1d0c9b8a"
        record = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s: %s", ("Forbidden", path), None)

        assert Discreet("{message}", style="{").format(record) == "Forbidden: /my/…/correct/…"

    def test_tell_an_exception_without_its_message(self) -> None:
        written = io.StringIO()
        handler = logging.StreamHandler(written)
        handler.setFormatter(Discreet("{message}", style="{"))
        logger = logging.Logger("test")
        logger.addHandler(handler)

        try:
            try:
                raise ValueError(CANARY)
            except ValueError as error:
                raise LookupError(CANARY) from error
        except LookupError:
            logger.exception("it failed")

        assert CANARY not in written.getvalue()
        assert "builtins.LookupError" in written.getvalue()
        assert "builtins.ValueError" in written.getvalue()
        assert "test_served.py" in written.getvalue()


class TestDatabase:
    def test_sqlite_keeps_decisions_and_forgets_what_is_erased(self) -> None:
        if connection.vendor != "sqlite":
            pytest.skip("about SQLite")
        options = settings.DATABASES["default"]["OPTIONS"]

        assert options["transaction_mode"] == "IMMEDIATE"
        for pragma in ("journal_mode=WAL", "secure_delete=ON", "foreign_keys=ON"):
            assert pragma in options["init_command"]
