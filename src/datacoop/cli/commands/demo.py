"""Load the invented cooperative round Lausanne."""

from datetime import UTC, datetime

import click
from django.conf import settings

from datacoop.cli import links, schema
from datacoop.cli.answers import Refused, answer, json_option
from datacoop.pipelines.demo.loading import DemoRefused, Loaded, load_demo


@click.group(help=__doc__)
def command() -> None:
    schema.refuse_unmigrated()


@command.command()
@json_option
def load(as_json: bool) -> None:
    """Load it once; later runs say so and print new sign-in links."""
    try:
        loaded = load_demo(
            folder=settings.DATACOOP_DATA_DIR / "demo",
            clock=lambda: datetime.now(UTC),
            say=lambda line: click.echo(line, err=True),
        )
    except DemoRefused as refused:
        raise Refused(str(refused)) from refused
    answer(_content(loaded), words=_words(loaded), as_json=as_json)


def _content(loaded: Loaded) -> dict[str, object]:
    people = [
        {"role": each.character.role, "name": each.character.name, "url": links.sign_in(each.token)}
        for each in loaded.characters
    ]
    client = {"client_id": loaded.client[0], "client_secret": loaded.client[1]} if loaded.client else None
    letter = {"name": loaded.letter[0], "code": loaded.letter[1]} if loaded.letter else None
    return {"loaded": loaded.is_new, "characters": people, "client": client, "letter": letter}


def _words(loaded: Loaded) -> str:
    lines = ["The demo is loaded." if loaded.is_new else "The demo was already loaded."]
    if loaded.client:
        lines.append(f"CLIENT {loaded.client[0]} {loaded.client[1]}")
    if loaded.letter:
        name, code = loaded.letter
        lines.append(f"LETTER {code} {name} {settings.DATACOOP_BASE_URL}/code")
    lines += [
        f"CHARACTER {each.character.role} {each.character.name} {links.sign_in(each.token)}"
        for each in loaded.characters
    ]
    return "\n".join(lines)
