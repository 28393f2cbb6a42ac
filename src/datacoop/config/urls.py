"""Which room answers which address. Rooms keep their own lists of addresses; nothing is decided here."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

# The API's read routes are answered before Django (config.asgi); `api` here is what changes the world.
_ADDRESSES = (("", "datacoop.api.urls"), ("", "datacoop.feeds.urls"), ("", "datacoop.portal.urls"))

urlpatterns: list[URLPattern | URLResolver] = [
    path(prefix, include(module))
    for prefix, module in _ADDRESSES
    if find_spec(module.rpartition(".")[0]) and find_spec(module)
]

# The portal's pages for what went wrong; the API answers its own mistakes.
handler404 = "datacoop.portal.pages.missing"
handler500 = "datacoop.portal.pages.broken"
