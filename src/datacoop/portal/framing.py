"""Pages that stand by themselves or in a frame of another site (docs/embedding.md)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import override

from datacoop.disclosure.errors import Due
from datacoop.portal.catalogue import LANGUAGES
from datacoop.portal.pages import busy_page
from datacoop.portal.templatetags.portal import language


@dataclass(frozen=True)
class Framing:
    """Whether a form stands on a page of ours or in a frame on another site, and where it is sent."""

    address: str
    framed: bool = False

    @property
    def around(self) -> str:
        """The template round it."""
        return "portal/correcting/frame.html" if self.framed else "portal/base.html"


def framed(request: HttpRequest, answered: Callable[[Framing], HttpResponse]) -> HttpResponse:
    """Answer in the language that the frame's address asks for, else the visitor's; 503 in it too while it is due."""
    framing, wished = Framing(request.get_full_path(), framed=True), request.GET.get("lang", "")
    with override(wished if wished in LANGUAGES else language()):
        try:
            return answered(framing)
        except Due:
            return busy_page(request, {"framing": framing})
