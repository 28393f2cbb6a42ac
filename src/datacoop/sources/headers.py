"""What the words above a column mean: `headers.yml` read once, and a header weighed against it. Pure."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import yaml

from datacoop.lib.text import plain

FILE: Final = Path(__file__).with_name("headers.yml")
LANGUAGES: Final = {
    "fr": "fr", "francais": "fr", "french": "fr", "franzosisch": "fr", "francese": "fr",
    "de": "de", "deutsch": "de", "german": "de", "allemand": "de", "tedesco": "de",
    "it": "it", "italiano": "it", "italian": "it", "italien": "it", "italienisch": "it",
    "en": "en", "english": "en", "anglais": "en", "englisch": "en", "inglese": "en",
}  # fmt: skip
_KEYS: Final = frozenset({"id", "uid", "uuid", "guid", "identifiant"})
_NAMES_OF_PEOPLE: Final = frozenset(
    {"nom", "name", "nome", "titre", "title", "titel", "fonction", "funktion", "funzione", "role", "prenom", "vorname"}
)
_NAMING: Final = frozenset({"nom", "name", "nome", "bezeichnung", "denomination", "denominazione", "intitule"})
_VAGUE: Final = frozenset({"lien", "link", "url", "type", "typ", "tipo", "location", "position", "lieu", "structure"})
_CAMEL: Final = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ][a-z])")
_TOKEN: Final = re.compile(r"[a-z]+|\d+")
#: Targets that are no property: the holder's own key, something about a natural person, what the holder keeps for
#: itself, nothing at all.
ID: Final = "@id"
PERSON: Final = "@person"
OWN: Final = "@own"
NONE: Final = "@none"
_NAMELESS: Final = frozenset(
    {"colonne", "column", "spalte", "colonna", "champ", "field", "feld", "campo", "unnamed", "unbenannt", "col"}
)
#: A word may be shortened to its first letters, not to fewer than these.
_START: Final = 4
Tokens = tuple[str, ...]
OwnWords = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Vocabulary:
    """Phrases by target, each as its words; and the words that weigh nothing, or against."""

    phrases: tuple[tuple[Tokens, str], ...]
    #: Which phrases begin with a word of these first letters: of some thousand a header could be one of a few.
    by_start: dict[str, list[int]]
    exact: dict[Tokens, list[str]]
    glued: dict[str, list[str]]
    articles: frozenset[str]
    neutral: frozenset[str]
    foreign: frozenset[str]
    parents: frozenset[str]
    remarks: frozenset[str]
    people: frozenset[str]


@dataclass(frozen=True)
class Header:
    """A column's name taken apart: words of its last part and of its parents, and the language it says."""

    tokens: Tokens
    parents: Tokens
    language: str | None


def tokens_of(text: str) -> Tokens:
    """Words of a header: accents off, camel case and digits apart.

    >>> tokens_of("NomDeLaStructure"), tokens_of("N° tél."), tokens_of("adr1")
    (('nom', 'de', 'la', 'structure'), ('no', 'tel'), ('adr', '1'))
    """
    return tuple(_TOKEN.findall(plain(_CAMEL.sub(" ", text)).replace("'", " ")))


@lru_cache(maxsize=4096)
def take_apart(column: str) -> Header:
    """Split a header into its words, those of its parents (dotted paths) and its language."""
    pieces = [piece for piece in re.split(r"\.(?=\w)|(?<=\w):(?=\w)", column) if piece]
    language = None
    if len(pieces) > 1 and pieces[-1].lower() in LANGUAGES:
        language = LANGUAGES[pieces.pop().lower()]
    tokens = tokens_of(pieces[-1]) if pieces else ()
    parents = tuple(token for piece in pieces[:-1] for token in tokens_of(piece))
    if len(tokens) > 1 and tokens[-1] in LANGUAGES:
        language, tokens = LANGUAGES[tokens[-1]], tokens[:-1]
    return Header(tokens, parents, language)


@lru_cache(maxsize=4096)
def says_nothing(column: str) -> bool:
    """Whether a header names no more than the place of its column: "B", "Colonne 2", "Unnamed: 3", nothing."""
    words = [token for token in tokens_of(column) if token not in _NAMELESS and not token.isdigit()]
    return not words or (len(words) == 1 and len(words[0]) <= 2 and column.strip().isupper())


@cache
def vocabulary(own: OwnWords = ()) -> Vocabulary:
    """The words of `headers.yml` and, before them, the kind's own: ((property, (header words…)), …)."""
    said = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    articles, neutral, foreign, parents, remarks, people = (
        frozenset(said[name].split()) for name in ("articles", "neutral", "foreign", "parents", "remarks", "people")
    )
    pairs: dict[tuple[Tokens, str], None] = {}
    for target, lines in [*own, *said["targets"].items()]:
        for phrase in _phrases(lines):
            words = tokens_of(phrase)
            if words:
                pairs[words, target] = None
                pairs[_bare(words, articles) or words, target] = None
    exact: dict[Tokens, list[str]] = {}
    glued: dict[str, list[str]] = {}
    for words, target in pairs:
        exact.setdefault(words, []).append(target)
        glued.setdefault("".join(words), []).append(target)
    by_start: dict[str, list[int]] = {}
    for index, (words, _target) in enumerate(pairs):
        by_start.setdefault(words[0][:_START], []).append(index)
    return Vocabulary(tuple(pairs), by_start, exact, glued, articles, neutral, foreign, parents, remarks, people)


