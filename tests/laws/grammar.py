"""The grammar of requests that law 2 is judged by: every address of the OpenAPI document, asked in every way."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from datacoop.api.openapi import document
from datacoop.api.routes import COUNTED
from datacoop.api.site import Site
from datacoop.feeds import hsds
from datacoop.feeds.registry import formats_of
from datacoop.kinds.definition import Kind, all_kinds
from tests.laws import worlds
from tests.laws.worlds import CLIENTS, LABELS

#: Addresses that the redacted world cannot answer alike, all of them (decision 0029). They tell the size and the
#: root of the chain once a day, never of what: a reader learns that something was noted, as everybody does. Shrink it.
BEYOND = frozenset(
    {
        "/api/v1/ledger/checkpoints",
        "/api/v1/ledger/consistency",
        "/api/v1/ledger/inclusion",
        "/.well-known/jwks.json",
    }
)
SITE = Site(base_url="https://datacoop.example", rate_per_minute=0, client_rate_per_minute=0)


@dataclass(frozen=True)
class Request:
    path: str
    query: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()

    def __str__(self) -> str:
        return f"{self.path}?{self.query} {self.headers or ''}"


@cache
def client_id(client: str, uid: str) -> str:
    """One AES block under the agreement's key."""
    if client == "public":
        return ""
    key = algorithms.AES(bytes([list(CLIENTS).index(client) + 1]) * 16)
    cipher = Cipher(key, modes.ECB()).encryptor()
    return str(uuid.UUID(bytes=cipher.update(uuid.UUID(uid).bytes) + cipher.finalize()))


@cache
def listed() -> tuple[Kind, ...]:
    """The kinds that have a list."""
    return tuple(kind for kind in all_kinds().values() if kind.list_route)


