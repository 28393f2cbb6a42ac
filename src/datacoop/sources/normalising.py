"""From a cell to typed, checked values: one function per property type. Pure; no network, nothing evaluated.

A cell may hold several values (phones, themes). Text that looks like a formula stays inert text.
"""

import html
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from datacoop.kinds.definition import Property
from datacoop.lib.dates import DateRefusedError, parse_date, parse_datetime
from datacoop.lib.text import clean, plain
from datacoop.sources.identifying import IdentifierRefusedError, identifier
from datacoop.sources.refusing import MAX_LINE, ValueRefused, is_short, too_long
from datacoop.sources.repeating import MAX_RECURRENCE, moment_of, recurrence_of, zone_name
from datacoop.sources.telephones import phone_of, phones_in, plain_phone
from datacoop.sources.theming import codes_of, themes_of

MAX_TEXT: Final = 20_000
#: Longer cells are not looked at: blanks and markup of a text count here, and a list of themes may be long.
MAX_CELL: Final = {"text": 10 * MAX_TEXT, "string": 10 * MAX_LINE, "recurrence": MAX_RECURRENCE}
MAX_OTHER_CELL: Final = 5_000


@dataclass(frozen=True, slots=True)
class Setting:
    """What a source says about its values: the country for numbers and codes, the language of its texts."""

    country: str | None = "CH"
    language: str | None = None
    day_first: bool = True


def normalise(property_: Property, value: object, setting: Setting, hint: str | None = None) -> list[object]:
    """The values in a cell, in order, none twice; empty if it says nothing. Raises ValueRefused.

    `hint` is the language of a text or the scheme of an identifier, where the column says it; of what happens at an
    hour, its zone, where the row says it.
    """
    return normaliser_of(property_, setting)(value, hint)


def normaliser_of(property_: Property, setting: Setting) -> Callable[[object, str | None], list[object]]:
    """`normalise` for the cells of one property, made ready for many rows."""
    reader = zone_read if is_zone(property_) else _READERS.get(property_.type, _string)
    most = MAX_CELL.get(property_.type, MAX_OTHER_CELL)

    def read(value: object, hint: str | None = None) -> list[object]:
        if len(value) > most if isinstance(value, str) else not is_short(value, most):
            raise too_long(MAX_TEXT if property_.type == "text" else MAX_LINE)
        return reader(value, property_, setting, hint)

    return read


Reader = Callable[[object, Property, Setting, str | None], list[object]]


_LONGEST_REMEMBERED: Final = 120
_clean_line = lru_cache(maxsize=16_384)(clean)  # towns and themes come again, and one cell is read for several ends


