"""Telephone numbers, e-mail and street addresses inside texts, web addresses and file names, taken out. Pure.

Years, postcodes, dates, prices, account and register numbers stay; so do names, which are no way to reach anybody, and
the path of a web address (`/~jeanne.exemple` names a page, not a mailbox). What was taken out is found again only by a
representative of whoever the text is about (decision 0017).
"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from phonenumbers import Leniency, PhoneNumberMatcher

from datacoop.sources.streets import streets_in

#: What a report calls it.
CONTACT_IN_TEXT: Final = "contact-in-text"
MASK: Final = "…"

_OPEN, _SHUT = r"[\[({<]", r"[\])}>]"
_AT_WORD: Final = r"(?:at|arobase|arrobase|arobas|ät|chiocciola|klammeraffe|affenschwanz)"
_DOT_WORD: Final = r"(?:dot|punkt|point|punto)"
_AT: Final = (
    rf"(?:\s?[@＠]\s?|%40|\s?&#0*64;\s?|\s?&commat;\s?|\s?{_OPEN}\s?(?:@|{_AT_WORD})\s?{_SHUT}\s?|\s?[_-]at[_-]\s?)"
)
_DOT: Final = rf"(?:\.|\s?{_OPEN}\s?(?:\.|{_DOT_WORD})\s?{_SHUT}\s?|\s{_DOT_WORD}\s)"
_LOCAL, _LABEL = r"[\w.+%'-]{1,64}", r"[\w-]{1,63}"
_EMAIL: Final = re.compile(rf"(?:mailto:)?{_LOCAL}{_AT}{_LABEL}(?:{_DOT}{_LABEL})+", re.IGNORECASE)
#: "info at club dot ch": words alone, believed only before an ending of a domain.
_SPOKEN: Final = re.compile(
    rf"\b{_LOCAL}\s{_AT_WORD}\s{_LABEL}(?:\s?(?:{_DOT})\s?{_LABEL})*\s?(?:{_DOT})\s?"
    r"(?:ch|com|org|net|fr|de|at|it|li|eu|info|swiss|email)\b",
    re.IGNORECASE,
)
_MAY_BE_MAIL: Final = re.compile(rf"[@＠\[({{<&]|%40|[_-]at[_-]|\s{_AT_WORD}\s", re.IGNORECASE)
#: Without one of these nothing can be found: every number and every street has a figure.
_SIGN: Final = re.compile(r"[\d@＠\[({<&%]")
_SPELLED: Final = re.compile(rf"[\s_-]{_AT_WORD}[\s_-]", re.IGNORECASE)
_DIGITS: Final = re.compile(r"\d(?:[\s().\-/'–\u2011\u00a0\u202f]{0,4}\d){7}")
#: A number that says itself what it is, whatever country it is of.
_CALLED: Final = re.compile(
    r"(?<!\w)(?:tel|tél|téléphone|telephone|telefon|telefono|phone|fon|mobile|mobil|natel|handy|cell|cellulare|portable"
    r"|whatsapp|sms|signal|tel:|callto:|sms:|☎|☏|✆|📞|📱)\s?[.:]*\s?(\+?\(?\d(?:[\s().\-/'–\u2011\u00a0\u202f]{0,3}\d){6,14})",
    re.IGNORECASE,
)
_NUMBERS: Final = re.compile(
    r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){3,7}(?:\s?[A-Z0-9]{1,3})?\b"  # IBAN
    r"|\bCHE[-\s]?\d{3}\.?\d{3}\.?\d{3}"  # register
    r"|\b\d{2}-\d{1,6}-\d\b"  # postal account
    r"|\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b"  # date
    r"|\b(?:19|20)\d\d\s?[-–/]\s?(?:19|20)\d\d\b"  # years
)
_NEIGHBOURS: Final = ("CH", "FR", "DE", "IT", "AT")
_LINK: Final = re.compile(r"\b(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)
#: Web addresses that are a telephone number in disguise.
_DIALLED: Final = re.compile(
    r"(?:wa\.me/|whatsapp\.com/send/?\?(?:[^#\s]*&)?phone=|signal\.me/#p/|viber://\S*number=)(?:%2B|\+)?\d{7,15}"
    r"|(?:\+|%2B)\d{8,15}",
    re.IGNORECASE,
)
_SEVEN_FIGURES: Final = re.compile(r"\d{7}")
#: A number beside a word for it, in a query: tel=079…, phone:…
_ASKED: Final = re.compile(
    r"((?:^|[?&;])[^=&;#]*(?:tel|phone|mobile|fon|natel|handy)[^=&;#]*=)(?:[+(]|%2B)?\d[\d\s().%+-]{6,30}",
    re.IGNORECASE,
)
_ENDING: Final = re.compile(r"\.[A-Za-z0-9]{1,8}$")


def mask(value: object, country: str | None, *, streets: bool = False) -> object:
    """Return a text, or the texts by language, without its contacts; the very same object if there are none.

    `streets`: street addresses too. `country` is the list's; where nobody knows it, a neighbour's numbers count.
    """
    if isinstance(value, dict):
        masked = {language: mask(text, country, streets=streets) for language, text in value.items()}
        return masked if masked != value else value
    return _masked(value, country, streets=streets) if isinstance(value, str) else value


def mask_link(address: str) -> str:
    """Return a web address without contacts: parts of its query that hold one go, a path is cut before one.

    >>> mask_link("https://club.example.org/contact?lang=fr&mail=jeanne@example.org#top")
    'https://club.example.org/contact?lang=fr#top'
    """
    if not _holds_contact(address):
        return address
    parts = urlsplit(address)
    kept = [part for part in parts.query.split("&") if part and not _holds_contact(f"?{part}")]
    path = parts.path
    while path and _holds_contact(f"{parts.netloc}{path}"):
        path = path.rpartition("/")[0]
    fragment = "" if _holds_contact(f"#{parts.fragment}") else parts.fragment
    shorter = urlunsplit((parts.scheme, parts.netloc, path, "&".join(kept), fragment))
    return f"{parts.scheme}://{parts.netloc}" if _holds_contact(shorter) else shorter


def mask_name(name: str) -> str:
    """Return the name of a file without contacts, its ending kept.

    >>> mask_name("Liste_jeanne.exemple@example.org_079_555_12_34.xlsx")
    'Liste_…_….xlsx'
    """
    ending = found[0] if (found := _ENDING.search(name)) else ""
    spaced = name.removesuffix(ending).replace("_", " ")
    masked = _masked(spaced, None, streets=True)
    return name if masked == spaced else f"{masked.replace(' ', '_') if '_' in name else masked}{ending}"


def _holds_contact(address: str) -> bool:
    if _MAY_BE_MAIL.search(address) and _EMAIL.search(address):
        return True
    if _SEVEN_FIGURES.search(address) and _DIALLED.search(address):
        return True
    return "=" in address and bool(_ASKED.search(address))


def _masked(text: str, country: str | None, *, streets: bool) -> str:
    if _SIGN.search(text) or _SPELLED.search(text):
        return _searched(text, country, streets=streets)
    return text


def _searched(text: str, country: str | None, *, streets: bool) -> str:
    if _MAY_BE_MAIL.search(text):
        text = _SPOKEN.sub(MASK, _EMAIL.sub(MASK, text))
    if _LINK.search(text):
        text = _LINK.sub(lambda link: _ASKED.sub(rf"\1{MASK}", _DIALLED.sub(MASK, link[0])), text)
    if _DIGITS.search(text):
        text = _without_numbers(text, country)
    return _without_streets(text) if streets else text


def _without_numbers(text: str, country: str | None) -> str:
    text = _CALLED.sub(lambda called: called[0].replace(called[1], MASK), text)
    # Where nobody knows the country of a list, a number of any neighbour is one.
    for each in (country,) if country else _NEIGHBOURS:
        if not _DIGITS.search(text):
            break
        text = _without_phones(text, each)
    return text


@lru_cache(maxsize=4096)
def _without_phones(text: str, country: str) -> str:
    kept = [match.span() for pattern in (_NUMBERS, _LINK) for match in pattern.finditer(text)]
    out, at = [], 0
    for match in PhoneNumberMatcher(text, country, leniency=Leniency.VALID):
        if any(start <= match.start and match.end <= end for start, end in kept):
            continue
        out += [text[at : match.start], MASK]
        at = match.end
    return "".join((*out, text[at:])) if out else text


def _without_streets(text: str) -> str:
    out, at = [], 0
    for start, end in streets_in(text):
        out += [text[at:start], MASK]
        at = end
    return "".join((*out, text[at:])) if out else text
