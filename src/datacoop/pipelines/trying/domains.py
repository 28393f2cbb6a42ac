"""Domains that look dead: an ending that does not exist, a slip in a well-known name, a name nobody holds any more.

Offline, but for `gone`, which asks the name servers within a hard limit and only where the installation allows it;
no page is ever fetched.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import dns.exception
import dns.resolver
from rapidfuzz.distance import OSA

#: Asks whether a domain is held by nobody; False where that is not certain.
Ask = Callable[[str], bool]
MOST_ASKED: Final = 400
ASKING_SECONDS: Final = 20.0
_ONE_ANSWER_SECONDS: Final = 2.0
_AT_ONCE: Final = 12
#: Providers of mailboxes under one name each, and the endings under which they are reached.
_PROVIDERS: Final = {
    "gmail": "com", "googlemail": "com", "icloud": "com", "bluewin": "ch", "sunrise": "ch", "hispeed": "ch",
    "netplus": "ch", "vtxnet": "ch", "romandie": "com", "swissonline": "ch", "bluemail": "ch", "citycable": "ch",
    "wanadoo": "fr", "laposte": "net", "libero": "it", "virgilio": "it", "fastwebnet": "it",
}  # fmt: skip
#: And those with an ending for each country: only the name is judged.
_EVERYWHERE: Final = ("hotmail", "outlook", "yahoo", "protonmail")
_USUAL_ENDINGS: Final = ("ch", "com", "org", "net", "fr", "de", "at", "it")


@cache
def endings() -> frozenset[str]:
    """Every ending that exists (IANA's list, shipped beside this file)."""
    text = Path(__file__).with_name("endings.txt").read_text(encoding="ascii")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=20_000)
def fault_of(domain: str, *, is_of_mailbox: bool = True) -> tuple[str, dict[str, str]] | None:
    """Return the code of what is wrong with a domain and the gaps of its text; None if nothing is.

    Slips in the names of providers are looked for in the domains of mailboxes alone: their own sites have other ones.

    >>> fault_of("gmial.com")
    ('domain-typo', {'domain': 'gmial.com', 'meant': 'gmail.com'})
    >>> fault_of("choir.cmo")
    ('domain-ending', {'ending': 'cmo'})
    """
    name, _, ending = _ascii(domain).rpartition(".")
    if not name or not ending or ending == "example":  # reserved for examples (RFC 2606)
        return None
    meant = _meant(name, ending) if is_of_mailbox else None
    if meant:
        return "domain-typo", {"domain": domain, "meant": meant}
    if ending not in endings():
        return "domain-ending", {"ending": ending}
    return None


def gone(domains: Iterable[str], ask: Ask) -> set[str]:
    """Return the domains that nobody holds, as far as could be asked in time; the first ones in the alphabet."""
    asked = sorted({_ascii(domain) for domain in domains})[:MOST_ASKED]
    until = time.monotonic() + ASKING_SECONDS
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        answers = {domain: pool.submit(lambda d: time.monotonic() < until and ask(d), domain) for domain in asked}
        found = set()
        for domain, answer in answers.items():
            try:
                if answer.result(timeout=max(0.0, until - time.monotonic())):
                    found.add(domain)
            except TimeoutError:
                break
        return found
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def is_held_by_nobody(domain: str) -> bool:
    """Ask the name servers of this machine; only their plain "there is no such name" counts."""
    try:
        dns.resolver.resolve(f"{domain}.", "SOA", lifetime=_ONE_ANSWER_SECONDS, raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        return True
    except dns.exception.DNSException:
        return False
    return False


def _ascii(domain: str) -> str:
    try:
        return domain.lower().strip(".").encode("idna").decode("ascii")
    except UnicodeError:
        return domain.lower().strip(".")


def _meant(name: str, ending: str) -> str | None:
    """The well-known domain that was meant: one slip in its name, or its name under another ending."""
    for provider, own in _PROVIDERS.items():
        if name == provider:
            return None if ending == own else f"{provider}.{own}"
        if _slipped(name, provider) and (ending == own or OSA.distance(ending, own) == 1):
            return f"{provider}.{own}"
    for provider in _EVERYWHERE:
        if name != provider and _slipped(name, provider) and ending in _USUAL_ENDINGS:
            return f"{provider}.{ending}"
        if name == provider and ending not in endings():
            near = [each for each in _USUAL_ENDINGS if OSA.distance(ending, each) == 1]
            return f"{provider}.{near[0]}" if near else None
    return None


def _slipped(name: str, provider: str) -> bool:
    """One letter too many, too few, wrong or swapped; the first one is never the slip."""
    return name[0] == provider[0] and abs(len(name) - len(provider)) <= 1 and OSA.distance(name, provider) == 1