def line_of(value: object) -> str:
    """A cell as one clean line of text: 59260.0 is 59260, a day is written ISO."""
    if isinstance(value, str):
        if value.isascii() and value.isprintable() and "  " not in value and value.strip(" ") == value:
            return value
        return _clean_line(value) if len(value) <= _LONGEST_REMEMBERED else clean(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return clean(" ".join(str(each) for each in value.values()))
    return clean(str(value))


def _string(value: object, _property: Property, _setting: Setting, _hint: str | None) -> list[object]:
    text = line_of(value)
    if len(text) > MAX_LINE:
        raise too_long()
    return [text] if text else []


_TAG: Final = re.compile(r"<[a-zA-Z/!][^<>]{0,500}>")


def _text(value: object, _property: Property, setting: Setting, hint: str | None) -> list[object]:
    text = value if isinstance(value, str) else line_of(value)
    if "<" in text or "&" in text:
        text = html.unescape(_TAG.sub(" ", re.sub(r"<(?:br|/p)\s*/?>", "\n", text, flags=re.IGNORECASE)))
    text = clean(text, lines=True)
    if len(text) > MAX_TEXT:
        raise too_long(MAX_TEXT)
    if not text:
        return []
    language = hint or setting.language
    return [{language: text} if language else text]


_SIMPLE_EMAIL: Final = re.compile(
    r"[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?\.)+[a-z]{2,12}", re.IGNORECASE
)
_NO_MAIL_TO: Final = (".test", ".local", ".localhost", ".invalid", ".onion", ".arpa", ".internal")


def _email(value: object, _property: Property, _setting: Setting, _hint: str | None) -> list[object]:
    text = line_of(value)
    if "@" in text and _SIMPLE_EMAIL.fullmatch(text):
        return [_simple_email(text) or email_of(text)]
    text = text.removeprefix("mailto:").strip(" <>.,;\"'")
    if not text:
        return []
    parts = [part.strip("<>.,:") for part in re.split(r"[\s;,/|]+", text) if "@" in part] or [text]
    return list(dict.fromkeys(email_of(part) for part in parts))


def email_of(text: str) -> str:
    """One address, its domain in lower case. Raises ValueRefused; nothing is asked of the network."""
    if _SIMPLE_EMAIL.fullmatch(text) and (simple := _simple_email(text)):
        return simple
    if len(text) > 320:
        raise ValueRefused("email-unreadable", "Not an e-mail address.")
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValueRefused("email-unreadable", "Not an e-mail address.") from None


def _simple_email(text: str) -> str | None:
    """An address of the simple form, as the library would write it; None where it has to be asked."""
    local, _, domain = text.rpartition("@")
    domain = domain.lower()
    return f"{local}@{domain}" if len(text) <= 200 and len(local) <= 64 and not domain.endswith(_NO_MAIL_TO) else None


def _phones(value: object, _property: Property, setting: Setting, _hint: str | None) -> list[object]:
    text = line_of(value)
    if phone := plain_phone(text, setting.country):
        return [phone]
    parts = phones_in(text)
    if not parts:
        if text:
            raise ValueRefused("phone-unreadable", "Not a telephone number.")
        return []
    return list(dict.fromkeys(phone_of(part, setting.country) for part in parts))


_HOST: Final = re.compile(
    r"(?:[a-z0-9\u00a1-\uffff](?:[a-z0-9\u00a1-\uffff-]{0,61}[a-z0-9\u00a1-\uffff])?\.)+[a-z\u00a1-\uffff]{2,}"
)


#: Addresses that are written as they are meant; any other is taken apart.
_PLAIN_URL: Final = re.compile(
    r"(https?://)?((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}(?:/[A-Za-z0-9._~/-]*)?)"
)
_NOT_IN_URL: Final = re.compile(r"[\s<>\"\\]")


def _url(value: object, _property: Property, _setting: Setting, _hint: str | None) -> list[object]:
    text = line_of(value)
    if len(text) <= MAX_LINE and (match := _PLAIN_URL.fullmatch(text)):
        return [text if match[1] else f"https://{text}"]
    first = re.split(r"[\s;]+|,\s*(?=http)", text)[0] if re.match(r"https?://|www\.", text, re.IGNORECASE) else text
    return [url_of(first)] if first else []


def url_of(text: str) -> str:
    """One web address, https:// added where no scheme is said. Raises ValueRefused, for javascript: too."""
    text = text.strip(" <>\"'").rstrip(",;")
    if "://" not in text:
        text = f"https://{text.removeprefix('//')}"
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").rstrip(".")
        port = parts.port
    except ValueError:
        raise ValueRefused("url-unreadable", "Not a web address.") from None
    if parts.scheme.lower() not in {"http", "https"} or parts.username or not _HOST.fullmatch(host):
        raise ValueRefused("url-unreadable", "Not a web address.")
    if _NOT_IN_URL.search(text) or len(text) > 2000:
        raise ValueRefused("url-unreadable", "A web address holds no blanks or brackets.")
    rest = text.split("://", 1)[1]
    tail = rest[re.match(r"[^/?#]*", rest).end() :]  # type: ignore[union-attr]
    return f"{parts.scheme.lower()}://{host}{f':{port}' if port else ''}{tail}"


def _date(value: object, _property: Property, setting: Setting, _hint: str | None) -> list[object]:
    try:
        day = parse_date(value, day_first=setting.day_first)
    except DateRefusedError as error:
        raise ValueRefused(f"date-{error.code}", str(error)) from None
    return [day.isoformat()] if day else []


def _datetime(value: object, _property: Property, setting: Setting, _hint: str | None) -> list[object]:
    try:
        instant = parse_datetime(value, day_first=setting.day_first)
    except DateRefusedError as error:
        raise ValueRefused(f"date-{error.code}", str(error)) from None
    return [instant.isoformat()] if instant else []


def is_zone(property_: Property) -> bool:
    """Whether a property names the time zone of what happens."""
    return property_.terms.get("ical") == "TZID"


def zone_read(value: object, _property: Property, _setting: Setting, _hint: str | None) -> list[object]:
    """The name of a zone as IANA has it, or a refusal: a part of the world may have several."""
    text = line_of(value)
    return [zone_name(text)] if text else []


def _moment(value: object, _property: Property, setting: Setting, hint: str | None) -> list[object]:
    found = moment_of(value, hint, day_first=setting.day_first)
    return [found] if found else []


def _recurrence(value: object, _property: Property, _setting: Setting, hint: str | None) -> list[object]:
    found = recurrence_of(value, hint)
    return [found] if found else []


def _number(value: object, property_: Property, _setting: Setting, _hint: str | None) -> list[object]:
    text = re.sub(r"[\s'’]", "", line_of(value)).replace(",", ".")
    if property_.name.endswith("_year"):
        return _year(value, text)
    try:
        number = float(text)
        if not math.isfinite(number):
            raise ValueError("no number that anybody writes")
    except ValueError:
        raise ValueRefused("number-unreadable", "Not a number.") from None
    if property_.type == "integer":
        if not number.is_integer():
            raise ValueRefused("number-unreadable", "Not a whole number.")
        return [int(number)]
    return [number]


def _year(value: object, text: str) -> list[object]:
    """The year of a number or of a day: 1987, 1987-04-02, 2.4.1987; nothing for 0001-01-01."""
    if re.fullmatch(r"1[5-9]\d\d|20\d\d", text):
        return [int(text)]
    try:
        day = None if re.fullmatch(r"-?\d{1,3}(\.0)?", text) else parse_date(value)
    except DateRefusedError:
        raise ValueRefused("year-unreadable", "Not a year.") from None
    return [day.year] if day else []


_TRUE: Final = frozenset({"oui", "ja", "si", "yes", "true", "vrai", "wahr", "vero", "x", "1", "o", "y"})
#: Signs that lists put into a cell: the asterisk of directories, a tick.
_MARKS: Final = frozenset({"*", "✱", "✓", "✔", "☒", "☑"})
_FALSE: Final = frozenset({"non", "nein", "no", "false", "faux", "falsch", "falso", "0", "n"})


def _boolean(value: object, _property: Property, _setting: Setting, _hint: str | None) -> list[object]:
    word = line_of(value)
    if word in _MARKS:
        return [True]
    word = plain(word)
    if word in _TRUE | _FALSE:
        return [word in _TRUE]
    raise ValueRefused("boolean-unreadable", "Neither yes nor no.")


def _code(value: object, property_: Property, _setting: Setting, _hint: str | None) -> list[object]:
    code = codes_of(property_)(line_of(value))
    if code is None:
        raise ValueRefused("code-unknown", "Not one of the values known here.")
    return [code]


def _theme(value: object, _property: Property, _setting: Setting, _hint: str | None) -> list[object]:
    return list(themes_of(line_of(value)))


def _identifier(value: object, _property: Property, _setting: Setting, hint: str | None) -> list[object]:
    try:
        found = identifier(line_of(value), hint)
    except IdentifierRefusedError as error:
        raise ValueRefused("identifier-unreadable", str(error)) from None
    return [found] if found else []


_READERS: Final[dict[str, Reader]] = {
    "string": _string,
    "text": _text,
    "email": _email,
    "phone": _phones,
    "url": _url,
    "date": _date,
    "datetime": _datetime,
    "moment": _moment,
    "recurrence": _recurrence,
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
    "code": _code,
    "theme": _theme,
    "identifier": _identifier,
}