def _phrases(lines: Iterable[str]) -> Iterable[str]:
    return (phrase.strip() for line in lines for phrase in line.split(","))


def _bare(words: Tokens, neutral: frozenset[str]) -> Tokens:
    return tuple(word for word in words if word not in neutral)


def weigh(column: str, words: Vocabulary) -> dict[str, float]:
    """How well each target fits a header, 0 to 1; only what is worth a look."""
    header = take_apart(column)
    if not header.tokens:
        return {}
    full = (*header.parents, *header.tokens)
    if words.remarks & set(header.tokens) and ID not in words.exact.get(header.tokens, ()):
        return {NONE: 0.97}  # what somebody noted for themselves is nobody's to read, whatever else the header says
    if set(header.parents[-1:]) & words.people and set(header.tokens) <= _NAMES_OF_PEOPLE:
        return {PERSON: 0.97}
    scores: dict[str, float] = {}
    own = all(token in words.parents or token in words.neutral for token in header.parents)
    exact = own or full in words.exact
    for tokens, ceiling in ((full, 0.97 if exact else 0.5), (header.tokens, 0.9 if own else 0.5)):
        for target, score in _weigh_tokens(tokens, words).items():
            scores[target] = max(scores.get(target, 0.0), score * ceiling)
    if header.tokens[0] in _NAMING and len(header.tokens) > 1 and not words.foreign & set(full):
        scores["name"] = max(scores.get("name", 0.0), 0.62)  # the name of something: better than no name at all
    if {header.tokens[0], header.tokens[-1]} & _KEYS:
        scores["@id"] = max(scores.get("@id", 0.0), 0.72)
    if any(token in words.foreign for token in header.parents):
        scores = {target: score * 0.5 for target, score in scores.items() if target != "@none"}
    return scores


def _weigh_tokens(tokens: Tokens, words: Vocabulary) -> dict[str, float]:
    bare = _bare(tokens, words.neutral)
    scores: dict[str, float] = {}
    for form, score in ((tokens, 1.0), (_bare(tokens, words.articles), 0.98), (bare, 0.95)):
        said = score * (0.88 if len(form) == 1 and form[0] in _VAGUE else 1.0)
        for target in words.exact.get(form, ()):
            scores[target] = max(scores.get(target, 0.0), said)
    for target in words.glued.get("".join(tokens), ()):
        scores[target] = max(scores.get(target, 0.0), 0.93)
    if scores:
        return scores
    for index in sorted({index for token in tokens for index in words.by_start.get(token[:_START], ())}):
        phrase, target = words.phrases[index]
        score = _cover(bare or tokens, phrase, words)
        if score > scores.get(target, 0.0):
            scores[target] = score
    return scores or _glued_start("".join(tokens), words)


def _cover(tokens: Tokens, phrase: Tokens, words: Vocabulary) -> float:
    """Share of the header that the phrase explains; shortened words count (adres, struc, comp)."""
    if len(phrase) > len(tokens):
        return 0.0
    explained, short = 0, False
    for word in phrase:
        same = next((token for token in tokens if token == word), None)
        if same is None:
            same = next((token for token in tokens if _shortens(token, word)), None)
            short = short or same is not None
        if same is None:
            return 0.0
        explained += max(2, len(same))
    whole = sum(max(2, len(token)) for token in tokens)
    if any(token in words.foreign | _KEYS and token not in phrase for token in tokens):
        return 0.4 * explained / whole
    return (0.9 if short else 0.95) * math.sqrt(min(1.0, explained / whole))


def _shortens(token: str, word: str) -> bool:
    return len(token) >= _START and len(token) > len(word) / 2 and word.startswith(token)


def _glued_start(text: str, words: Vocabulary) -> dict[str, float]:
    """Headers whose blanks were lost: Nomdelastructure, Adressenumeronomdelavoie."""
    if len(text) < 10:
        return {}
    best: tuple[int, list[str]] = (0, [])
    for length in range(len(text), 5, -1):
        if text[:length] in words.glued:
            best = (length, words.glued[text[:length]])
            break
    share = best[0] / len(text)
    return {target: 0.8 if share > 0.5 else 0.72 for target in best[1] if best[0] >= 8}


def is_known(label: str, own: OwnWords = ()) -> bool:
    """Whether a cell reads like a header: helps readers to find the row that names the columns."""
    if len(label) > 80:
        return False
    return any(score >= 0.85 for score in weigh(label, vocabulary(own)).values())
