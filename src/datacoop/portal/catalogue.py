"""The portal's own texts, one YAML file per language: looked up by key, filled in, never HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import yaml

LANGUAGES = ("fr", "de", "it", "en")
NAMES = {"fr": "Français", "de": "Deutsch", "it": "Italiano", "en": "English"}
_FOLDER = Path(__file__).with_name("messages")
_ONE_FROM_ZERO = frozenset({"fr"})  # French says "0 organisation"


def say(language: str, key: str, **values: object) -> str:
    """Return the text of a key with its values filled in; `count` chooses between one and other.

    Raises: KeyError for a key nobody wrote: a missing text must fail in a test, not on a page.
    """
    texts = catalogue(language)
    text = texts.get(key)
    if text is None:
        text = texts[f"{key}.{_form(language, values['count'])}"]
    return text.format(**values) if values else text


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return all texts of a language by key (`home.title`); those of French for a language we do not have."""
    chosen = language if language in LANGUAGES else LANGUAGES[0]
    texts: dict[str, str] = {}
    for path in sorted(_FOLDER.glob(f"*{chosen}.yml")):
        texts |= _flat(yaml.safe_load(path.read_text(encoding="utf-8")), "")
    return texts


def _form(language: str, count: object) -> str:
    alone = (0, 1) if language in _ONE_FROM_ZERO else (1,)
    return "one" if count in alone else "other"


def _flat(texts: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in texts.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value).rstrip("\n")
