"""Texts in several languages from YAML files in a folder: looked up by key, filled in, counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from datacoop.lib import french

_ONE_FROM_ZERO = frozenset({"fr"})  # French says "0 organisation"


@dataclass(frozen=True)
class Phrase:
    """A sentence to be said later, in whichever language is asked for: its key, and what fills it (phrases too)."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


class Phrases:
    """The files `*LANGUAGE.yml` of one folder, each language read once."""

    def __init__(self, folder: Path, languages: tuple[str, ...]) -> None:
        """Remember where they lie; the first language speaks for those there are no files of."""
        self._folder = folder
        self._languages = languages
        self._read: dict[str, Mapping[str, str]] = {}

    def say(self, language: str, key: str, **values: object) -> str:
        """Return the text of a key with its values filled in; `count` chooses between one and other.

        Raises: KeyError for a key nobody wrote: a missing text must fail in a test, not before a reader.
        """
        texts = self.of(language)
        text = texts.get(key)
        if text is None:
            text = texts[f"{key}.{_form(language, values['count'])}"]
        if not values:
            return text
        return french.fill(text, values) if language == "fr" else text.format(**values)

    def of(self, language: str) -> Mapping[str, str]:
        """Return all texts of a language by key (`home.title`)."""
        chosen = language if language in self._languages else self._languages[0]
        if chosen not in self._read:
            texts: dict[str, str] = {}
            for path in sorted(self._folder.glob(f"*{chosen}.yml")):
                texts |= _flat(yaml.safe_load(path.read_text(encoding="utf-8")), "")
            printed = french.spaced if chosen == "fr" else str
            self._read[chosen] = {key: printed(text) for key, text in texts.items()}
        return self._read[chosen]


def _form(language: str, count: object) -> str:
    alone = (0, 1) if language in _ONE_FROM_ZERO else (1,)
    return "one" if count in alone else "other"


def _flat(texts: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in texts.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value).rstrip("\n")
