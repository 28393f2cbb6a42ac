"""Telephone numbers, e-mail and street addresses inside texts, web addresses and file names, taken out. Pure.

Years, postcodes, dates, prices, account and register numbers stay; so do names, which are no way to reach anybody, and
the path of a web address (`/~jeanne.exemple` names a page, not a mailbox). What was taken out is found again only by a
representative of whoever the text is about (decision 0017).
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from phonenumbers import Leniency, NumberParseException, PhoneNumberMatcher, is_valid_number, parse

from datacoop.sources.headers import PERSON
from datacoop.sources.streets import streets_in

#: What a report calls it.
CONTACT_IN_TEXT: Final = "contact-in-text"
MASK: Final = "…"

_OPEN, _SHUT = r"[\[({<]", r"[\])}>]"
_AT_WORD: Final = r"(?:at|arobase|arrobase|arobas|ät|chiocciola|klammeraffe|affenschwanz)"
#: Words that mean "at" only where they stand in brackets.
_AT_IN_BRACKETS: Final = rf"(?:@|{_AT_WORD}|chez|à|bei|presso)"
_DOT_WORD: Final = r"(?:dot|punkt|point|punto)"
_AT: Final = (
    rf"(?:\s{{0,3}}[@＠﹫]\s{{0,3}}|%(?:25)*40|\s?&#(?:0*64|x0*40);\s?|\s?&commat;\s?"
    rf"|\s?{_OPEN}\s?{_AT_IN_BRACKETS}\s?{_SHUT}\s?|\s?([_*|~-]|//)at\1\s?)"
)
_DOT: Final = rf"(?:\.|\s?{_OPEN}\s?(?:\.|{_DOT_WORD})\s?{_SHUT}\s?|\s{_DOT_WORD}\s)"
_LOCAL, _LABEL = r"[\w.+%'-]{1,64}", r"[\w-]{1,63}"
_OF_DOMAIN: Final = r"(?:ch|com|org|net|fr|de|at|it|li|eu|info|swiss|email)"
_EMAIL: Final = re.compile(rf"(?:mailto:)?{_LOCAL}{_AT}{_LABEL}(?:{_DOT}{_LABEL})+", re.IGNORECASE)
#: info@club .ch, info@club,ch: believed only before an ending of a domain.
_BROKEN: Final = re.compile(rf"{_LOCAL}[@＠﹫]{_LABEL}\s?[.,]\s?{_OF_DOMAIN}\b", re.IGNORECASE)
#: Before "at example.org", no mailbox.
_NO_LOCAL: Final = (
    r"(?:us|look|looking|find|me|it|is|are|online|site|website|page|visit|available|see|more|here|out|up)"
)
#: "info at club dot ch": words alone, believed only before an ending of a domain.
_SPOKEN: Final = re.compile(
    rf"\b(?!{_NO_LOCAL}\s){_LOCAL}\s{_AT_WORD}\s{_LABEL}(?:\s?(?:{_DOT})\s?{_LABEL})*\s?(?:{_DOT})\s?"
    rf"{_OF_DOMAIN}\b",
    re.IGNORECASE,
)
#: "info (a) club.ch": a letter that may also count paragraphs, believed only before a domain.
_LETTERED: Final = re.compile(
    rf"{_LOCAL}\s?{_OPEN}\s?a\s?{_SHUT}\s?(?!www\.){_LABEL}(?:{_DOT}{_LABEL}){{0,4}}?{_DOT}{_OF_DOMAIN}\b",
    re.IGNORECASE,
)
_MAY_BE_MAIL: Final = re.compile(rf"[@＠﹫\[({{<&]|%(?:25)*40|[_*|~-]at[_*|~-]|//at//|\s{_AT_WORD}\s", re.IGNORECASE)
_FIGURES: Final = re.compile(r"\d(?:[\W_]{0,4}\d){8}")
#: Without one of these nothing can be found; every street has a figure.
_REACHING: Final = re.compile(
    rf"[@＠﹫\[({{<&%]|[\s_*|~/-]{_AT_WORD}[\s_*|~/-]|\d{{7}}|\d(?:[\W_]{{0,4}}\d){{7}}", re.IGNORECASE
)
_SHORTEST_NUMBER: Final = 7
_FIGURE: Final = re.compile(r"\d")
_DIGITS: Final = re.compile(r"\d(?:[\s().\-/'–\u2011\u00a0\u202f]{0,4}\d){7}")
#: A number that says itself what it is, whatever country it is of.
_CALLED: Final = re.compile(
    r"(?<!\w)(?:tel|tél|téléphone|telephone|telefon|telefono|phone|fon|mobile|mobil|natel|handy|cell|cellulare|portable"
    r"|whatsapp|sms|signal|tel:|callto:|sms:|☎|☏|✆|📞|📱)\s?[.:]*\s?"
    r"(\+?\(?\d(?:(?:[\s().\-/'’–·•_*|\u2011\u00a0\u202f]{0,3}|,)\d){6,14})",
    re.IGNORECASE,
)
#: A number whose first nought is a letter, or a word.
_NOUGHT: Final = re.compile(r"(?<!\w)(?:o|z[ée]ro|null)[\s.-]?([1-9](?:[\W_]{0,3}\d){7,9})(?!\d)", re.IGNORECASE)
#: Numbers between whose groups stands what no library reads (079·555·12·02, 079,555,12,09, a line end): by their shape.
_BREAK: Final = r"[^\w+]|_"
_GROUPED: Final = (
    (
        frozenset({"CH", "LI"}),
        re.compile(
            rf"(?<![\w.,+/-])(?:(?:\+|00)41(?:{_BREAK}){{0,3}}(?:\(0\)(?:{_BREAK}){{0,2}})?|\(?0)[2-9]\d"
            rf"(?:{_BREAK}){{1,3}}\d{{3}}(?:{_BREAK}){{1,3}}\d\d(?:{_BREAK}){{0,3}}\d\d(?!\d|[.,]\d)"
        ),
    ),
    # No comma and no bar: 01, 02, 03, 04, 05 are departments, months, weeks.
    (
        frozenset({"FR"}),
        re.compile(
            r"(?<![\w.,+/-])(?:(?:\+|00)33[^\w+]{0,3}(?:\(0\)[^\w+]{0,2})?|0)[1-9](?:[\s·•_*'’.\-–]{1,3}\d\d){4}(?!\d|[.,]\d)"
        ),
    ),
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
_WORD: Final = r"(?:tel|phone|mobile|fon|natel|handy)"
#: A national number in full, in one piece or in groups.
_NATIONAL: Final = (
    r"(?:0\d{9}|0\d\d(?:(?:[+. _-]|%20)\d{3})(?:(?:[+. _-]|%20)\d\d){2}|0\d(?:(?:[+. _-]|%20)\d\d){4})(?!\d)"
)
#: Web addresses that are a telephone number in disguise.
_DIALLED: Final = re.compile(
    r"(?:wa\.me/|whatsapp\.com/send/?\?(?:[^#\s]*&)?phone=|signal\.me/#p/|viber://\S*number=)(?:%2B|\+)?\d{7,15}"
    r"|(?:\+|%2B)\d{8,15}",
    re.IGNORECASE,
)
_DIGITS_OF_LINK: Final = re.compile(r"\d(?:(?:[^\w/?&=#]|_|%20){0,3}\d){6}")
#: A number beside a word for it, tel=079…, /tel/079…, or alone in what is asked, but for what is called a number.
_ASKED: Final = re.compile(
    rf"((?:^|[?&;#])[^=&;#]*{_WORD}[^=&;#]*=)(?:[+(]|%2B)?\d[\d\s().%+-]{{6,30}}"
    rf"|((?:^|[?&;#])(?:(?![^=&;#]*(?:id|nr|no|num|ref|code|date|iban|ean|isbn)=)[^=&;#]*=)?){_NATIONAL}"
    rf"|(/(?:{_WORD}|téléphone|telephone|telefon|telefono|contact|contacts|kontakt|contatto|contatti|call|callto|dial|sms"
    rf"|appel|appeler)[/:_-]){_NATIONAL}",
    re.IGNORECASE,
)
#: By these a reader knows a file; another ending may be that of a domain.
_ENDING: Final = re.compile(
    r"\.(?:csv|tsv|txt|xls[xmb]?|ods|json|ndjson|jsonl|geojson|xml|html?|zip|gz|osm)$", re.IGNORECASE
)
#: A file system takes 255 bytes of a name.
_MOST_OF_NAME: Final = 200


def mask(value: object, country: str | None, *, streets: bool = False) -> object:
    """Return a text, or the texts by language, without its contacts; the very same object if there are none.

    `streets`: street addresses too. `country` is the list's; where nobody knows it, a neighbour's numbers count.
    """
    if isinstance(value, str):
        return _masked(value, country, streets=streets)
    if isinstance(value, dict):
        masked = {language: mask(text, country, streets=streets) for language, text in value.items()}
        return masked if masked != value else value
    return value


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


def mask_columns(mapping: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return how a list is read without the contacts in names of columns that become nothing.

    A column that becomes something keeps its name: under it, it goes back to whoever sent it.
    """
    return {
        column if target and target != PERSON else str(mask(column, None)): target for column, target in mapping.items()
    }


