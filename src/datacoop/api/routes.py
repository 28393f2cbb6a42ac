"""The addresses of the API as one table: requests are looked up in it, OpenAPI is written from it.

Looked up in dictionaries, never matched by patterns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from datacoop.api import parameters
from datacoop.api.negotiation import list_extensions
from datacoop.api.parameters import Table
from datacoop.feeds.registry import formats_of
from datacoop.kinds.definition import Kind

PREFIX: Final = "/api/v1/"
LIST, ONE, FACETS, CLUSTERS, CHANGES, EXPORT = "list", "one", "facets", "clusters", "changes", "export"
READABLE: Final = ("/hsds", "/catalog")
"""Under these, what we have is told in others' words, to whoever reads from anywhere."""
COUNTED: Final = (*READABLE, "/oauth/token")
"""These, and where tokens are given, are counted here and answered by Django."""
CHAIN: Final = "chain"
"""Routes of the ledger: counted here, answered by Django."""
RETRACTIONS: Final = "retractions"
ACKNOWLEDGEMENTS: Final = "acknowledgements"
"""What changes the world there is counted here, and answered by Django."""
WRITTEN: Final = b"GET, HEAD, POST, OPTIONS"
"""The methods of such a route."""
CONTRIBUTIONS, CONTRIBUTION = "contributions", "contribution"
"""Where holders' programs send lists, and where they ask what came of one: counted here, answered by Django."""
SENT: Final = b"POST, OPTIONS"
"""The methods of the first."""
OF_HOLDERS: Final = frozenset({CONTRIBUTIONS, CONTRIBUTION})
"""Both."""
WEBHOOKS, WEBHOOK, SECRET, REPLAY = "webhooks", "webhook", "webhook secret", "webhook replay"
"""Where clients say at which address they are told that something is new: admitted here, answered by Django."""
OF_CLIENTS: Final[Mapping[str, bytes]] = {WEBHOOKS: WRITTEN, WEBHOOK: b"DELETE, OPTIONS", SECRET: SENT, REPLAY: SENT}
"""All of these, with their methods."""
MOST_AT_ONCE: Final = 1000
"""So many tombstones are told, and acknowledged, in one call."""
FOR_KEEPING: Final = frozenset({CHANGES, EXPORT, *OF_CLIENTS})
"""Routes that make copies, or tell that there is something to copy."""
ALIKE: Final = frozenset({CHAIN, ""})
"""Routes that look at no token: one that is shown there makes nobody a client."""
WORKING: Final = frozenset({FACETS, CLUSTERS})
"""Routes whose queries take long enough for a thread of their own."""

CHAINED: Final[Mapping[str, Table]] = {
    "ledger/checkpoints": parameters.CHECKPOINTS,
    "ledger/consistency": parameters.CONSISTENCY,
    "ledger/inclusion": parameters.INCLUSION,
}


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One address of one kind: what answers it and which parameters it takes; compared by identity, to be a key."""

    name: str
    kind: Kind | None
    parameters: Table
    extension: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: a route, and for single records the id."""

    route: Route
    id: str = ""
    extension: str = ""


#: What is told under `/hsds`.
TOLD: Final = frozenset({"organizations", "services", "taxonomies", "taxonomy_terms"})
_TOLD_LIST, _TOLD_ONE = (Target(Route(name, None, {})) for name in (LIST, ONE))


def counted(path: str) -> Target | None:
    """What a request that Django answers is counted as: a page of a list, a record, or neither."""
    first, name, *rest = [*path.strip("/").split("/"), ""]
    if first != "hsds" or name not in TOLD:
        return None
    return _TOLD_ONE if any(rest) else _TOLD_LIST


class Routes:
    """The compiled table of some kinds."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        """Build every fixed address once; only ids are read from the path."""
        self._fixed: dict[str, Target] = {"changes": Target(Route(CHANGES, None, parameters.changes_parameters()))}
        self._fixed[RETRACTIONS] = Target(Route(RETRACTIONS, None, parameters.changes_parameters()))
        self._fixed[ACKNOWLEDGEMENTS] = Target(Route(ACKNOWLEDGEMENTS, None, {}))
        self._fixed[CONTRIBUTIONS] = Target(Route(CONTRIBUTIONS, None, parameters.contribution_parameters(kinds)))
        self._fixed[WEBHOOKS] = Target(Route(WEBHOOKS, None, {}))
        for name, table in CHAINED.items():
            self._fixed[name] = Target(Route(CHAIN, None, table))
        self._one: dict[str, Route] = {CONTRIBUTIONS: Route(CONTRIBUTION, None, {}), WEBHOOKS: Route(WEBHOOK, None, {})}
        self._below = {f"{WEBHOOKS}/{tail}": Route(f"webhook {tail}", None, {}) for tail in ("secret", "replay")}
        extensions = list_extensions()
        self._extensions = frozenset(extensions)
        for kind in kinds.values():
            self._one[kind.plural] = Route(ONE, kind, parameters.one_parameters(kind))
            if kind.list_route:
                self._add_lists(kind)

    def _add_lists(self, kind: Kind) -> None:
        listing = Route(LIST, kind, parameters.list_parameters(kind))
        self._fixed[kind.plural] = Target(listing)
        self._fixed[f"{kind.plural}/facets"] = Target(Route(FACETS, kind, listing.parameters))
        clusters = Route(CLUSTERS, kind, parameters.cluster_parameters(kind))
        self._fixed[f"{kind.plural}/clusters"] = Target(clusters)
        exporting = parameters.export_parameters(kind)
        for each in formats_of(kind):
            self._fixed[f"{kind.plural}.{each.EXTENSION}"] = Target(listing, extension=each.EXTENSION)
            route = Route(EXPORT, kind, exporting, each.EXTENSION)
            self._fixed[f"exports/{kind.plural}.{each.EXTENSION}"] = Target(route, extension=each.EXTENSION)

    def find(self, path: str) -> Target | None:
        """The target of what follows the prefix, None if there is nothing."""
        found = self._fixed.get(path)
        if found is not None:
            return found
        plural, _, rest = path.partition("/")
        rest, _, tail = rest.partition("/")
        route = self._below.get(f"{plural}/{tail}") if tail else self._one.get(plural)
        if route is None or not rest or path.endswith("/"):
            return None
        id_text, dot, extension = rest.partition(".")
        if dot and extension not in self._extensions:
            return None
        return Target(route, id_text, extension)
