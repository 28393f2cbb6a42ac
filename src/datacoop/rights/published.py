"""What everybody sees of an organisation: what a claim may rest on. Asked of disclosure, as the public, each time."""

from __future__ import annotations

import uuid

import orjson

from datacoop.disclosure.asking import ask
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found, Moved
from datacoop.rights.rules.claims import Published, published_of

_KIND = "organisation"


def published(uid: uuid.UUID) -> Published:
    """Return what the public sees of an organisation now; nothing of one that is hidden, unknown, or none.

    Raises: disclosure.errors.Due while something stays due.
    """

    def question(reading: Reading) -> Published:
        answer = get(reading, PUBLIC, _KIND, str(uid))
        if isinstance(answer, Moved):
            answer = get(reading, PUBLIC, _KIND, answer.id)
        return published_of(orjson.loads(answer.body) if isinstance(answer, Found) else None)

    return ask(question)
