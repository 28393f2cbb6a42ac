"""The room's own texts, for mails and letters: one YAML file for each topic and language."""

from pathlib import Path

from datacoop.lib.phrases import Phrases

LANGUAGES = ("fr", "de", "it", "en")
PHRASES = Phrases(Path(__file__).with_name("texts"), LANGUAGES)