def plain_name(name: str) -> str:
    """Return a file name without contacts and without anything a file system could take for a path, 200 bytes at most.

    >>> plain_name("../../Liste des sociétés (2026).csv")
    'Liste_des_sociétés_2026_.csv'
    """
    last = mask_name(re.split(r"[\\/]", name)[-1])
    plain = re.sub(rf"[^\w.{MASK}-]+", "_", last).lstrip("._").encode(errors="ignore")[-_MOST_OF_NAME:]
    return plain.decode(errors="ignore").lstrip("._") or "list"


def _holds_contact(address: str) -> bool:
    if _MAY_BE_MAIL.search(address) and _EMAIL.search(address):
        return True
    return bool(_DIGITS_OF_LINK.search(address) and (_DIALLED.search(address) or _ASKED.search(address)))


def _masked(text: str, country: str | None, *, streets: bool) -> str:
    if not streets and text.isalnum() and (len(text) < _SHORTEST_NUMBER or text.isalpha()):
        return text  # one word, a postcode
    if _REACHING.search(text) or (streets and _FIGURE.search(text)):
        return _searched(text, country, streets=streets)
    return text


def _searched(text: str, country: str | None, *, streets: bool) -> str:
    if _MAY_BE_MAIL.search(text):
        for pattern in (_EMAIL, _BROKEN, _SPOKEN, _LETTERED):
            text = pattern.sub(MASK, text)
    if _LINK.search(text):
        text = _LINK.sub(lambda link: _ASKED.sub(rf"\1\2\3{MASK}", _DIALLED.sub(MASK, link[0])), text)
    if _FIGURES.search(text):
        text = _without_groups(text, country)
    if _DIGITS.search(text):
        text = _without_numbers(text, country)
    return _without_streets(text) if streets else text


