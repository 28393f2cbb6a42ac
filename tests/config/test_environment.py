"""What the environment may say, and what happens when it says nonsense."""

import stat
from pathlib import Path

import pytest

from datacoop.config.environment import Misconfigured, flag, mail, number, secret_key


class TestSecretKey:
    def test_is_written_once_for_the_owner_alone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DATACOOP_SECRET_KEY")

        first = secret_key(tmp_path / "data")

        assert secret_key(tmp_path / "data") == first
        assert len(first) >= 32
        assert stat.S_IMODE((tmp_path / "data" / "secret.key").stat().st_mode) == 0o600
        assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret.key"]

    def test_refuses_a_truncated_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DATACOOP_SECRET_KEY")
        (tmp_path / "secret.key").write_text("short\n")

        with pytest.raises(Misconfigured, match="restore it"):
            secret_key(tmp_path)

    def test_says_where_it_cannot_write(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DATACOOP_SECRET_KEY")
        (tmp_path / "file").touch()

        with pytest.raises(Misconfigured, match="DATACOOP_DATA_DIR"):
            secret_key(tmp_path / "file")


class TestFlag:
    def test_refuses_a_word_that_is_neither(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATACOOP_DEBUG", "perhaps")

        with pytest.raises(Misconfigured):
            flag("DEBUG")


class TestNumber:
    @pytest.mark.parametrize("given", ["-1", "1.5", "many", "²"])
    def test_refuses_what_is_no_whole_number(self, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
        monkeypatch.setenv("DATACOOP_RATE_PER_MINUTE", given)

        with pytest.raises(Misconfigured):
            number("RATE_PER_MINUTE", 5)

    def test_has_a_default(self) -> None:
        assert number("RATE_PER_MINUTE", 5) == 5


class TestMail:
    def test_reads_a_server(self) -> None:
        found = mail("smtp://user%40example.org:p%2Fw@mail.example.org?security=tls", Path("outbox"))

        assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example.org", 465)
        assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("user@example.org", "p/w")
        assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (False, True)

    @pytest.mark.parametrize("url", ["smtp://", "mail.example.org", "smtp://mail.example.org?security=maybe"])
    def test_refuses_what_is_no_address(self, url: str) -> None:
        with pytest.raises(Misconfigured):
            mail(url, Path("outbox"))
