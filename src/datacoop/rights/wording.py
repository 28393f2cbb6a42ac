"""The texts of mails and letters of this room, in four languages, and which version of them is sent."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from datacoop.lib.phrases import Phrases

LANGUAGES = ("fr", "de", "it", "en")
PHRASES = Phrases(Path(__file__).with_name("texts"), LANGUAGES)
#: The number of the text of notices, letters and reminders: `notices.…`, what those named are given; what stewards are
#: written stands apart. A test holds its hash: whoever changes a word counts on.
NOTICE_VERSION = 4


@cache
def notice_sha256(language: str = "") -> str:
    """Return the hash of the text of notices in a language, in all of them together without one."""
    said = [
        f"{each}\x1f{key}\x1f{text}"
        for each in ((language,) if language in LANGUAGES else LANGUAGES)
        for key, text in sorted(PHRASES.of(each).items())
        if key.startswith("notices.")
    ]
    return hashlib.sha256("\x1e".join(said).encode()).hexdigest()
