"""The schema.org description inside a page, in the same words as the API gives it."""

from __future__ import annotations

import orjson
from django.conf import settings

from datacoop.feeds.formats import jsonld
from datacoop.feeds.formatting import Context
from datacoop.kinds.definition import kind as kind_named
from datacoop.kinds.described import VOCABULARY
from datacoop.portal.cards import Card
from datacoop.portal.contacts import without_contacts

LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def base_url() -> str:
    """The public address of this installation, without a final slash."""
    return str(settings.DATACOOP_BASE_URL)


def licence() -> str:
    """The address of the licence of what everybody may read."""
    return str(getattr(settings, "DATACOOP_LICENCE", LICENCE))


def described(card: Card) -> str:
    """Return JSON-LD of a card's item, but for e-mail and telephone, fit to stand inside a script element."""
    context = Context(
        kind=kind_named(card.item["kind"]),
        base_url=base_url(),
        licence=licence(),
        terms=f"{base_url()}/api/#terms",
        language=card.language,
        lang=card.language,
    )
    thing = {"@context": VOCABULARY, **jsonld.thing(without_contacts(card.item), context), "url": base_url() + card.url}
    text = orjson.dumps(thing).decode()
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
