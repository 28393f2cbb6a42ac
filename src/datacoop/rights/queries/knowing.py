"""Asking whoever reads a mailbox that only a list knows for what no message told (decision 0049)."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from datacoop.disclosure.own.known import known_of
from datacoop.lib.text import words
from datacoop.linking.rules.words import known as known_words
from datacoop.rights.rules.knowing import is_known, is_named


def knows(subject: uuid.UUID, *, sources: Collection[int] | None, name: str, thing: str) -> bool:
    """Return whether somebody typed the name of a person and one thing more that these lists have.

    Where they have neither association nor telephone the name alone is compared, where they have no name the other
    alone; where they have nothing, nobody knows it. Both are compared whatever the first gave.
    """
    known = known_of(subject, sources=sources)
    told = {word for holder in known.holders for word in words(holder)}
    lists = known_words()
    told |= lists.legal_forms | lists.head_words | lists.topic_words | lists.stop_words

    named = is_named(name, known.names)
    more = is_known(thing, associations=known.associations, phones=known.phones, told=told)
    has_name, has_more = bool(known.names), bool(known.associations or known.phones)
    return (has_name or has_more) and (named or not has_name) and (more or not has_more)
