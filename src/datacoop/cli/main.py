"""The frame of the command line: finds commands, prepares Django, turns expected errors into one sentence.

A command is a file `commands/<name>.py` that defines `command` (a click command or group); its help line is the
first line of its docstring; `login_link.py` becomes `login-link`, `import_.py` becomes `import`. Command modules
are loaded when called, with Django ready: they may import any room at their top; those of `ALONE` import none.
Help needs nothing and makes nothing: no data folder, no key, no database.
Exit codes: 0 done, 1 done with findings, 2 usage, configuration or refused.
"""

import ast
import importlib
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

import click

from datacoop.cli.answers import Refused

COMMANDS = Path(__file__).parent / "commands"
#: They ask a cooperative from outside, where none is installed: no settings, no data folder.
ALONE = frozenset({"sync"})
_HELP = frozenset({"-h", "--help"})
_KEY = "DATACOOP_SECRET_KEY"


class Frame(click.Group):
    """A group whose commands are the files of a folder, loaded one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        files = (path.stem for path in COMMANDS.glob("*.py") if not path.stem.startswith("_"))
        return sorted(stem.strip("_").replace("_", "-") for stem in files)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        path = _file_of(cmd_name)
        if path is None:
            return None
        if path.stem not in ALONE:
            prepare_django()
        module = importlib.import_module(f"datacoop.cli.commands.{path.stem}")
        command = module.command
        if not isinstance(command, click.Command):
            raise TypeError(f"{path.name} must define `command`, a click command.")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them: help works where nothing is configured."""
        rows = [(name, _first_line(_file_of(name))) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([row for row in rows if row[1]])


@click.command(cls=Frame, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="datacoop", prog_name="datacoop")
def command_line() -> None:
    """Many lists in, one directory out, and whoever is named decides who sees what.

    Exit codes: 0 done, 1 done with findings, 2 usage, configuration or refused.
    """


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; expected errors become one sentence on stderr."""
    try:
        named = list(takewhile(lambda each: each != "--", arguments))
        if _HELP & set(named) and not ALONE & set(named[:1]):
            return _help(named)
        code: Any = command_line.main(arguments, prog_name="datacoop", standalone_mode=False)
    except click.exceptions.Exit as exit_:
        return int(exit_.exit_code)
    except click.Abort:
        click.echo("Stopped.", err=True)
        return 2
    except Refused as refusal:
        click.echo(f"datacoop: {refusal}", err=True)
        return 2
    except click.ClickException as error:
        error.show()
        return 2
    return code if isinstance(code, int) else 0


def _help(arguments: list[str]) -> int:
    """Print the help of the command that is named, wherever `--help` stands among its arguments, and run nothing."""
    context = click.Context(command_line, info_name="datacoop", **command_line.context_settings)
    with _only_looking():
        for each in arguments:
            if each.startswith("-") or not isinstance(context.command, click.Group):
                break
            name, found, _ = context.command.resolve_command(context, [each])
            assert found is not None
            context = click.Context(found, parent=context, info_name=name, **found.context_settings)
        click.echo(context.get_help())
    return 0


@contextmanager
def _only_looking() -> Iterator[None]:
    """Let settings be loaded without a data folder: a key stands in for that of the folder, and nothing is sealed."""
    before = os.environ.get(_KEY)
    os.environ[_KEY] = before or secrets.token_urlsafe(48)
    try:
        yield
    finally:
        if before is None:
            del os.environ[_KEY]
        else:
            os.environ[_KEY] = before


def prepare_django() -> None:
    """Load settings and rooms once. Raises: Refused, with the sentence that says what to set."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "datacoop.config.settings")
    import django  # noqa: PLC0415 (help and usage errors must not wait for it)
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415

    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise Refused(str(error)) from error
    except Exception as error:
        # By name: `config` stands above this room and cannot be imported here.
        if type(error).__name__ != "Misconfigured":
            raise
        raise Refused(str(error)) from error


def _file_of(name: str) -> Path | None:
    stem = name.replace("-", "_")
    for path in (COMMANDS / f"{stem}.py", COMMANDS / f"{stem}_.py"):
        if name and not name.startswith("_") and path.is_file():
            return path
    return None


def _first_line(path: Path | None) -> str:
    """The first line of a command's docstring; an empty one keeps the command out of the list."""
    if path is None:
        return ""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    line = docstring.partition("\n")[0]
    return "" if line.startswith("(hidden)") else line
