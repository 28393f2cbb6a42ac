"""Which format and which language an answer has: by the address's ending, else by `Accept`. Pure."""

from collections.abc import Sequence
from functools import lru_cache

from datacoop.api.problems import Problem
from datacoop.feeds.formatting import LANGUAGES, Format
from datacoop.feeds.registry import all_formats, formats_of
from datacoop.kinds.definition import Kind

DEFAULT_LANGUAGE = LANGUAGES[0]


@lru_cache(maxsize=1024)
def format_for(kind: Kind, extension: str, accept: str) -> Format:
    """The format of an answer about a kind. Raises: Problem not-found for an ending nobody has, not-acceptable."""
    known = formats_of(kind)
    if extension:
        found = next((each for each in known if extension == each.EXTENSION), None)
        if found is None:
            raise Problem("not-found")
        return found
    chosen = preferred(accept, [media for each in known for media in each.MEDIA_TYPES])
    for each in known:
        if chosen in each.MEDIA_TYPES:
            return each
    raise not_acceptable([each.MEDIA_TYPES[0] for each in known])


@lru_cache(maxsize=1024)
def check_json(accept: str, media: str = "application/json") -> None:
    """Routes with one format: refuse callers who want none of it. Raises: Problem."""
    if preferred(accept, (media, "application/json")) is None:
        raise not_acceptable([media])


def not_acceptable(offered: Sequence[str]) -> Problem:
    """The problem that names what there is."""
    return Problem("not-acceptable", f"There is: {', '.join(offered)}.")


def preferred(accept: str, offered: Sequence[str]) -> str | None:
    """The media type of `offered` a caller likes best (RFC 9110 section 12.5.1); among equals the first offered.

    The most specific range that matches a type decides its quality. Ranges we cannot read are passed over.
    """
    ranges = [found for part in accept.split(",") if (found := _range(part)) is not None]
    if not ranges:
        return offered[0] if not accept.strip() else None
    best, best_quality = None, 0.0
    for media in offered:
        quality = _quality(media.partition(";")[0], ranges)
        if quality > best_quality:
            best, best_quality = media, quality
    return best


def _quality(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    wide = media.partition("/")[0] + "/*"
    for wanted in (media, wide, "*/*"):
        found = [quality for name, quality in ranges if name == wanted]
        if found:
            return max(found)
    return 0.0


def _range(part: str) -> tuple[str, float] | None:
    name, *rest = (each.strip() for each in part.lower().split(";"))
    if "/" not in name:
        return None
    for each in rest:
        if each.startswith("q="):
            return (name, _weight(each[2:]))
    return name, 1.0


def _weight(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


@lru_cache(maxsize=1024)
def language_for(accept_language: str) -> str:
    """The first of our languages a caller prefers; for formats that show one only."""
    best, best_quality = DEFAULT_LANGUAGE, 0.0
    for part in accept_language.split(","):
        tag, *rest = (each.strip().lower() for each in part.split(";"))
        language = tag.partition("-")[0]
        quality = next((_weight(each[2:]) for each in rest if each.startswith("q=")), 1.0)
        if language in LANGUAGES and quality > best_quality:
            best, best_quality = language, quality
    return best


def list_extensions() -> list[str]:
    """Every ending an address may have."""
    return [each.EXTENSION for each in all_formats().values()]
