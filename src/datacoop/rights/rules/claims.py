"""Claims of organisations: ways of proving oneself, their clocks, and which website proves anything. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from datacoop.accounts.rules import DECIDE, EDIT
from datacoop.rights.rules.shared_hosts import SHARED_HOSTS

#: By a code to the published mailbox, by somebody who represents it already, by a file on its website, by a code in a
#: letter to its published address, by a steward; and the other way round: somebody who represents it invites.
MAILBOX, REPRESENTATIVE, WEBSITE, LETTER, STEWARD, INVITATION = METHODS = (
    "mailbox", "representative", "website", "letter", "steward", "invitation",
)  # fmt: skip
#: Those with a code that is typed.
BY_CODE = (MAILBOX, LETTER)

OPEN, WAITING, GRANTED, FROZEN, REFUSED, WITHDRAWN, EXPIRED = STATES = (
    "open", "waiting", "granted", "frozen", "refused", "withdrawn", "expired",
)  # fmt: skip
RUNNING = (OPEN, WAITING, FROZEN)
#: A removal runs from `waiting`, is done, or was dropped.
DONE, DROPPED = "done", "dropped"
REMOVAL_STATES = (WAITING, FROZEN, DONE, DROPPED)

#: How long others may object before what somebody proved alone counts; and after it was given on another's word.
TIME_TO_OBJECT = timedelta(days=7)
#: How long a claim waits for its proof. Letters lie; an invitation is answered when the committee has met.
TIME_TO_PROVE = {MAILBOX: 14, REPRESENTATIVE: 30, WEBSITE: 30, LETTER: 60, STEWARD: 60, INVITATION: 30}
#: A code may be read by a secretary who is there once a week; five wrong tries end it. A letter's lasts as its claim.
MAILBOX_CODE_LASTS = timedelta(days=3)
#: What one account may have running at once.
MOST_RUNNING = 10
LONGEST_REASON = 500

#: Who objected, where it was no account: whoever reads the organisation's mailbox.
BY_MAILBOX = "mailbox"

#: A first page in a language, or the first page itself, is still the top of the site.
_TOP = re.compile(r"/?|/(?:index|home|accueil|start)?(?:\.html?|\.php)?|/(?:fr|de|it|en|rm)(?:[-_][a-z]{2})?/?", re.I)
_MAILTO = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")

#: Where a website says that somebody speaks for it: a file, or an element in the head of its first page.
PROOF_PATH = "/.well-known/datacoop-claim.txt"
PROOF_NAME = "datacoop-claim"


@dataclass(frozen=True)
class Published:
    """What everybody sees of an organisation now, as far as a claim needs it; empty where nothing is shown."""

    uid: str = ""
    name: str = ""
    email: str = ""
    website: str = ""
    address: tuple[str, ...] = ()

    @property
    def methods(self) -> tuple[str, ...]:
        """The ways that can work, from what everybody sees alone; whether it is represented is nobody's to know."""
        own = own_site(self.website) is not None
        possible = {MAILBOX: bool(self.email), WEBSITE: own, LETTER: bool(self.address)}
        return tuple(each for each in METHODS if each != INVITATION and possible.get(each, True))


def published_of(item: Mapping[str, Any] | None) -> Published:
    """Return what a public item says.

    >>> published_of({"id": "u", "name": "Club", "email": "a@example.org"}).methods
    ('mailbox', 'representative', 'steward')
    """
    if item is None:
        return Published()
    emails = _listed(item.get("email"))
    email = next((each for each in emails if isinstance(each, str) and _MAILTO.fullmatch(each)), "")
    websites = [each for each in _listed(item.get("website")) if isinstance(each, str)]
    names = _listed(item.get("name"))
    address = next((lines for each in _listed(item.get("addresses")) if (lines := _lines(each))), ())
    return Published(
        str(item.get("id", "")), str(names[0]) if names else "", email, websites[0] if websites else "", address
    )


def own_site(website: str) -> str | None:
    """Return the host of a website that is its organisation's own, None where it may be anybody's.

    Not below a path of a host that others have too, nor at a place that gives pages to anybody: there whoever has the
    host, or another page of it, would prove what is not theirs to prove.

    >>> own_site("https://www.clairiere.example.ch/fr/"), own_site("https://ville.example.ch/assoc/choeur")
    ('www.clairiere.example.ch', None)
    >>> own_site("https://choeur.wixsite.com/"), own_site("https://192.0.2.1/"), own_site("ftp://a.example.ch")
    (None, None, None)
    """
    try:
        parts = urlsplit(website.strip())
        host = (parts.hostname or "").rstrip(".").lower()
        port = parts.port
    except ValueError:
        return None
    labels = host.split(".")
    if parts.scheme not in {"http", "https"} or len(labels) < 2 or not labels[-1].isalpha() or "@" in parts.netloc:
        return None
    if parts.query or not _TOP.fullmatch(parts.path) or port not in (None, 80, 443):
        return None
    below = {".".join(labels[start:]) for start in range(len(labels) - 1)}
    return None if below & SHARED_HOSTS else host


def proof_addresses(website: str) -> tuple[str, ...]:
    """Return where the token is looked for: in a file of the very host, with or without www; then on the first page.

    >>> proof_addresses("https://clairiere.example.ch")[0]
    'https://clairiere.example.ch/.well-known/datacoop-claim.txt'
    """
    host = own_site(website)
    if host is None:
        return ()
    parts = urlsplit(website.strip())
    hosts = [host, host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"]
    schemes = ["https"] if parts.scheme == "https" else ["https", "http"]
    return (*(f"{scheme}://{each}{PROOF_PATH}" for scheme in schemes for each in hosts), website.strip())


def says_token(text: str, token: str) -> bool:
    """Return whether a file or a page holds the token: a line of its own, or the element in a page's head.

    >>> says_token("datacoop-claim=abc", "abc"), says_token("datacoop-claim=abcd", "abc")
    (True, False)
    >>> says_token('<META content="abc" name="datacoop-claim" />', "abc")
    True
    """
    if any(line.strip() in {token, f"{PROOF_NAME}={token}"} for line in text.splitlines()):
        return True
    head = re.split(r"<body[\s>]", text, maxsplit=1, flags=re.I)[0]
    return any(_says(each, token) for each in re.findall(r"<meta\s[^<>]{0,500}>", head, re.I))


def _says(element: str, token: str) -> bool:
    found = {name.lower(): a or b for name, a, b in re.findall(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", element)}
    return found.get("name", "").lower() == PROOF_NAME and found.get("content") == token


def hand_of(steward: int) -> str:
    """Return what a steward is called among those who had a hand in a claim.

    >>> hand_of(7)
    'steward:7'
    """
    return f"steward:{steward}"


def scopes_of(scope: str) -> tuple[str, ...]:
    """Return the mandates that a wish means: whoever decides who sees something may correct it too.

    >>> scopes_of("decide"), scopes_of("edit")
    (('edit', 'decide'), ('edit',))
    """
    return (EDIT, DECIDE) if scope == DECIDE else (EDIT,)


def _lines(address: object) -> tuple[str, ...]:
    """Return an address as it is written on an envelope, nothing where it leads to no letter-box."""
    if not isinstance(address, Mapping):
        return ()
    street, city = str(address.get("street") or ""), str(address.get("city") or "")
    if not street or not city:
        return ()
    place = f"{address.get('postal_code') or ''} {city}".strip()
    return tuple(line for line in (str(address.get("extra") or ""), street, place) if line)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []
