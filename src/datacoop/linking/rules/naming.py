"""Read the name of an organisation: what is distinctive, what is legal form, town, part of something, acronym. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from datacoop.lib.text import words
from datacoop.linking.rules.words import known

#: Two names from this similarity on are near-equal: one spelling mistake, nothing more.
NEAR = 0.85
#: What names of two sorts of group can agree at most.
_OTHER_SORT = 0.8
#: Similarities are rounded.
_ROUNDED = 0.01
#: Letters by which two long names may differ.
_SLIPS = 2
#: A word that a thousand other organisations carry too.
_HEAD_WEIGHT = 0.3
#: A word that a hundred others carry.
_TOPIC_WEIGHT = 0.6
#: Small words that acronyms often keep.
_KEPT_SMALL = frozenset({"sur", "sous", "in", "am", "an"})
_IN_BRACKETS = re.compile(r"\(([A-ZÀ-Ý]{2,8})\)")
_IN_FRONT = re.compile(r"^([A-ZÀ-Ý]{2,8})\s*[-–:]\s+(?=\S)")
_LARGE = re.compile(r"[A-ZÀ-Ý.]{3,16}")


@dataclass(frozen=True)
class Naming:
    """A name read. `core` and `full` are sorted: the order of words never counts; `full` keeps the town.

    `letters` are those of the core as written, without blanks: a blank in the wrong place is a slip like another.
    """

    core: tuple[str, ...]
    full: tuple[str, ...]
    letters: str
    parts: frozenset[str]
    initials: frozenset[str]
    acronym: str = ""
    legal: frozenset[str] = frozenset()


def read_name(text: str, towns: frozenset[str] = frozenset(), endings: frozenset[str] = frozenset()) -> Naming:
    """Return the name read; `towns` are the folded words of the towns the organisation is in, `endings` their initials.

    >>> read_name("Association Chorale des Hirondelles, section juniors").core
    ('chorale', 'hirondelles')
    """
    text, acronym = _cut_acronym(text)
    every = _tokens(text)
    meaningful = [t for t in every if t not in known().stop_words]
    body, parts = _cut_parts([t for t in meaningful if t not in known().legal_forms] or meaningful, towns)
    core = [t for t in body if not _is_town(t, towns)] or body
    initials = _initials(every, towns, endings)
    if acronym:
        initials |= {acronym}
    alone = core[0] if len(core) == 1 and not acronym and _is_written_large(core[0], text) else ""
    return Naming(
        core=tuple(sorted(set(core))),
        full=tuple(sorted(set(body))),
        letters="".join(core),
        parts=parts,
        initials=initials | ({alone} - {""}),
        acronym=alone,
        legal=frozenset(t for t in every if t in known().legal_forms),
    )


@lru_cache(maxsize=65536)
def similarity(first: tuple[str, ...], second: tuple[str, ...]) -> float:
    """Return how much two cores agree, 0 to 1, whatever their order; symmetric.

    Words are aligned one by one, with a spelling mistake in long ones; words that say little weigh little.
    """
    if first == second:
        return 1.0
    if _differ_in_head(first, second):
        return min(_OTHER_SORT, _aligned(first, second))
    return _aligned(first, second)


def is_near(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Return whether `similarity` is `NEAR` or more, without working it out where a few words show that it is not."""
    if first == second:
        return True
    if _differ_in_head(first, second):
        return False
    left, right = [t for t in first if t not in second], [t for t in second if t not in first]
    # What is not left over on either side agrees wholly.
    allowed = (1 - NEAR) * (_total(first) + _total(second)) + _ROUNDED
    lost = 0.0
    for ours, theirs in ((left, right), (right, left)):
        for token in ours:
            lost += weight(token) * (1 - max([_alike(token, other) for other in theirs], default=0.0))
            if lost > allowed:
                return False
    return similarity(first, second) >= NEAR


