"""A client that reads with its token, and acknowledges."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tests.api import world
from tests.api.world import Caller

ADDRESS = "/api/v1/acknowledgements"


class City:
    """A client that reads, and acknowledges."""

    def __init__(self, caller: Caller, name: str = "Ville", *, live_only: bool = False) -> None:
        self.caller = caller
        self.agreement, self.token = world.token_of_client(name, live_only=live_only)

    def get(self, path: str) -> Any:
        return self.caller.get(f"/api/v1/{path}", authorization=f"Bearer {self.token}")

    def says(self, tombstone: object, state: str = "erased", **more: object) -> Any:
        name = "tombstones" if isinstance(tombstone, list) else "tombstone"
        return self.posts({name: tombstone, "state": state, **more})

    def posts(self, body: object, content_type: str = "application/json") -> Any:
        headers = {"authorization": f"Bearer {self.token}"}
        return Client().post(ADDRESS, body, content_type=content_type, headers=headers)

    def owed(self) -> list[dict[str, Any]]:
        """What the feed tells it to erase."""
        items = self.get("changes?limit=500").json()["items"]
        return [each.get("erase", each) for each in items if "erase" in each or "tombstone" in each]


def withdrawn(city: City, number: int = 1, prop: str | None = "email") -> str:
    """A choir that the client fetched, and that then hides something, or itself; its uid."""
    uid = world.add("organisation", number, name=f"Chœur {number}", email=f"choeur{number}@example.org")
    assert city.get(f"organisations/{uid}").status == 200
    world.wish(uid, "public", shows=False, property=prop)
    return uid
