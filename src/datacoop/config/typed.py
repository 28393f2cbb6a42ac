"""What people type, before any page reads it: without NUL, which no text has and PostgreSQL cannot keep.

It refuses nothing and changes nothing else. The API reads for itself, and refuses.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, QueryDict

_NUL = "\x00"
_OWN_READING = "/api/"


class TextWithoutNul:
    """Takes NUL out of names and values of forms; one is read when its page asks for it, not before."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(_OWN_READING):
            load = request._load_post_and_files

            def loaded() -> None:
                load()
                request.POST = _without_nul(request.POST)  # type: ignore[assignment]

            request._load_post_and_files = loaded  # type: ignore[method-assign]
        return self.get_response(request)


def _without_nul(form: QueryDict) -> QueryDict:
    if not any(_NUL in text for name, values in form.lists() for text in (name, *values)):
        return form
    found = QueryDict(mutable=True, encoding=form.encoding)
    for name, values in form.lists():
        for value in values:
            found.appendlist(name.replace(_NUL, ""), value.replace(_NUL, ""))
    found._mutable = False
    return found
