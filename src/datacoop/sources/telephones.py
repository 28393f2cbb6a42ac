"""Telephone numbers as lists write them, read one way: +41 21 555 12 34. Pure.

What is certain by its form alone is read by that form; anything else by the library, which knows every country.
"""

import re
from functools import lru_cache
from typing import Final

import phonenumbers

from datacoop.sources.refusing import ValueRefused

_PHONE_SPLIT: Final = re.compile(r"\s*(?:[;\n|]|,\s|\s/\s|\s(?:ou|oder|et|und|e|o|or|and)\s)\s*")
_SEPARATORS: Final = re.compile(r"[\s().\-/'–\u2011]")
_SWISS_AREA: Final = r"(?:2[12467]|3[1-4]|4[134]|5[125689]|6[12]|7[15-9]|81|91)"
_SWISS: Final = re.compile(rf"(?:(?:\+41|0041)0?|0)?({_SWISS_AREA}\d{{7}})")
_FRENCH: Final = re.compile(r"(?:(?:\+33|0033)0?|0)?([1-79]\d{8})")
_STYLES: Final = {
    "FR": re.compile(r"0\d(?:[^\d+]{1,3}\d\d){4}\D*"),  # 02 41 24 37 37
    "CH": re.compile(rf"0{_SWISS_AREA}[^\d+]{{1,3}}\d{{3}}[^\d+]{{1,3}}\d\d[^\d+]{{1,3}}\d\d\D*"),  # 021 555 12 34
}


_PLAIN: Final = {
    "CH": re.compile(rf"(?:0|\+41 ?)({_SWISS_AREA}) (\d{{3}}) (\d\d) (\d\d)"),  # 021 555 12 34, +41 21 555 12 34
    "FR": re.compile(r"(?:0|\+33 ?)([1-79]) (\d\d) (\d\d) (\d\d) (\d\d)"),  # 02 41 24 37 37
}
_PREFIX: Final = {"CH": "+41", "FR": "+33"}


def plain_phone(text: str, country: str | None) -> str | None:
    """The number where it is written in the commonest way of its country, as `phone_of` writes it; else None."""
    form = _PLAIN.get(country or "")
    match = form.fullmatch(text) if form else None
    return " ".join((_PREFIX[country or ""], *match.groups())) if match else None


def written_as(text: str) -> str | None:
    """The country whose way of grouping digits a national number shows: France or Switzerland."""
    bare = re.sub(r"^[^\d+(]+", "", text)
    return next((country for country, style in _STYLES.items() if style.fullmatch(bare)), None)


def phones_in(text: str) -> list[str]:
    """The telephone numbers of a cell, as they are written."""
    return [part for part in _PHONE_SPLIT.split(text) if any(char.isdigit() for char in part)]


@lru_cache(maxsize=20_000)
def phone_of(text: str, country: str | None = "CH") -> str:
    """One number as +41 21 555 12 34; national numbers are those of the country. Raises ValueRefused."""
    if country in _STYLES and written_as(text) not in {country, None}:
        # Read by its digits alone it may be a stranger's number here.
        raise ValueRefused("phone-unreadable", "Written like a telephone number of another country.")
    bare = _SEPARATORS.sub("", re.sub(r"^[^\d+(]*|\(0\)", "", text))
    if (country == "CH" or bare.startswith(("+41", "0041"))) and (match := _SWISS.fullmatch(bare)):
        number = match[1]
        return f"+41 {number[:2]} {number[2:5]} {number[5:7]} {number[7:]}"
    if (country == "FR" or bare.startswith(("+33", "0033"))) and (match := _FRENCH.fullmatch(bare)):
        number = match[1]
        return f"+33 {number[0]} {number[1:3]} {number[3:5]} {number[5:7]} {number[7:]}"
    return _any_phone(text, country)


def _any_phone(text: str, country: str | None) -> str:
    trimmed = re.sub(r"^[^\d+(]*", "", text)
    try:
        number = phonenumbers.parse(re.sub(r"^00", "+", trimmed), country)
    except phonenumbers.NumberParseException:
        raise ValueRefused("phone-unreadable", "Not a telephone number.") from None
    if not phonenumbers.is_valid_number(number):
        raise ValueRefused("phone-unreadable", "Not a telephone number of that country.")
    number.extension = None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return re.sub(r"[^+\d]+", " ", written).strip()


def is_mobile(phone: str) -> bool:
    """Whether a normalised number is a mobile one, for the countries of these lists."""
    return bool(re.match(r"\+41 7[4-9]|\+33 [67]|\+43 6[5-9]|\+49 1[5-7]|\+39 3", phone))
