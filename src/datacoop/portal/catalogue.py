"""The portal's own texts, one YAML file per language and topic: looked up by key, filled in, never HTML."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from datacoop.lib.phrases import Phrases

LANGUAGES = ("fr", "de", "it", "en")
NAMES = {"fr": "Français", "de": "Deutsch", "it": "Italiano", "en": "English"}
_PHRASES = Phrases(Path(__file__).with_name("messages"), LANGUAGES)


def say(language: str, key: str, **values: object) -> str:
    """Return the text of a key with its values filled in; `count` chooses between one and other.

    Raises: KeyError for a key nobody wrote: a missing text must fail in a test, not on a page.
    """
    return _PHRASES.say(language, key, **values)


def catalogue(language: str) -> Mapping[str, str]:
    """Return all texts of a language by key (`home.title`); those of French for a language we do not have."""
    return _PHRASES.of(language)