_WORDS = {
    "q": (
        "alpha",
        "lac",
        "chanter",
        "exemplaire",
        "rue du lac",
        "info alpha example",
        "alp",
        "alpa",
        "soigner",
        "soignr",
        "exmplaire",
        "t3xalpha",
        "\u0153",
    ),
    "theme": ("culture", "culture/chant", "sport", "sante", "sante/vih", "social/refuge", ""),
    "commune": ("5586", "Lausanne", "Annemasse", "=Annemasse", ""),
    "territory": ("vd", "nowhere"),
    "bbox": ("6.5,46.4,6.8,46.6", "5.9,45.8,10.5,47.8"),
    "near": ("46.5174,6.6389",),
    "from": ("2030-06-01", "2030-06-02T00:00:00Z"),
    "until": ("2030-06-02", "2030-06-01T00:00:00Z"),
    "sort": ("name", "-name", "start", "-start", "distance", "email", "modified", "seq", "phones"),
    "limit": ("1", "2", "200", "0"),
    "cursor": ("bm9uZQ", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    "after": ("bm9uZQ",),
    "count": ("true", "false"),
    "fields": ("name", "title", "email,phones", "sources", "password"),
    "lang": ("de", "rm"),
    "zoom": ("3", "12"),
    "search": ("alpha", "lac", "t3xalpha"),
    "taxonomy_term_id": tuple(each["id"] for each in hsds.terms("fr") if each["code"] in {"culture/chant", "sante"}),
    "languages": ("fr", "de", "xx"),
    "status": ("confirmed", "cancelled"),
}
_HIDDEN = (
    "email=lac@example.org",
    "phones=x",
    "person=x",
    "email.x=1",
    "sort=organiser.email",
    "where=1",
    "fields[]=a",
)


@cache
def standard_requests() -> tuple[Request, ...]:
    """Every route of the OpenAPI document with every parameter and value, alone; ids of everybody; other formats."""
    found: dict[Request, None] = {}
    for path, methods in document(SITE)["paths"].items():
        if "get" not in methods or path in BEYOND:
            continue
        if path.startswith(COUNTED):
            found.update((each, None) for each in _in_others_words(path, methods["get"]))
            continue
        parameters = [p for p in methods["get"].get("parameters", ()) if p["in"] == "query"]
        queries = ["", *_HIDDEN]
        for each in parameters:
            if _is_told_elsewhere(path, each["name"]):
                continue
            queries += [f"{each['name']}={quote(value)}" for value in values_of(each)]
        for full in _paths(path):
            some = queries if "{" not in path else ["", "fields=name", "lang=de", "email=x"]
            found.update((Request(full, query), None) for query in some)
    for kind in listed():
        for layout in formats_of(kind):
            found[Request(f"/api/v1/{kind.plural}.{layout.EXTENSION}")] = None
        accept = ((b"accept", b"text/csv;q=0.5, application/geo+json"), (b"accept-language", b"de"))
        found[Request(f"/api/v1/{kind.plural}", "", accept)] = None
        base = f"/api/v1/{kind.plural}"
        both = ("q=alpha&sort=-name", "q=lac&theme=culture", "near=46.5,6.6&radius_km=50&sort=distance", "theme=&q=lac")
        for query, end in itertools.product(
            (*both, "theme=sport&theme=culture", "q=alpha&count=false"), ("", "/facets")
        ):
            found[Request(base + end, query)] = None
    return tuple(found)


def _in_others_words(path: str, operation: dict[str, Any]) -> Iterator[Request]:
    """What tells records in others' words is asked less: underneath are the same look-ups, and Django is slow."""
    name = path.split("/")[2] if path.startswith("/hsds/") else ""
    for full in _ids_of(path, hsds.LISTS.get(name)):
        yield Request(full)
    if "{" in path or name not in hsds.LISTS:
        return
    yield from (Request(path, query) for query in ("email=x", "per_page=1&page=2", "per_page=1&page=2&search=lac"))
    for each in operation["parameters"]:
        if each["name"] not in {"page", "per_page"}:
            yield from (Request(path, f"{each['name']}={quote(value)}") for value in values_of(each)[:3])


def _ids_of(path: str, kind: str | None) -> list[str]:
    """The address, with the ids of every record of a kind, as the public and as a client know them."""
    if "{id}" not in path:
        return [path]
    uids = [str(worlds.uid_of(label)) for label in LABELS if worlds.kind_of(label) == kind]
    ids = [*uids, *(client_id("A", uid) for uid in uids), str(worlds.uid_of("nobody"))]
    return [path.replace("{id}", each) for each in ids]


def _is_told_elsewhere(path: str, name: str) -> bool:
    """Facets, clusters and exports read some parameters as lists do: once is enough."""
    if "/exports/" in path:
        return name != "after" and ".ndjson" not in path
    return path.endswith(("/facets", "/clusters")) and name in {"sort", "limit", "cursor", "count", "fields", "lang"}


def values_of(parameter: dict[str, Any]) -> list[str]:
    """The values a parameter is tried with: ours, those of its schema, and a reference to each record."""
    name, schema = parameter["name"], parameter["schema"]
    schema = schema.get("items", schema)
    known = [str(each) for each in (*schema.get("enum", ()), *schema.get("examples", ()))]
    found = [*_WORDS.get(name, ()), *known[:3]]
    if name in ("organiser", "organisation", "activity", "person", "organization_id"):
        found += [str(worlds.uid_of(label)) for label in ("o0", "o1", "a0", "p0")]
        found += [client_id("A", str(worlds.uid_of("o0")))]
    return list(dict.fromkeys(found)) or ["x"]


def _paths(path: str) -> list[str]:
    if "{id}" not in path:
        return [path]
    uids = [str(worlds.uid_of(label)) for label in LABELS]
    ids = [*uids, *(client_id(c, uid) for c in ("A", "C") for uid in uids), "x", str(worlds.uid_of("nobody"))]
    return [path.replace("{id}", each) for each in ids]
