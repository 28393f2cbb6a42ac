"""Contacts taken out of a text go back in by the word of whoever the text is about, and of nobody else (decision 0017).

What a list said stays masked; the whole text becomes the subject's own word, which wins over every list (law 5).
"""

from __future__ import annotations

from datacoop.records.actions.revising import Draft
from datacoop.records.actions.stating import state
from datacoop.records.queries import masked_of
from datacoop.records.rules import Origin
from datacoop.records.storing import Said
from datacoop.records.tracing import About


class NothingMaskedError(LookupError):
    """The list says nothing of the property from which contacts were taken out, or its key was destroyed."""


def confirm(draft: Draft, *, record_id: int, property_name: str, source_id: int) -> None:
    """State, as the subject's word, what a list says of a property with the contacts that were taken out of it.

    Who may speak for the subject is the caller's to know. The ledger gets the property's name, never the text.

    Raises:
        NothingMaskedError: nothing was taken out, or it was erased.
    """
    found = masked_of(record_id, source_id=source_id, property_name=property_name)
    if not found:
        raise NothingMaskedError(f"Nothing was taken out of “{property_name}” in this list.")
    said = [Said(each.property, each.unmasked, None, each.position, each.mark) for each in found]
    state(draft, record_id=record_id, said=said, origin=Origin.SUBJECT)
    draft.enter("text.confirmed", about=[About(record_id)], property=property_name, source=source_id)
