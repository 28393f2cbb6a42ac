"""Numbers by which registers know an organisation: recognised, checked, written one way. Pure.

Schemes: CH-UID, FR-RNA, FR-SIRET, FR-SIREN, AT-UID, ROR, WIKIDATA are recognised by their form
(FR-RNA-OLD is the number of the register before 2009);
AT-ZVR, US-EIN and others only by the words of the column.
"""

import re
from functools import cache
from types import ModuleType
from typing import Final

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

_UID: Final = re.compile(r"CHE[-. ]?(\d{3})[. ]?(\d{3})[. ]?(\d{3})(?:\s*(?:MWST|TVA|IVA|HR|RC))?", re.IGNORECASE)
_RNA: Final = re.compile(r"W\d[\dA-Z]\d{7}")
_RNA_OLD: Final = re.compile(r"\d[\dAB]\d[A-Z]\d{8,10}")
_ROR: Final = re.compile(r"(?:https?://)?ror\.org/(0[a-z0-9]{6}\d{2})", re.IGNORECASE)
_WIKIDATA: Final = re.compile(r"(?:https?://(?:www\.)?wikidata\.org/(?:wiki|entity)/)?(Q\d{2,10})")
_AT_UID: Final = re.compile(r"ATU\d{8}")
_FORMS: Final = {
    "CH-UID": _UID,
    "FR-RNA": _RNA,
    "FR-RNA-OLD": _RNA_OLD,
    "AT-UID": _AT_UID,
    "ROR": _ROR,
    "WIKIDATA": _WIKIDATA,
}
_BY_HEADER: Final = {
    "zvr": "AT-ZVR",
    "siret": "FR-SIRET",
    "siren": "FR-SIREN",
    "rna": "FR-RNA",
    "waldec": "FR-RNA",
    "ein": "US-EIN",
    "uei": "US-UEI",
    "ide": "CH-UID",
    "wikidata": "WIKIDATA",
    "ror": "ROR",
    "charity": "GB-CHC",
}


class IdentifierRefusedError(ValueError):
    """The number is not one of its register: wrong form or wrong check digit."""


@cache
def _module(country: str, name: str) -> ModuleType:
    module = get_cc_module(country, name)
    assert isinstance(module, ModuleType)
    return module


def scheme_of(text: str) -> str | None:
    """Scheme of a number whose form alone says it; None where it could be any number."""
    for scheme, form in _FORMS.items():
        if form.fullmatch(text):
            return scheme
    digits = re.sub(r"[\s.]", "", text)
    if len(digits) == 14 and digits.isdigit() and _module("fr", "siret").is_valid(digits):
        return "FR-SIRET"
    return None


def identifier(text: str, hint: str | None = None) -> dict[str, str] | None:
    """{"scheme", "value"} of a number; `hint` is the scheme that the column names. None for zeros.

    Raises IdentifierRefusedError where the register's own check fails.
    """
    text = text.strip().removesuffix(".0")
    if not text.strip("0. "):
        return None
    scheme = scheme_of(text) or hint
    if scheme is None:
        raise IdentifierRefusedError("No register is known whose numbers look like this.")
    check = _CHECKS.get(scheme)
    return {"scheme": scheme, "value": check(text) if check else text}


def scheme_of_column(tokens: tuple[str, ...]) -> str | None:
    """Scheme that a column's words name, for numbers that do not show it themselves."""
    return next((_BY_HEADER[token] for token in tokens if token in _BY_HEADER), None)


def _swiss(text: str) -> str:
    match = _UID.fullmatch(text.strip())
    digits = "".join(match.groups()) if match else re.sub(r"\D", "", text)
    try:
        return str(_module("ch", "uid").format(_module("ch", "uid").validate(f"CHE{digits}")))
    except ValidationError as error:
        raise IdentifierRefusedError("This is not a valid Swiss UID: its check digit is wrong.") from error


def _siret(text: str) -> str:
    digits = re.sub(r"[\s.]", "", text)
    if not _module("fr", "siret").is_valid(digits):
        raise IdentifierRefusedError("This is not a valid SIRET: its check digit is wrong.")
    return digits


def _siren(text: str) -> str:
    digits = re.sub(r"[\s.]", "", text)
    if not _module("fr", "siren").is_valid(digits):
        raise IdentifierRefusedError("This is not a valid SIREN: its check digit is wrong.")
    return digits


def _rna(text: str) -> str:
    if not _RNA.fullmatch(text.strip()):
        raise IdentifierRefusedError("This is not a number of the French register of associations.")
    return text.strip()


def _zvr(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    if not 8 <= len(digits) <= 10:
        raise IdentifierRefusedError("This is not a number of the Austrian register of associations.")
    return digits.zfill(9)


def _last_part(text: str) -> str:
    return text.rstrip("/").rsplit("/", 1)[-1]


_CHECKS: Final = {
    "CH-UID": _swiss,
    "FR-SIRET": _siret,
    "FR-SIREN": _siren,
    "FR-RNA": _rna,
    "AT-ZVR": _zvr,
    "ROR": _last_part,
    "WIKIDATA": _last_part,
}
