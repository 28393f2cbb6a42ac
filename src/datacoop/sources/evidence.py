"""What the values of a column look like: which types they could be, whether they name people. Pure."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from datacoop.lib.dates import DateRefusedError, is_time, parse_date
from datacoop.lib.geo import CoordinatesRefusedError, number_of, pair_of
from datacoop.lib.spans import parse_span
from datacoop.lib.text import plain, plain_words
from datacoop.sources.identifying import scheme_of

EMPTY: Final = frozenset({"", "-", "--", "---", "_", ".", "/", "?", "n/a", "na", "null", "none", "nil", "nan", "x.x"})
_LONGEST_EMPTY: Final = max(map(len, EMPTY))
#: What is looked at of a cell: longer ones are texts, and a pattern that runs on need not run far.
_LOOKED_AT: Final = 500
_LONGEST_COUNTED: Final = 300
_EMAIL: Final = re.compile(r"[^@\s]@[^@\s]{1,255}\.[a-z]{2}", re.IGNORECASE)
_URL: Final = re.compile(
    r"(?:https?://|www\.)\S+|(?:[a-z0-9-]+\.)+(?:ch|com|org|net|fr|de|at|it|info|eu|swiss)(?:/\S*)?"
)
_LINK: Final = re.compile(r"https?://[^\s/?#@]+(?:[/?#]\S*)?", re.IGNORECASE)
_PHONE: Final = re.compile(r"(?=(?:\D*\d){7})[+(0-9][\d\s()+./'–-]{5,24}(?:\W.*)?", re.DOTALL)
_POSTCODE: Final = re.compile(r"(?:[A-Z]{1,2}[- ])?\d{3,5}(?:-\d{4})?(?:\.0)?|[A-Z]{1,2}\d[\dA-Z]? ?\d[A-Z]{2}")
_POSTCODE_CITY: Final = re.compile(r"(?:[A-Z]{1,2}[- ])?\d{4,5}\s+[^\W\d].*")
_HOUSE: Final = re.compile(r"\d{1,4}\s?(?:bis|ter|quater|[a-z])?(?:\s?[-/–]\s?\d{1,4}\s?[a-z]?)?", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d_]")
_DIGIT: Final = re.compile(r"\d")
_STREET: Final = re.compile(
    r"\b(?:rue|av|avenue|ch|chemin|route|rte|place|pl|bd|bld|blvd|boulevard|allee|impasse|quai|passage|via|viale"
    r"|piazza|vicolo|corso|street|st|road|rd|ave|drive|blvd|mail|square|cours|esplanade|sentier|promenade|ruelle|montee|contrada|salita)\b|(?:strasse|str\.|gasse|weg|platz|allee|rain|matte)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Evidence:
    """Shares (0 to 1) of the filled sample values that could be of a type, and how they spread."""

    filled: float
    shares: dict[str, float]
    distinct: float
    mean_length: float
    count: int
    values: tuple[str, ...] = ()

    def share(self, what: str) -> float:
        return self.shares.get(what, 0.0)


def filled(value: object) -> bool:
    """Whether a cell says anything: dashes, underscores and "n/a" do not."""
    if isinstance(value, str):
        said = value.strip()
        return len(said) > _LONGEST_EMPTY or said.lower() not in EMPTY
    return not (value is None or value is False or value == [])


def gather(values: Sequence[object], rows: int) -> Evidence:
    """Look at the sampled values of one column of `rows` rows."""
    kept = [value for value in values if filled(value)]
    texts = [str(value).strip() for value in kept]
    count = len(kept)
    if not count:
        return Evidence(0.0, {}, 0.0, 0.0, 0)
    seen = [_cut(value) for value in kept]
    shares = {name: sum(1 for value in seen if test(value)) / count for name, test in _TESTS.items()}
    distinct = len(set(texts)) / count
    length = sum(min(len(text), _LONGEST_COUNTED) for text in texts) / count
    shown = tuple(text[:_LOOKED_AT] for text in texts)
    return Evidence(count / max(1, rows), shares, distinct, length, count, shown)


def is_of(sort: str, value: object) -> bool:
    """Whether one value could be of a sort that `gather` counts."""
    return _TESTS[sort](_cut(value))


def _cut(value: object) -> object:
    if isinstance(value, str):
        return value.strip()[:_LOOKED_AT]
    if isinstance(value, list):
        return [_cut(each) for each in value[:_LOOKED_AT]]
    return {key: _cut(each) for key, each in value.items()} if isinstance(value, dict) else value


def looks_like_street(text: str) -> bool:
    return bool(_STREET.search(plain(text)))


def looks_like_person(text: str) -> bool:
    """Two to four words of which one is a given name and none a word of an organisation."""
    if _DIGIT.search(text):
        return False
    tokens = plain_words(text)
    while tokens and tokens[0] in _TITLES:
        tokens = tokens[1:]
        if tokens and len(tokens) <= 2:
            return all(token.isalpha() for token in tokens)
    if not 2 <= len(tokens) <= 4 or not all(token.isalpha() for token in tokens):
        return False
    return any(token in given_names() for token in tokens) and not any(token in _NO_NAMES for token in tokens)


def looks_like_organisation(text: str) -> bool:
    """Whether one of the words is one that associations, clubs and public bodies call themselves by."""
    return any(word in _ORGANISATIONS or word.endswith(_ENDINGS) for word in plain_words(text))


_ORGANISATIONS: Final = frozenset(
    re.findall(
        r"\w+",
        "association associations asso verein vereine vereinigung verband club clubs societe gesellschaft societa "
        "fondation stiftung fondazione foundation amicale choeur chor coro chorale groupe gruppe gruppo group ligue "
        "federation union cercle comite commission paroisse pfarrei parrocchia church eglise kirche ecole schule "
        "scuola school centre zentrum centro center maison haus casa atelier theatre theater teatro musee museum museo "
        "bibliotheque bibliothek biblioteca library mediatheque orchestre orchester orchestra fanfare musikverein "
        "cooperative genossenschaft cooperativa collectif kollektiv reseau netzwerk rete network institut institute "
        "universite universitat university mairie commune gemeinde comune council society trust services service "
        "compagnie ensemble foyer sport sporting football fc sc tv gym scouts pfadi sektion section",
    )
)
#: German puts the word at the end: Turnverein, Kulturstiftung.
_ENDINGS: Final = (
    "verein",
    "verband",
    "stiftung",
    "gesellschaft",
    "genossenschaft",
    "chor",
    "klub",
    "gruppe",
    "kirche",
)
_TITLES: Final = frozenset(
    re.findall(r"\w+", "m mme mr mrs ms miss monsieur madame herr frau sig signor signora dr prof")
)
_NO_NAMES: Final = frozenset(
    re.findall(
        r"\w+",
        "association verein club societe fondation stiftung groupe ecole saint sainte st ste rue place "
        "avenue centre maison chemin route associazione fondazione paroisse eglise kirche school church "
        "center zentrum haus via de la du des le les der die das und et the of strasse weg platz "
        "quartier ville commune gemeinde espace forum salle residence immeuble batiment villa domaine tour "
        "cite hotel clos parc zone stade complexe college lycee campus",
    )
)


@cache
def given_names() -> frozenset[str]:
    """Common given names of Switzerland and its neighbours, folded to plain ASCII."""
    text = Path(__file__).with_name("given_names.txt").read_text(encoding="utf-8")
    return frozenset(line for raw in text.split("\n") if not raw.startswith("#") for line in plain_words(raw))


def _text(value: object) -> str:
    return str(value).strip()[:_LOOKED_AT]


def _is_date(value: object) -> bool:
    if isinstance(value, int | float):
        return False
    text = _text(value)
    if len(text) > 40 or re.fullmatch(r"\d{5}([.,]\d+)?", text):
        return False
    try:
        parse_date(value)
    except DateRefusedError:
        return False
    return True


def _is_span(value: object) -> bool:
    """Whether a cell says when something happens in the words of people, or would if it said the year."""
    if not isinstance(value, str) or len(value) > _LOOKED_AT:
        return False
    try:
        parse_span(value)
    except DateRefusedError as refused:
        return refused.code == "incomplete"
    return True


def _is_number(value: object) -> bool:
    number = number_of(value)
    return number is not None


def _within(value: object, limit: float) -> bool:
    number = number_of(value)
    return number is not None and (abs(number) <= limit or abs(number) >= 50_000)


def _has_fraction(value: object) -> bool:
    number = number_of(value)
    return number is not None and not number.is_integer() and math.isfinite(number)


def _is_metres(value: object) -> bool:
    """Whether it could be a coordinate of a national grid, whole or not."""
    number = number_of(value)
    return number is not None and 50_000 <= number <= 7_200_000


def _is_nested(value: object) -> bool:
    """Whether it is no value but a thing with parts of its own, as such or as JSON."""
    if isinstance(value, list):
        return any(isinstance(each, dict | list) for each in value)
    return isinstance(value, dict) or (isinstance(value, str) and value.startswith(("[{", '{"')))


def _is_pair(value: object) -> bool:
    if isinstance(value, dict):
        return "lat" in value and ("lon" in value or "lng" in value)
    if isinstance(value, int | float):
        return False
    try:
        pair_of(value)
    except CoordinatesRefusedError:
        return False
    return True


def _is_phone(value: object) -> bool:
    text = _text(value[0] if isinstance(value, list) and value else value)
    return (
        bool(_PHONE.fullmatch(text)) and not _is_date(value) and "." not in re.sub(r"\.\d{2,3}(?=\D|$)", "", text)[2:]
    )


def _is_link(value: object) -> bool:
    """Whether a value is one whole address of a page, an e-mail address inside it or not."""
    return bool(_LINK.fullmatch(_text(value)))


_FLAGS: Final = frozenset(re.findall(r"\w+", "oui non yes no ja nein si x vrai faux true false 0 1 o n"))
_TESTS: Final[dict[str, Callable[[object], bool]]] = {
    "email": lambda value: bool(_EMAIL.search(_text(value))) and not _is_link(value),
    "url": lambda value: _is_link(value) or (bool(_URL.match(_text(value).lower())) and "@" not in _text(value)),
    "phone": _is_phone,
    "local_phone": lambda value: 6 <= sum(char.isdigit() for char in _text(value)) <= 16,
    "postcode": lambda value: bool(_POSTCODE.fullmatch(_text(value))),
    "postcode_city": lambda value: bool(_POSTCODE_CITY.fullmatch(_text(value))),
    "house": lambda value: bool(_HOUSE.fullmatch(_text(value))),
    "street": lambda value: looks_like_street(_text(value)),
    "street_line": lambda value: looks_like_street(_text(value)) and any(char.isdigit() for char in _text(value)),
    "organisation": lambda value: looks_like_organisation(_text(value)),
    "word": lambda value: bool(_WORD.search(_text(value))),
    "date": _is_date,
    "time": is_time,
    "span": _is_span,
    "number": _is_number,
    "latitude": lambda value: _within(value, 90),
    "longitude": lambda value: _within(value, 180),
    "metres": _is_metres,
    "fraction": _has_fraction,
    "pair": _is_pair,
    "person": lambda value: isinstance(value, str) and looks_like_person(value),
    "identifier": lambda value: scheme_of(_text(value)) is not None,
    "code": lambda value: bool(re.fullmatch(r"\d{3,6}", _text(value))),
    "flag": lambda value: _text(value).lower() in _FLAGS,
    "nested": _is_nested,
}