def _differ_in_head(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """A club and a choir of the same place and purpose are two; one without such a word may be either."""
    left, right = _heads(first), _heads(second)
    return bool(left and right) and left != right and _are_apart(left, right)


@lru_cache(maxsize=65536)
def _are_apart(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    return not any(t == o or _alike(t, o) for t in left for o in right)


@lru_cache(maxsize=65536)
def _total(core: tuple[str, ...]) -> float:
    return sum(map(weight, core))


@lru_cache(maxsize=65536)
def _heads(core: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(t for t in core if t in known().head_words)


def _aligned(first: tuple[str, ...], second: tuple[str, ...]) -> float:
    common = set(first).intersection(second)
    left = [t for t in first if t not in common]
    right = [t for t in second if t not in common]
    best = dict.fromkeys((*left, *right), 0.0)
    for ours in left:
        for theirs in right:
            agreed = _alike(ours, theirs)
            if agreed:
                best[ours] = max(best[ours], agreed)
                best[theirs] = max(best[theirs], agreed)
    shared = 2 * sum(map(weight, common))
    total = shared + sum(map(weight, best))
    return (
        round((shared + sum(weight(t) * agreed for t, agreed in best.items() if agreed)) / total, 4) if total else 0.0
    )


@lru_cache(maxsize=65536)
def weight(token: str) -> float:
    """Return how much a word says of an organisation."""
    return _HEAD_WEIGHT if token in known().head_words else 1.0


@lru_cache(maxsize=65536)
def telling_weight(token: str) -> float:
    """Return how much a word tells one organisation from others, fixed: what others are called must not move it."""
    return _TOPIC_WEIGHT if token in known().topic_words else weight(token)


def same_letters(first: str, second: str) -> bool:
    """Return whether two long names differ by a slip of the pen at most, a blank in the wrong place among them."""
    shorter, difference = min(len(first), len(second)), abs(len(first) - len(second))
    if difference > _SLIPS:
        return False
    allowed = 0 if shorter < 10 else 1 if shorter < 20 else 2
    return OSA.distance(first, second, score_cutoff=allowed) <= allowed


def same_parts(first: frozenset[str], second: frozenset[str]) -> bool:
    """Return whether both name the same part, or none; a slip of the pen in a long word is forgiven."""
    if first == second:
        return True
    left, right = first - second, second - first
    return len(left) == len(right) == 1 and _alike(*left, *right) > 0 and min(map(len, (*left, *right))) >= 6


@lru_cache(maxsize=65536)
def _alike(first: str, second: str) -> float:
    """Return the share of agreement of two words, 0 where they are different words."""
    shorter, longer = len(first), len(second)
    if shorter > longer:
        shorter, longer = longer, shorter
    if shorter < 4 or longer - shorter > 2 or first.isdigit() or second.isdigit():
        return 0.0
    allowed = 2 if shorter >= 9 else 1
    distance = OSA.distance(first, second, score_cutoff=allowed)
    if distance > allowed:
        return 0.0
    return 0.9 if distance == 1 else 0.85


def _cut_acronym(text: str) -> tuple[str, str]:
    """Take "(USL)" or "USL - " out where it is the initials of the rest: else it may name a part."""
    for form in (_IN_BRACKETS, _IN_FRONT):
        found = form.search(text)
        if found is None:
            continue
        rest = (text[: found.start()] + " " + text[found.end() :]).strip()
        acronym = "".join(words(found[1]))
        meaningful = [t for t in _tokens(rest) if t not in known().stop_words]
        initials = "".join(t[0] for t in meaningful)
        if len(acronym) >= 2 and initials and (acronym in initials or initials in acronym):
            return rest, acronym if len(acronym) >= 3 else ""
    return text, ""


def _is_written_large(token: str, text: str) -> bool:
    """Whether the word stands in capitals: it may be an acronym."""
    return 3 <= len(token) <= 8 and any("".join(words(large)) == token for large in _LARGE.findall(text))


def _tokens(text: str) -> list[str]:
    """Folded words, letters with dots joined (F.C. is fc), abbreviations written out."""
    found = words(text)
    if sum(len(word) == 1 for word in found) > 1:
        found = _joined_letters(found)
    abbreviations = known().abbreviations
    return [abbreviations.get(token, token) for token in found]


def _joined_letters(tokens: list[str]) -> list[str]:
    found: list[str] = []
    for single, run in groupby(tokens, key=lambda word: len(word) == 1 and word.isalpha()):
        letters = list(run)
        found.extend(["".join(letters)] if single and len(letters) > 1 else letters)
    return found


def _cut_parts(tokens: list[str], towns: frozenset[str]) -> tuple[list[str], frozenset[str]]:
    """Divide a name into the name of the whole and the words that name a part of it."""
    body: list[str] = []
    parts: set[str] = set()
    for index, token in enumerate(tokens):
        if body and _heads_a_part(token):
            parts.update([t for t in tokens[index + 1 :] if t not in towns] or [token])
            break
        part = _part(token)
        if part:
            # "Jeunesses de la Rive, Jeunesse" is the youth of what calls itself so.
            parts.add(f"{part} again" if part in parts else part)
        else:
            body.append(token)
    return (body, frozenset(parts)) if body else (tokens, frozenset())


@lru_cache(maxsize=65536)
def _heads_a_part(token: str) -> bool:
    """Whether a word says that a part follows, one spelling mistake forgiven in long ones: a troupe is no groupe."""
    heads = known().part_heads
    if token in heads or len(token) < 7:
        return token in heads
    return any(OSA.distance(token, head, score_cutoff=1) <= 1 for head in heads if len(head) >= 6)


@lru_cache(maxsize=65536)
def _part(token: str) -> str:
    """Return the part word that a token is, one spelling mistake forgiven in long ones, or nothing."""
    listed = known().parts
    if token in listed or (token.isdigit() and len(token) < 4):
        return token
    if len(token) < 6 or token in known().head_words:
        return ""
    near = extractOne(token, _long_parts(), scorer=OSA.distance, score_cutoff=1)
    return near[0] if near else ""


@cache
def _long_parts() -> list[str]:
    return sorted(word for word in known().parts if len(word) >= 6)


def _is_town(token: str, towns: frozenset[str]) -> bool:
    if token in towns or len(token) <= 5:
        return token in towns
    return any(_alike(token, town) for town in towns if -2 <= len(town) - len(token) <= 2)


def _initials(every: list[str], towns: frozenset[str], endings: frozenset[str]) -> frozenset[str]:
    """Acronyms under which the name may be known: of all its words, without legal form, with or without its town."""
    bare = [t for t in every if t not in known().legal_forms]
    found = initials_of(every)
    if len(bare) < len(every):
        found |= initials_of(bare)
    if towns.isdisjoint(every):
        found |= {short + end for short in tuple(found) for end in endings}
    else:
        found |= initials_of([t for t in bare if t not in towns])
    return frozenset([short for short in found if 3 <= len(short) <= 8])


def initials_of(said: Sequence[str]) -> set[str]:
    """Return the first letters of words; small words count or not: Cercle sur Lac is CL or CSL.

    >>> sorted(initials_of(["cercle", "sur", "lac"]))
    ['cl', 'csl']
    """
    stops = known().stop_words
    found = {"".join([t[0] for t in said if t not in stops])}
    if not _KEPT_SMALL.isdisjoint(said):
        found.add("".join([t[0] for t in said if t not in stops or t in _KEPT_SMALL]))
    return found
