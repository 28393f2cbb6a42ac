"""Who answers for the data, as this installation's settings say it. Documents, notices, letters and receipts name it.

Nothing here decides whether what is missing stops anything: `missing` says it, the rooms above refuse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

#: Without these nobody can be told who answers for the data, nor answer by post or telephone.
NEEDED = ("CONTROLLER", "CONTROLLER_ADDRESS", "PHONE")
#: Countries data is likely to be kept in; another one is named by its two letters.
_COUNTRIES = {
    "CH": {"fr": "Suisse", "de": "Schweiz", "it": "Svizzera", "en": "Switzerland"},
    "LI": {"fr": "Liechtenstein", "de": "Liechtenstein", "it": "Liechtenstein", "en": "Liechtenstein"},
    "FR": {"fr": "France", "de": "Frankreich", "it": "Francia", "en": "France"},
    "DE": {"fr": "Allemagne", "de": "Deutschland", "it": "Germania", "en": "Germany"},
    "AT": {"fr": "Autriche", "de": "Österreich", "it": "Austria", "en": "Austria"},
    "IT": {"fr": "Italie", "de": "Italien", "it": "Italia", "en": "Italy"},
}
_TOWN = re.compile(r"(?:[A-Z]{1,2}-)?\d{4,5}\s+(\D.*)$")


@dataclass(frozen=True)
class Controller:
    """`address` and `returns` are lines; `returns` is where reply slips go, the name first.

    `contact` is an e-mail address or the address of a page; `country` two letters (ISO 3166): where the data is kept.
    """

    name: str
    address: tuple[str, ...]
    returns: tuple[str, ...]
    phone: str
    contact: str
    country: str

    @property
    def place(self) -> str:
        """The town of the address, as a letter is dated from.

        >>> Controller("A", ("Rue du Lac 1", "1000 Clairière"), (), "", "", "CH").place
        'Clairière'
        """
        found = _TOWN.search(self.address[-1]) if self.address else None
        return found[1] if found else ""


def controller() -> Controller:
    """Return who answers for the data; the host's name stands in for a name that nobody gave."""
    base = settings.DATACOOP_BASE_URL
    name = settings.DATACOOP_CONTROLLER or urlsplit(base).hostname or "datacoop"
    address = _lines(settings.DATACOOP_CONTROLLER_ADDRESS)
    returns = _lines(settings.DATACOOP_POSTAL_ADDRESS) or ((name, *address) if address else ())
    contact = settings.DATACOOP_CONTACT or f"{base}/write"
    return Controller(name, address, returns, settings.DATACOOP_PHONE, contact, settings.DATACOOP_COUNTRY)


def country_name(code: str, language: str) -> str:
    """Return a country's name in a language.

    >>> country_name("CH", "de"), country_name("NO", "de")
    ('Schweiz', 'NO')
    """
    return _COUNTRIES.get(code, {}).get(language, code)


def missing() -> tuple[str, ...]:
    """Return the names of the settings that must be given before anybody is told anything, without `DATACOOP_`."""
    return tuple(name for name in NEEDED if not _lines(getattr(settings, f"DATACOOP_{name}")))


def _lines(said: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in said.split(";") if line.strip())
