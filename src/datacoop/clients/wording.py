"""The texts of mails to clients, in four languages."""

from __future__ import annotations

from pathlib import Path

from datacoop.lib.phrases import Phrases

LANGUAGES = ("fr", "de", "it", "en")
PHRASES = Phrases(Path(__file__).with_name("texts"), LANGUAGES)
