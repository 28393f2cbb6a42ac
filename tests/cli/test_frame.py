"""The frame of the command line: finding commands, exit codes, sentences instead of tracebacks."""

from pathlib import Path

import click
import pytest

from datacoop.cli import main
from tests.cli.program import run_program

NAMES = main.Frame().list_commands(click.Context(main.command_line))


class TestFrame:
    @pytest.mark.parametrize("name", NAMES)
    def test_every_file_is_a_command_with_help(self, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main.run([name, "--help"]) == 0
        assert f"datacoop {name}" in capsys.readouterr().out

    def test_finds_a_command_by_its_file_alone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "say_hello.py").write_text('"""Say hello."""\n')
        (tmp_path / "import_.py").write_text('"""Pour a list in."""\n')
        (tmp_path / "__init__.py").write_text("")
        monkeypatch.setattr(main, "COMMANDS", tmp_path)

        assert main.Frame().list_commands(click.Context(main.command_line)) == ["import", "say-hello"]
        assert main._file_of("import") == tmp_path / "import_.py"

    def test_lists_commands_in_its_help(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main.run(["--help"]) == 0

        said = capsys.readouterr().out
        assert all(f"  {name} " in said for name in NAMES)

    @pytest.mark.parametrize("arguments", [["nope"], ["serve", "--port", "x"], ["__init__"], ["login-link"]])
    def test_usage_errors_exit_with_2(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        assert main.run(arguments) == 2
        assert "Traceback" not in capsys.readouterr().err


class TestWithoutConfiguration:
    def test_help_makes_no_folder(self, tmp_path: Path) -> None:
        result = run_program(["--help"], tmp_path / "data")

        assert result.returncode == 0
        assert not (tmp_path / "data").exists()

    def test_a_wrong_setting_is_one_sentence(self, tmp_path: Path) -> None:
        result = run_program(["doctor"], tmp_path / "data", DATACOOP_EMAIL_URL="gopher://x")

        assert result.returncode == 2
        assert result.stderr.startswith("datacoop: DATACOOP_EMAIL_URL must look like")
        assert "Traceback" not in result.stderr
