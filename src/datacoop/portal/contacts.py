"""E-mail addresses and telephone numbers of a page, one sort at a time to whoever presses for it.

A page carries none by itself, so whoever gathers addresses needs a request for each and soon comes to an end; people
press once. Without JavaScript: what was pressed for is a page of its own, which no search engine lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest

from datacoop.portal.cards import Card, listed
from datacoop.portal.limits import CONTACTS, network_of

#: What is pressed for → how an address that opens a program begins.
SORTS: Final = {"phones": "tel:", "email": "mailto:"}


@dataclass(frozen=True)
class Contact:
    """One sort of contact that a page has. `values` are text and address, none until somebody presses for them."""

    name: str
    values: tuple[tuple[str, str], ...] = ()
    too_many: bool = False


def contacts_of(request: HttpRequest, shown: Card) -> list[Contact]:
    """Return the contacts of a page; counts one for the connection where one is pressed for (`?show=email`)."""
    return list(_contacts(request, shown))


def is_pressed_for(request: HttpRequest) -> bool:
    """Whether a page shows a contact that it would not by itself."""
    return request.GET.get("show") in SORTS


def with_query(request: HttpRequest, path: str) -> str:
    """Return the address a page has by now, with what was pressed for at the one it had."""
    return f"{path}?show={request.GET['show']}" if is_pressed_for(request) else path


def without_contacts(item: dict[str, object]) -> dict[str, object]:
    """Return an item as a page's description tells it to machines."""
    return {name: value for name, value in item.items() if name not in SORTS}


def _contacts(request: HttpRequest, shown: Card) -> Iterator[Contact]:
    for name, scheme in SORTS.items():
        said = [str(each) for each in listed(shown.item.get(name))]
        if not said:
            continue
        if request.GET.get("show") != name:
            yield Contact(name)
        elif not CONTACTS.allows(network_of(request)):
            yield Contact(name, too_many=True)
        else:
            yield Contact(name, tuple((each, scheme + each.replace(" ", "")) for each in said))
