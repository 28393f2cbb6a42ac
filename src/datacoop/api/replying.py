"""An answer as Django sends it, for the addresses of the API that Django serves."""

from django.http import HttpResponse

from datacoop.api.answers import Answer


def response(answer: Answer) -> HttpResponse:
    """The answer, with all its headers and no other."""
    found = HttpResponse(answer.body, status=answer.status)
    # Django's own guess; an answer without a body has none.
    del found.headers["Content-Type"]
    for name, value in answer.headers:
        found.headers[name.decode()] = value.decode()
    return found
