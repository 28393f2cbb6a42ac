"""Who may sit at a holder's desk: whoever was invited to act for it, and stewards on its behalf."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from datacoop.portal.pages import View, acts_for, busy, is_steward, missing, page
from datacoop.sources.owning import HolderFacts, OwnList, find_holder, list_own


@dataclass(frozen=True)
class Desk:
    """A holder's desk, and who sits at it. `actor` is how actions name them: by number, never by name.

    `is_own`: they act for the holder; a steward who does not gives a `reason` for what they look at (`looking`).
    """

    holder: HolderFacts
    actor: str
    for_steward: bool
    is_own: bool
    reason: str = ""

    @property
    def address(self) -> str:
        """Where the desk stands."""
        return f"/desk/{self.holder.uid}"

    @property
    def lists(self) -> list[OwnList]:
        """The holder's lists."""
        return list_own(self.holder.uid)

    def find_list(self, key: str) -> OwnList | None:
        """The holder's list of that key, None for any other."""
        return next((each for each in self.lists if each.key == key), None)


DeskView = Callable[..., HttpResponseBase]


def at_desk(view: DeskView) -> View:
    """Let in whoever may act for the holder named in the address; an unknown one and another's are alike."""

    @wraps(view)
    def guarded(request: HttpRequest, holder: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect("/sign-in")
        steward = is_steward(request)
        is_own = holder in acts_for(request)
        found = find_holder(holder) if steward or is_own else None
        if found is None:
            return page(request, "desk/refused", status=403)
        actor = f"{'steward' if steward else 'account'}:{request.user.pk}"
        return view(request, Desk(found, actor, steward, is_own), *args, **kwargs)

    return never_cache(busy(guarded))


def with_list(view: DeskView) -> DeskView:
    """Find the list an address names among the holder's own."""

    @wraps(view)
    def found(request: HttpRequest, desk: Desk, key: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        own = desk.find_list(key)
        return missing(request) if own is None else view(request, desk, own, *args, **kwargs)

    return found


def only_of(kind: str) -> Callable[[DeskView], DeskView]:
    """Find nothing at the addresses of lists of another kind; to be used inside `with_list`."""

    def only(view: DeskView) -> DeskView:
        @wraps(view)
        def found(request: HttpRequest, desk: Desk, own: OwnList, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, desk, own, *args, **kwargs) if own.kind == kind else missing(request)

        return found

    return only
