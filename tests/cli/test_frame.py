"""The frame of the command line: finding commands, exit codes, sentences instead of tracebacks."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from datacoop.cli import main
from tests.cli.program import environment, run_program

NAMES = main.Frame().list_commands(click.Context(main.command_line))
#: In one process for all: asks each for its help, then looks which commands it has.
EVERY_HELP = """
import contextlib, io, json, sys
import click
from datacoop.cli import main
said = {}
def ask(names, group):
    for name in group.list_commands(click.Context(group)):
        path = [*names, name]
        with contextlib.redirect_stdout(io.StringIO()) as out:
            code = main.run([*path, "--help"])
        if code:
            sys.exit(f"{path}: {code}")
        said[" ".join(path)] = out.getvalue()
        found = group.get_command(click.Context(group), name)
        if isinstance(found, click.Group):
            ask(path, found)
ask([], main.command_line)
print(json.dumps(said))
"""


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

    def test_help_of_every_command_needs_and_makes_nothing(self, tmp_path: Path) -> None:
        asked = [sys.executable, "-c", EVERY_HELP]
        environ = environment(tmp_path / "data")

        done = subprocess.run(asked, env=environ, cwd=tmp_path, capture_output=True, text=True, check=False)

        assert (done.returncode, done.stderr) == (0, "")
        said = json.loads(done.stdout)
        assert {"clients webhooks set", "holders key", "close announce", "decide", "sync"} <= set(said)
        assert [name for name, words in said.items() if f"datacoop {name}" not in words] == []
        assert list(tmp_path.iterdir()) == []

    def test_help_runs_nothing_wherever_it_stands(self, tmp_path: Path) -> None:
        for arguments in (["init", "--help", "more"], ["init", "more", "-h"], ["clients", "add", "--terms", "--help"]):
            done = run_program(arguments, tmp_path / "data")

            assert (done.returncode, done.stderr) == (0, "")
            assert done.stdout.startswith(f"Usage: datacoop {arguments[0]}")
        assert not (tmp_path / "data").exists()

    def test_help_of_what_is_no_command_is_a_usage_error(self, tmp_path: Path) -> None:
        done = run_program(["clients", "nope", "--help"], tmp_path / "data")

        assert done.returncode == 2
        assert "No such command 'nope'" in done.stderr
        assert not (tmp_path / "data").exists()

    def test_a_wrong_setting_is_one_sentence(self, tmp_path: Path) -> None:
        result = run_program(["doctor"], tmp_path / "data", DATACOOP_EMAIL_URL="gopher://x")

        assert result.returncode == 2
        assert result.stderr.startswith("datacoop: DATACOOP_EMAIL_URL must look like")
        assert "Traceback" not in result.stderr
