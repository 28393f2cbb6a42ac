"""Addresses as lists hold them, in one cell or in ten, put together one way. Pure."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from phonenumbers import SUPPORTED_REGIONS

from datacoop.lib.text import clean, plain
from datacoop.sources.evidence import filled, looks_like_street
from datacoop.sources.normalising import line_of
from datacoop.sources.refusing import ValueRefused

_DIGITS: Final = {"CH": 4, "LI": 4, "AT": 4, "FR": 5, "DE": 5, "IT": 5, "US": 5}
_CITY: Final = re.compile(r"(?:([A-Z]{1,2})[- ])?(\d{4,5})\s+([^\W\d].*)")
_WHOLE: Final = re.compile(r"(.*?)[,\n;]?\s+(?:([A-Z]{1,2})-)?(\d{4,5})\s+([^\W\d][^,\n]*?)(?:,\s*\w+)?$", re.DOTALL)
_CODE_ALONE: Final = re.compile(r"(?:([A-Za-z]{1,2})[- ]+)?(\d{4,5})(?:\.0)?(?: ?[Cc][Ee][Dd][Ee][Xx].*)?")
_COUNTRIES: Final = {
    "CH": "ch che suisse schweiz svizzera switzerland swiss svizra",
    "FR": "fr fra france frankreich francia",
    "AT": "at aut autriche osterreich austria",
    "DE": "de deu d allemagne deutschland germania germany",
    "IT": "it ita italie italien italia italy",
    "LI": "li lie liechtenstein",
    "US": "us usa etats unis united states",
}
_COUNTRY_OF: Final = {word: code for code, words in _COUNTRIES.items() for word in words.split()}
Address = dict[str, str]


def postal_code(value: object, country: str | None) -> str:
    """A postcode as its country writes it: "1005.0" → 1005; the lost zero of 01000 comes back in France.

    Raises ValueRefused.
    """
    text = line_of(value).upper().removesuffix(".0").strip()
    text = re.sub(r"^(?:CH|F|FR|A|AT|D|DE|I|IT|FL|L)[- ]+", "", text)
    length = _DIGITS.get(country or "")
    if length is None:
        if re.fullmatch(r"[A-Z0-9][A-Z0-9 -]{1,9}", text):
            return text
        raise ValueRefused("postal-code-unreadable", "Not a postcode.")
    if length == 5 and re.fullmatch(r"\d{4}", text) and country in {"FR", "DE", "IT"}:
        return f"0{text}"
    if country == "US" and re.fullmatch(r"\d{5}-\d{4}", text):
        return text
    if re.fullmatch(r"\d{4,5}", text) and (len(text) == length or country == "CH"):
        return text
    if re.fullmatch(r"\d{5} ?CEDEX.*", text):
        return text[:5]
    raise ValueRefused("postal-code-unreadable", "Not a postcode of that country.")


@lru_cache(maxsize=1000)
def country_code(text: str) -> str | None:
    """Two letters of a country as people name it, None if unknown."""
    word = plain(clean(text))
    if word in _COUNTRY_OF:
        return _COUNTRY_OF[word]
    code = text.strip().upper()
    return code if code in SUPPORTED_REGIONS else None


def postcode_within(text: str) -> tuple[str, str]:
    """The letters before a postcode and its digits, where it stands alone or before a town."""
    match = _CODE_ALONE.fullmatch(text) or _CITY.fullmatch(text)
    return ((match[1] or "").upper(), match[2]) if match else ("", "")


def _lines(values: Sequence[object]) -> list[str]:
    return [line for value in values if filled(value) and (line := line_of(value).strip(" ,;_"))]


def assemble(parts: dict[str, list[object]], country: str | None) -> tuple[Address, list[tuple[str, ValueRefused]]]:
    """One address from the cells of each part, and what of it could not be read, by part."""
    refused: list[tuple[str, ValueRefused]] = []
    said = country_code(line_of(parts["country"][0])) if parts.get("country") else None
    land = said or country
    street, extra = _street(_lines(parts.get("street", [])), _lines(parts.get("extra", [])))
    code, city = _code_and_city(parts, land, refused)
    if not code and not city:
        street, code, city = _whole(street)
    if said is None and len(code) == 5 and _DIGITS.get(land or "") == 4:
        land = None  # a postcode of another country, nobody says of which
    address = {
        "street": street,
        "extra": extra,
        "postal_code": code,
        "city": city,
        "canton": _canton(parts, land),
        "country": land or "",
    }
    kept = {name: text for name, text in address.items() if text}
    return ({} if set(kept) <= {"country"} else kept), refused


def _canton(parts: dict[str, list[object]], country: str | None) -> str:
    lines = _lines(parts.get("canton", []))
    return lines[0].upper() if lines and len(lines[0]) <= 3 else lines[0] if lines else ""


def _street(streets: list[str], extras: list[str]) -> tuple[str, str]:
    """The line that reads like a street comes first: some lists keep it on any of their address lines."""
    street = " ".join(streets)
    found = next((line for line in extras if looks_like_street(line) and any(char.isdigit() for char in line)), None)
    if found and not (looks_like_street(street) or any(char.isdigit() for char in street)):
        extras = [line for line in [street, *extras] if line and line != found]
        street = found
    return street, ", ".join(dict.fromkeys(extras))


def _code_and_city(
    parts: dict[str, list[object]], country: str | None, refused: list[tuple[str, ValueRefused]]
) -> tuple[str, str]:
    city = " ".join(_lines(parts.get("city", ())[:1]))
    raw = next((value for value in parts.get("postal_code", ()) if filled(value)), "")
    read = _read_code_and_city if isinstance(raw, str | int | float) else _read_code_and_city.__wrapped__
    code, city, error = read(city, raw, country)
    if error is not None:
        refused.append(("postal_code", error))
    return code, city


@lru_cache(maxsize=8192, typed=True)
def _read_code_and_city(city: str, raw: object, country: str | None) -> tuple[str, str, ValueRefused | None]:
    for text in (city, raw if isinstance(raw, str) else ""):
        if match := _CITY.fullmatch(text.strip()):
            raw = raw if raw and text is city else match[2]
            city = match[3] if text is city or not city else city
    if not raw:
        return "", city, None
    try:
        return postal_code(raw, country), city, None
    except ValueRefused as error:
        return "", city, error.with_traceback(None)  # it is remembered, its frames need not be


def _whole(street: str) -> tuple[str, str, str]:
    """ "Rue Haute 3, 1005 Lausanne" in one cell."""
    match = _WHOLE.fullmatch(street)
    if match is None:
        return street, "", ""
    return match[1].strip(" ,;"), match[3], match[4].strip()