def _without_numbers(text: str, country: str | None) -> str:
    text = _CALLED.sub(lambda called: called[0].replace(called[1], MASK), text)
    # Where nobody knows the country of a list, a number of any neighbour is one.
    countries = (country,) if country else _NEIGHBOURS
    text = _NOUGHT.sub(lambda m: MASK if any(_is_number(f"0{m[1]}", each) for each in countries) else m[0], text)
    for each in countries:
        if not _DIGITS.search(text):
            break
        text = _without_phones(text, each)
    return text


def _without_groups(text: str, country: str | None) -> str:
    """Take out numbers that only their shape tells, where it is a number of the country; links have their own."""
    kept: list[tuple[int, int]] | None = None
    for countries, shape in _GROUPED:
        for match in reversed(list(shape.finditer(text))):
            if kept is None:
                kept = [each.span() for pattern in (_NUMBERS, _LINK) for each in pattern.finditer(text)]
            told = match[0].startswith(("+", "00")) or country is None or country in countries
            inside = any(start <= match.start() and match.end() <= end for start, end in kept)
            if told and not inside and _is_number(match[0], min(countries)):
                text, kept = f"{text[: match.start()]}{MASK}{text[match.end() :]}", None
    return text


def _is_number(text: str, country: str) -> bool:
    figures = "".join(each for each in text.replace("(0)", "") if each.isdigit() or each == "+")
    try:
        return is_valid_number(parse(figures, country))
    except NumberParseException:
        return False


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
