"""Errors in one shape (RFC 9457). A problem says what the request alone explains, never what the data would."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson

MEDIA_TYPE: Final = b"application/problem+json"

#: Code (the last segment of `type`) → status, title.
PROBLEMS: Final[dict[str, tuple[int, str]]] = {
    "unknown-parameter": (400, "This address has no such parameter"),
    "invalid-parameter": (400, "The value of a parameter cannot be understood"),
    "invalid-token": (401, "The access token is unknown, expired or suspended"),
    "live-only": (403, "Your agreement lets you show what you ask for, and keep nothing"),
    "agreement-needed": (403, "Whoever keeps the list has not signed the contribution agreement"),
    "not-found": (404, "There is nothing here"),
    "method-not-allowed": (405, "This address cannot be used in this way"),
    "not-acceptable": (406, "There is no such format here"),
    "too-large": (413, "The request is too large"),
    "unsupported-media-type": (415, "A body of this type cannot be understood here"),
    "unreadable-list": (422, "The body is no list that can be read"),
    "key-reused": (422, "Something else was sent under this idempotency key"),
    "gone": (410, "The record was deleted and is to be erased"),
    "too-many-requests": (429, "Too many requests"),
    "unavailable": (503, "A change is being carried out; try again shortly"),
    "internal-error": (500, "Something went wrong here"),
}

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass
class Problem(Exception):
    """An answer that is an error; raised where it is found, written by `body`."""

    code: str
    detail: str = ""
    parameter: str | None = None
    headers: Headers = ()
    more: Mapping[str, object] = field(default_factory=dict)
    """Further members."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        return PROBLEMS[self.code][0]

    def body(self, base_url: str) -> bytes:
        """The problem document."""
        status, title = PROBLEMS[self.code]
        shown: dict[str, object] = {
            "type": f"{base_url}/api/problems/{self.code}",
            "title": title,
            "status": status,
        }
        if self.detail:
            shown["detail"] = self.detail
        if self.parameter is not None:
            shown["parameter"] = self.parameter
        shown |= self.more
        return orjson.dumps(shown)


def problem_schema() -> dict[str, object]:
    """The JSON Schema of every problem."""
    return {
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {
                "type": "string",
                "format": "uri",
                "description": "Its last segment is the code: " + ", ".join(PROBLEMS) + ".",
            },
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "parameter": {"type": "string", "description": "The parameter that is unknown or malformed."},
            "violated-policies": {
                "type": "array",
                "items": {"type": "string"},
                "description": "The limits that were reached, by their names in `RateLimit-Policy`.",
            },
            "exports": {
                "type": "array",
                "items": {"type": "string", "format": "uri"},
                "description": "Where everything of a kind is, in one answer.",
            },
            "changes": {"type": "string", "format": "uri", "description": "Where what changes since is told."},
        },
    }
