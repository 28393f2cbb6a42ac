"""The JSON bodies that clients send to the addresses which change something: one object, of known members only.

Says what the request alone explains; looks nothing up.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from datacoop.api.problems import Problem


def json_object(request: HttpRequest, known: Collection[str], *, may_be_empty: bool = False) -> dict[str, Any]:
    """Return the members of the object that a request carries. Raises: Problem."""
    if request.content_type not in ("", "application/json"):
        raise Problem("unsupported-media-type", "Send application/json.")
    try:
        said = orjson.loads(request.body or b"{}") if may_be_empty else orjson.loads(request.body)
    except RequestDataTooBig:
        raise Problem("too-large") from None
    except orjson.JSONDecodeError:
        raise Problem("invalid-parameter", "The body is no JSON.") from None
    if not isinstance(said, dict):
        raise Problem("invalid-parameter", "The body is a JSON object.")
    unknown = min(said.keys() - set(known), default=None)
    if unknown is not None:
        raise Problem("unknown-parameter", parameter=unknown)
    return said
